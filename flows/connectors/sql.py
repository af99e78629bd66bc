"""A table of PostgreSQL, MySQL or MariaDB: read only, in one snapshot, some thousand rows at once.

The place writes one SELECT for its system. Rows come in the order of `key`, and each page begins
behind the last row of the one before. With `changed` only what changed since the last pull is asked
for, so a row that was deleted is not noticed; without it everything is, and `delivery = "snapshot"`
removes what is gone.

A time without a zone is what `time_zone` says: UTC in Fab-manager's PostgreSQL, Paris in Dolibarr
and Galette. The session has this zone too, whatever the server's own is: so `now()` and instants
(`timestamptz`, MySQL's TIMESTAMP) compare rightly with such times. `0000-00-00` is no date. A
database has no pages: ours hold one JSON object a row.

Unverified: MySQL itself; the tests ask MariaDB. One snapshot is of InnoDB: MyISAM has none.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator

from flows.connectors._journal import Answer, Journal, answers, recorded
from flows.connectors._json import Row, check_fields, pages_of
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.errors import SourceError
from flows.language import _
from flows.records import Declares, Delivery, Page, Pull
from flows.sources import Source

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, TextClause
    from sqlalchemy import Row as Found

ROWS_A_PAGE = 5000
ANSWER_SECONDS = 300
"""How long a page may take: a table that is locked would hold the warehouse for hours."""
MYSQL_TIMESTAMP = 7
"""What the protocol calls this type of a column."""
MYSQL_LOST = 2013
"""The driver's number for a connection that ended before the answer."""
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
SNAPSHOT = {
    "postgresql": [
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
        "SET LOCAL TIME ZONE '{zone}'",
        "SET LOCAL statement_timeout = '{seconds}s'",
    ],
    "mysql": [
        "SET SESSION time_zone = '{offset}'",  # most servers do not know zones by their names
        "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ",
        "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
    ],
}
NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"


class Options(Declared):
    select: str
    """One SELECT; its columns are the headers."""
    key: str = Field(pattern=NAME)
    """The column that tells rows apart and by which they are put in order."""
    changed: str | None = Field(default=None, pattern=NAME)
    """The column that says when a row last changed."""
    time_zone: str = "UTC"

    @field_validator("time_zone")
    @classmethod
    def zone_is_known(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError(
                _("there is no time zone {name!r}: write it like Europe/Paris").format(name=name)
            )
        return name


DECLARES = Declares(Options)

SAMPLE = recorded(
    ("columns", b'["id", "start_at"]'),
    ("rows", b'[{"id":1,"start_at":"2026-10-05T14:00:00+02:00"},{"id":2}]'),
)


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Raises SourceError for whatever the database says; its own words may quote a value."""
    import sqlalchemy

    options = Options.model_validate(source.options)
    begun = datetime.now(ZoneInfo(options.time_zone))
    journal = Journal(source, pull)
    journal.file.truncate()  # a snapshot cannot be taken up again
    try:
        with reading(source, pull, begun) as connection:
            since = pull.since if options.changed else None
            for asked, rows in pages(connection, options, begun, since):
                body = json.dumps(rows, ensure_ascii=False).encode()
                journal.add(Answer(asked, 200, {}, body))
        return [journal.finish(first_day=since.date() if since else None)]
    except sqlalchemy.exc.SQLAlchemyError as fault:
        if is_late(fault):
            raise SourceError(
                _("the database did not answer within {seconds} s").format(seconds=ANSWER_SECONDS),
                where=source.id,
                remedy=_("see what locks its tables at this hour, or let `select` ask for less"),
            ) from None
        raise SourceError(
            _("the database refuses ({kind})").format(kind=kind_of(fault)),
            where=source.id,
            remedy=_("check `url`, the secret, and that this account may read what `select` names"),
        ) from None
    finally:
        journal.file.close()


def kind_of(fault: Exception) -> str:
    """The class that the driver gives the fault, without its message."""
    return type(getattr(fault, "orig", None) or fault).__name__


def is_late(fault: Exception) -> bool:
    """PostgreSQL cancels the statement; MySQL's driver gives up on the socket."""
    said = getattr(fault, "orig", None) or fault
    gave_up = said.args[:1] == (MYSQL_LOST,) and isinstance(said.__context__, TimeoutError)
    return gave_up or kind_of(fault) == "QueryCanceled"


@contextmanager
def reading(source: Source, pull: Pull, begun: datetime) -> Iterator["Connection"]:
    """A transaction that sees one state of the database and can change none."""
    engine = open_engine(source, pull)
    given = {
        "zone": begun.tzinfo, "offset": begun.isoformat()[-len("+00:00") :],
        "seconds": ANSWER_SECONDS,
    }  # fmt: skip
    try:
        with engine.connect() as connection:
            for statement in SNAPSHOT[engine.dialect.name]:
                connection.exec_driver_sql(statement.format(**given))
            yield connection
            connection.rollback()
    finally:
        engine.dispose()


def open_engine(source: Source, pull: Pull) -> "Engine":
    import sqlalchemy

    try:
        url = sqlalchemy.make_url(source.url)
        url = url.set(drivername=DRIVERS[url.drivername])
    except (sqlalchemy.exc.ArgumentError, KeyError):
        raise SourceError(
            _("this is not the address of a database that is read"), where=f"{source.id}, url",
            remedy=_("write it like postgresql://reader@host/name, mysql:// or mariadb://"),
        ) from None  # fmt: skip
    if source.token:
        url = url.set(password=secret(source, pull.folder))
    return sqlalchemy.create_engine(
        url, hide_parameters=True, connect_args=patience(url.get_backend_name())
    )


def patience(database: str) -> dict[str, int]:
    """How long the driver waits: for a connection, and on one that died without a word.

    MySQL's driver gives up on an answer. That of PostgreSQL asks in two minutes whether the other
    end is there at all; the server counts how long a statement takes, see SNAPSHOT.
    """
    if database == "mysql":
        limits = {"read_timeout": ANSWER_SECONDS, "write_timeout": ANSWER_SECONDS}
    else:
        limits = {"keepalives_idle": 60, "keepalives_interval": 15, "keepalives_count": 4,
                  "tcp_user_timeout": 120_000}  # fmt: skip
    return {"connect_timeout": 10, **limits}


def pages(
    connection: "Connection", options: Options, begun: datetime, since: datetime | None
) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """The names of the columns, then rows; each page with what it was asked for."""
    zones = zones_of(connection, options, begun)
    names = list(zones)
    check_columns(options, names)
    yield {"path": "columns", "select": options.select}, names
    changed_at = None
    if options.changed and since:
        changed_at = since.astimezone(zones[options.changed]).replace(tzinfo=None)
    key, last = names.index(options.key), None
    while True:
        rows = rows_behind(connection, options, last, changed_at)
        check_keys(options, [row[key] for row in rows])
        told = [
            {name: plain(cell, zones[name]) for name, cell in zip(names, row, strict=True)}
            for row in rows[:ROWS_A_PAGE]
        ]
        yield {"path": "rows", "after": plain(last, zones[options.key])}, told
        if len(rows) <= ROWS_A_PAGE:
            return
        last = rows[ROWS_A_PAGE - 1][key]


def zones_of(connection: "Connection", options: Options, begun: datetime) -> dict[str, tzinfo]:
    """Column → zone of its times where they come without one; no row is asked for.

    MySQL tells an instant (TIMESTAMP, in the zone of the session) from the time on a wall
    (DATETIME) by the type alone.
    """
    result = connection.execute(statement_of(options, " LIMIT 0"))
    instants = (MYSQL_TIMESTAMP,) if connection.dialect.name == "mysql" else ()
    of_session, of_table = timezone(begun.utcoffset() or timedelta()), ZoneInfo(options.time_zone)
    return {
        column[0]: of_session if column[1] in instants else of_table
        for column in result.cursor.description
    }


def rows_behind(
    connection: "Connection", options: Options, last: Any, changed_at: datetime | None
) -> Sequence["Found[Any]"]:
    """The rows of one page and the one after it, in the order of the key."""
    quote = connection.dialect.identifier_preparer.quote
    key = quote(options.key)
    tests, given, order = ["TRUE"], {}, f"q.{key}"
    if last is not None:
        tests.append(f"q.{key} > :last")
        given["last"] = last
    elif connection.dialect.name == "postgresql":
        order += " NULLS FIRST"  # as in MySQL: there they are seen
    if options.changed and changed_at:
        tests.append(f"q.{quote(options.changed)} >= :changed_at")
        given["changed_at"] = changed_at
    rest = f" WHERE {' AND '.join(tests)} ORDER BY {order} LIMIT {ROWS_A_PAGE + 1}"
    return connection.execute(statement_of(options, rest), given).fetchall()


def statement_of(options: Options, rest: str) -> "TextClause":
    """The place's SELECT, in which a colon is a colon, and what is ours behind it."""
    import sqlalchemy

    select = options.select.replace(":", "\\:")
    return sqlalchemy.text(f"SELECT q.* FROM ({select}) AS q{rest}")


def check_columns(options: Options, names: list[str]) -> None:
    for key in ("key", "changed"):
        wanted = getattr(options, key)
        if wanted and wanted not in names:
            raise SourceError(
                _("`select` gives no column {wanted!r}").format(wanted=wanted),
                where=f"options.{key}",
                remedy=_("add it to `select`: it gives {names}").format(names=", ".join(names)),
            )


def check_keys(options: Options, keys: list[Any]) -> None:
    """Raises SourceError where a page could end between two rows that look the same."""
    if None in keys or len(set(keys)) < len(keys):
        raise SourceError(
            _("{key!r} is empty, or the same in two rows").format(key=options.key),
            where="options.key",
            remedy=_("name a column that tells all rows of `select` apart"),
        )


def plain(cell: Any, zone: tzinfo) -> Any:
    """A cell as JSON can hold it; a time without a zone gets that of the database."""
    if isinstance(cell, datetime):
        return (cell if cell.tzinfo else cell.replace(tzinfo=zone)).astimezone(UTC).isoformat()
    if isinstance(cell, date | time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return str(cell)
    if isinstance(cell, Decimal | UUID):
        return str(cell)
    if isinstance(cell, str) and cell.startswith("0000-00-00"):
        return None
    return cell if isinstance(cell, str | int | float | bool) else None


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    told = answers(stream)
    check_fields(set(next(told).json()), name, source)
    wanted = list(source.wanted_headers())

    def rows_of(record: Any) -> list[Row]:
        return [{header: record[header] for header in wanted}]

    yield from pages_of((answer.json() for answer in told), name, source, rows_of)
