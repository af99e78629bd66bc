"""A warehouse of an older program goes on, or stays as it was; nothing of it is lost."""

from __future__ import annotations

import hashlib
import json
import lzma
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from flows.errors import ConfigurationError, ImpactError
from flows.intake.pseudonym import pseudonymiser
from flows.settings import PROJECT, Settings
from flows.shown_names import name_digest
from flows.stages.build import build_warehouse
from flows.warehouse.database import open_warehouse
from flows.warehouse.queries import reject_rows
from flows.warehouse.tables import WAREHOUSE_VERSION, record_columns
from schemas import CONTRACTS
from tests.conftest import AS_OF, REGISTER

ATTEMPT = "01234567-89ab-cdef-0123-456789abcdef"
DATA = PROJECT / "tests" / "data"
HANDED_IN = "N°;Arrivée\n1;2026-10-01 09:00\n2;2026-10-02 10:00\n3;2026-10-02 11:00\n4;hier\n"
"""What the file of the version before holds: three visits, and a row that was refused."""


@pytest.fixture
def older(settings: Settings) -> Settings:
    """A home whose warehouse has schema version 1."""
    settings.home.mkdir()
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute((DATA / "warehouse-1.sql").read_text("utf-8"))
    return settings


@pytest.fixture
def former(settings: Settings) -> Settings:
    """A home whose warehouse was written by the program of the version before, run and built."""
    settings.home.mkdir()
    packed = DATA / f"warehouse-{WAREHOUSE_VERSION - 1}.duckdb.xz"
    settings.warehouse.write_bytes(lzma.decompress(packed.read_bytes()))
    return settings


def change(settings: Settings, sql: str) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(sql)


def content(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def copies(settings: Settings) -> list[Path]:
    return sorted(settings.home.parent.glob("home.schema-*"))


def upgrade(settings: Settings) -> None:
    with open_warehouse(settings):
        pass


def test_a_new_warehouse_has_the_version_of_today_and_no_copy(settings, read) -> None:
    upgrade(settings)
    upgrade(settings)
    assert read(settings, "SELECT version FROM ledger.schema_version") == [(WAREHOUSE_VERSION,)]
    assert copies(settings) == []


def test_a_table_that_came_with_the_program_is_made_at_the_next_opening_and_then_no_more(
    settings, tmp_path, read
) -> None:
    upgrade(settings)
    sql = tmp_path / "sql"
    shutil.copytree(settings.sql, sql)
    with (sql / "warehouse.sql").open("a") as file:
        file.write("CREATE TABLE ledger.later AS SELECT 1 AS made;\n")  # a second time, it fails
    newer = replace(settings, sql=sql)
    upgrade(newer)
    upgrade(newer)
    assert read(newer, "SELECT made FROM ledger.later") == [(1,)]


def test_an_older_warehouse_keeps_its_rows_and_has_the_types_of_today(older, read) -> None:
    upgrade(older)
    assert read(
        older,
        "SELECT record_id, headcount, gender, role, checked_in_at = '2026-10-01 09:00:00+02', "
        "CAST(attempt_id AS VARCHAR) FROM record.attendance ORDER BY 1",
    ) == [(str(n), n, "feminin", "usager", True, ATTEMPT) for n in (1, 2, 3)]
    assert read(
        older,
        "SELECT a.rows_in, a.loaded, a.quarantined, b.file_name, count(q.mask) "
        "FROM ledger.last_attempt AS a JOIN ledger.batch AS b USING (batch_id) "
        "JOIN ledger.quarantine AS q USING (attempt_id) GROUP BY ALL",
    ) == [(4, 3, 1, "*.csv n° b1", 1)]
    assert read(older, "SELECT role, count(*) FROM core.attendance GROUP BY 1") == [("usager", 3)]
    assert len(reject_rows(older, None)) == 1


def test_a_build_replaces_what_an_older_program_computed(older, make_place, tmp_path, read) -> None:
    change(older, "CREATE SCHEMA IF NOT EXISTS indicator")
    change(older, "CREATE TABLE indicator.value AS SELECT 1 AS running")
    change(older, "CREATE TABLE core.visit AS SELECT 'somebody' AS person_key")
    upgrade(older)
    place = make_place(tmp_path, {}, columns=REGISTER)
    build_warehouse([place], older, AS_OF, force=True)
    tables = read(older, "SELECT schema_name || '.' || table_name FROM duckdb_tables()")
    assert ("core.visit",) not in tables
    assert read(older, "SELECT DISTINCT period_type FROM indicator.value ORDER BY 1") != []


def test_an_older_warehouse_ends_with_the_tables_of_a_new_one(older, tmp_path, read) -> None:
    new = Settings(home=tmp_path / "new", places=tmp_path, keys=tmp_path)
    upgrade(new)
    upgrade(older)
    sql = (
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE schema_name IN ('ledger', 'record') AND NOT internal "
        "ORDER BY schema_name, table_name, column_index"
    )
    assert read(older, sql) == read(new, sql)
    assert len(read(older, sql)) > len(record_columns(CONTRACTS["attendance"]))


def test_the_file_of_the_version_before_loses_no_record_and_no_line_of_its_ledger(
    former, read
) -> None:
    columns = (
        "SELECT schema_name || '.' || table_name, string_agg(column_name, ', ' ORDER BY column_index) "
        "FROM duckdb_columns() WHERE schema_name IN ('ledger', 'record') "
        "AND table_name <> 'last_attempt' AND column_name <> 'file_name' GROUP BY 1"
    )
    with duckdb.connect(str(former.warehouse), read_only=True) as connection:
        known = connection.execute(columns).fetchall()
        before = {
            table: connection.execute(f"SELECT {names} FROM {table} ORDER BY ALL").fetchall()
            for table, names in known
        }
    upgrade(former)
    after = {
        table: read(former, f"SELECT {names} FROM {table} ORDER BY ALL") for table, names in known
    }
    versions = after.pop("ledger.schema_version")
    assert max(number for number, _since in versions) == WAREHOUSE_VERSION
    assert len(before.pop("ledger.schema_version")) == len(versions) - 1
    assert before == after
    assert len(before["record.attendance"]) == 3
    assert len(before["ledger.quarantine"]) == 1


def test_after_an_upgrade_the_tables_and_figures_are_those_of_a_new_warehouse(
    former, make_place, collect, tmp_path, read
) -> None:
    place = make_place(tmp_path, {"export.csv": HANDED_IN}, columns=REGISTER)
    new = Settings(home=tmp_path / "new", places=tmp_path, keys=tmp_path)
    collect(place, new)
    for settings in (former, new):
        build_warehouse([place], settings, AS_OF, force=True)
    for sql in (
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal ORDER BY ALL",
        "SELECT * FROM indicator.value ORDER BY ALL",
    ):
        assert read(former, sql) == read(new, sql)
    visits = "SELECT max(numerator) FROM indicator.value WHERE indicator_id = 'visits'"
    assert read(former, visits) == [(3,)]


def test_a_column_that_the_contract_gained_takes_its_default(older, read) -> None:
    change(older, "DROP VIEW core.attendance")
    change(older, "ALTER TABLE record.attendance DROP COLUMN evidence")
    change(older, "ALTER TABLE record.attendance DROP COLUMN activity_id")
    upgrade(older)
    rows = read(older, "SELECT DISTINCT evidence, activity_id, role FROM record.attendance")
    assert rows == [("declared", None, "usager")]


def test_the_older_file_is_kept_beside_the_home_and_the_user_is_told(older, caplog) -> None:
    before = content(older.warehouse)
    upgrade(older)
    upgrade(older)
    [copy] = copies(older)
    assert content(copy) == before
    assert copy.name.startswith("home.schema-1.20")
    assert copy.stat().st_mode & 0o777 == 0o600
    [line] = caplog.messages
    assert line == (
        f"The warehouse was upgraded from schema version 1 to {WAREHOUSE_VERSION}; as it was: {copy}"
    )


def test_a_step_that_fails_in_the_middle_leaves_the_file_as_it_was(older, caplog) -> None:
    """The ledger is converted by then; the code is in no list."""
    change(older, "UPDATE record.attendance SET role = 'Dupont' WHERE record_id = '2'")
    before = content(older.warehouse)
    with pytest.raises(ImpactError, match=f"could not be upgraded to {WAREHOUSE_VERSION}") as fault:
        upgrade(older)
    assert content(older.warehouse) == before
    [copy] = copies(older)
    assert str(copy) in fault.value.remedy
    assert "Dupont" not in str(fault.value)
    assert caplog.messages == []


def test_an_older_warehouse_is_not_read_before_it_is_upgraded(older) -> None:
    before = content(older.warehouse)
    with pytest.raises(ConfigurationError, match=r"schema version 1 .* → run `impact run`"):
        reject_rows(older, None)
    assert content(older.warehouse) == before


def test_a_writer_waits_for_a_reader_that_is_gone_in_a_moment(settings) -> None:
    upgrade(settings)
    code = (
        "import duckdb, sys, time; c = duckdb.connect(sys.argv[1], read_only=True); "
        "print(flush=True); time.sleep(0.5)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(settings.warehouse)], stdout=subprocess.PIPE
    ) as reader:
        assert reader.stdout and reader.stdout.readline()
        upgrade(settings)


@pytest.mark.parametrize("read_only", [True, False])
def test_a_newer_warehouse_is_refused_and_left_alone(settings, read_only) -> None:
    upgrade(settings)
    change(settings, f"INSERT INTO ledger.schema_version VALUES ({WAREHOUSE_VERSION + 1}, NULL)")
    before = content(settings.warehouse)
    with (
        pytest.raises(ConfigurationError, match="install the newer version"),
        open_warehouse(settings, read_only=read_only),
    ):
        pass
    assert content(settings.warehouse) == before
    assert copies(settings) == []


def test_names_of_files_and_sheets_leave_an_older_ledger_and_stay_beside_the_bytes(
    former, read
) -> None:
    name, key = "liste Zoé Canariot.csv", bytes(range(32))
    [(batch_id,)] = read_as_it_was(former, "SELECT batch_id FROM ledger.batch")
    for sql in (
        # as the program that had no such digest left it
        "UPDATE ledger.schema_version SET version = 6",
        "ALTER TABLE ledger.quarantine DROP COLUMN name_digest",
        f"UPDATE ledger.batch SET file_name = '{name}'",
        f"UPDATE ledger.quarantine SET file_name = '{name}', sheet = 'Zoé Canariot'",
        "UPDATE ledger.attempt SET outcome = 'refused', "
        f"reason = 'le-lieu, {name}, sheet ''Zoé Canariot'': no → the sheets are: Canariot, B'",
    ):
        change(former, sql)
    former.keys.mkdir(exist_ok=True)
    former.key_file("le-lieu").write_text(key.hex())
    folder = former.landing / "le-lieu" / "registre" / batch_id
    folder.mkdir(parents=True)
    upgrade(former)
    shown = f"*.csv n° {batch_id[:6]}"
    assert read(former, "SELECT file_name FROM ledger.batch") == [(shown,)]
    assert read(former, "SELECT reason FROM ledger.attempt") == [
        (f"le-lieu, {shown}, sheet …: no → the sheets are: …",)
    ]
    digest = name_digest(name, pseudonymiser(key))
    assert read(former, "SELECT file_name, sheet, name_digest FROM ledger.quarantine") == [
        (shown, "n° 1", digest)
    ]
    assert json.loads((folder / "names.json").read_text()) == {"n° 1": "Zoé Canariot"}


def read_as_it_was(settings: Settings, sql: str) -> list[tuple]:
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()
