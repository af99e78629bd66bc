"""A table of PostgreSQL, MySQL or MariaDB: read only, in one snapshot, some thousand rows at once.

The place writes one SELECT for its system. Rows come in the order of `key`, and each page begins
behind the last row of the one before. With `changed` only what changed since the last pull is asked
for, so a row that was deleted is not noticed; without it everything is, and `delivery = "snapshot"`
removes what is gone.

A time without a zone is what `time_zone` says: UTC in Fab-manager's PostgreSQL, Paris in Dolibarr
and Galette. `0000-00-00` is no date. A database has no pages: ours hold one JSON object a row.
Unverified: MySQL and MariaDB, of which no server could be installed beside the tests.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field

from flows.connectors._journal import Answer, Journal, answers, recorded
from flows.connectors._json import Row, check_fields, pages_of
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.errors import SourceError
from flows.language import _
from flows.places import Source
from flows.records import Declares, Delivery, Page, Pull

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

ROWS_A_PAGE = 5000
DRIVERS = {
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mysql+pymysql",
}
SNAPSHOT = {
    "postgresql": ["SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"],
    "mysql": [
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


DECLARES = Declares(Options)

SAMPLE = recorded(
    ("columns", b'["id", "start_at"]'),
    ("rows", b'[{"id":1,"start_at":"2026-10-05T14:00:00+02:00"},{"id":2}]'),
)


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Raises SourceError for whatever the database says; its own words may quote a value."""
    import sqlalchemy

    options = Options.model_validate(source.options)
    journal = Journal(source, pull)
    journal.file.truncate()  # a snapshot cannot be taken up again
    try:
        with reading(source, pull) as connection:
            since = pull.since if options.changed else None
            for asked, rows in pages(connection, options, since):
                body = json.dumps(rows, ensure_ascii=False).encode()
                journal.add(Answer(asked, 200, {}, body))
        return [journal.finish(first_day=since.date() if since else None)]
    except sqlalchemy.exc.SQLAlchemyError as fault:
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


@contextmanager
def reading(source: Source, pull: Pull) -> Iterator["Connection"]:
    """A transaction that sees one state of the database and can change none."""
    engine = open_engine(source, pull)
    try:
        with engine.connect() as connection:
            for statement in SNAPSHOT[engine.dialect.name]:
                connection.exec_driver_sql(statement)
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
    return sqlalchemy.create_engine(url, hide_parameters=True, connect_args={"connect_timeout": 10})


def pages(
    connection: "Connection", options: Options, since: datetime | None
) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """The names of the columns, then rows; each page with what it was asked for."""
    import sqlalchemy

    zone = ZoneInfo(options.time_zone)
    quote = connection.dialect.identifier_preparer.quote
    conditions = [f"q.{quote(options.changed)} >= :since"] if options.changed and since else []
    last: Any = None
    while True:
        where = [*conditions, *([f"q.{quote(options.key)} > :last"] if last is not None else [])]
        filtered = f" WHERE {' AND '.join(where)}" if where else ""
        statement = (
            f"SELECT q.* FROM ({options.select}) AS q{filtered} "
            f"ORDER BY q.{quote(options.key)} LIMIT {ROWS_A_PAGE}"
        )
        known = {
            "last": last,
            "since": since.astimezone(zone).replace(tzinfo=None) if since else None,
        }
        used = {name: value for name, value in known.items() if f":{name}" in filtered}
        result = connection.execute(sqlalchemy.text(statement), used)
        names = list(result.keys())
        rows = result.fetchall()
        if last is None:
            check_columns(options, names)
            yield {"path": "columns", "select": options.select}, names
        told = [
            {name: plain(cell, zone) for name, cell in zip(names, row, strict=True)} for row in rows
        ]
        yield {"path": "rows", "after": plain(last, zone)}, told
        if len(rows) < ROWS_A_PAGE:
            return
        last = rows[-1][names.index(options.key)]


def check_columns(options: Options, names: list[str]) -> None:
    for key in ("key", "changed"):
        wanted = getattr(options, key)
        if wanted and wanted not in names:
            raise SourceError(
                _("`select` gives no column {wanted!r}").format(wanted=wanted),
                where=f"options.{key}",
                remedy=_("add it to `select`: it gives {names}").format(names=", ".join(names)),
            )


def plain(cell: Any, zone: ZoneInfo) -> Any:
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
