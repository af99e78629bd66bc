"""A person may be in the name of a file or a sheet: it stays with the bytes, and in the workbook."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.cli.terminal_sources import show_source_check
from flows.onboarding.check_source import check_source
from flows.operation.correction_workbook import correction_workbook
from flows.settings import PROJECT, Settings
from flows.shown_names import hidden, may_be_shown, nth_file, shown_file, shown_sheet
from flows.sources import Source
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.warehouse.database import open_warehouse
from flows.warehouse.queries import rows_and_files_to_correct
from tests.conftest import AS_OF, REGISTER, xlsx

WHO = "Zéphyrine Canariot"
GOOD, BAD = ["1", "2026-10-01 09:00"], ["2", "hier"]


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("presences.xlsx", "presences.xlsx"),
        ("presences-*.xlsx", "presences-2026-10.xlsx"),
        ("presences-*.xlsx", "presences-Août_2026 (2).xlsx"),
        ("rh-*.csv", "rh-01.10.2026.csv"),
        ("rh-*-T?.csv", "rh-2026-T3.csv"),
        ("presences-*", "presences-2026-10 (copie).csv"),
        ("réunions-[0-9]*.csv", "re\u0301unions-12.csv"),
        ("*.pages", "grist-0a1b2c-2026-10-01-2026-10-31.pages"),
    ],
)
def test_a_declared_name_a_month_and_a_day_are_shown(pattern: str, name: str) -> None:
    assert shown_file(name, pattern, "0123456789abcdef") == name


@pytest.mark.parametrize(
    ("pattern", "name", "shown"),
    [
        ("presences-*.xlsx", f"presences-{WHO}.xlsx", "presences-*.xlsx n° 012345"),
        ("presences-*.xlsx", "presences-mars canariot.xlsx", "presences-*.xlsx n° 012345"),
        ("presences-*.xlsx", "presences-06 12 34 56 78.xlsx", "presences-*.xlsx n° 012345"),
        ("presences-*.xlsx", "presences-0612345678.xlsx", "presences-*.xlsx n° 012345"),
        ("rh-*.csv", "rh-canariot-2026-10-31.csv", "rh-*.csv n° 012345 (2026-10-31)"),
        ("presences.csv", f"{WHO}.csv", "presences.csv n° 012345"),
        ("", f"{WHO}.csv", "*.csv n° 012345"),
        ("", f"liste.{WHO}", "* n° 012345"),
        ("*", f"liste.{WHO}", "* n° 012345"),
    ],
)
def test_of_any_other_name_the_pattern_and_a_number_are_shown(
    pattern: str, name: str, shown: str
) -> None:
    assert shown_file(name, pattern, "0123456789abcdef") == shown
    assert not may_be_shown(name, pattern)


def declared(**more: Any) -> Source:
    return Source.model_validate({
        "id": "registre", "feed": "attendance", "connector": "file", "path": "p-*.xlsx",
        "rhythm": "weekly", "coverage": "span", "columns": REGISTER, **more,
    })  # fmt: skip


def test_a_sheet_is_shown_that_the_toml_names_or_that_is_a_month() -> None:
    one, many = declared(sheet=WHO), declared(sheets=["Mois *", "Total"])
    assert [shown_sheet(name, one, 2) for name in (WHO, "Mars 2026", "Feuil1", "Léa")] == [
        WHO, "Mars 2026", "Feuil1", "n° 2",
    ]  # fmt: skip
    assert [shown_sheet(name, many, 3) for name in ("Mois 4", f"Mois {WHO}", "Total")] == [
        "Mois 4", "n° 3", "Total",
    ]  # fmt: skip
    assert nth_file(f"p-{WHO}.xlsx", one, 4) == "p-*.xlsx n° 4 in order of name"


def test_a_word_of_a_sentence_is_no_name() -> None:
    from flows.errors import BatchRefused

    with pytest.raises(BatchRefused) as told, hidden({"the": "n° 1", "a.csv": "*.csv n° 2"}):
        raise BatchRefused("the sheet 'the' is not there", where="place, a.csv")
    assert str(told.value) == "place, *.csv n° 2: the sheet n° 1 is not there"
    assert told.value.hidden == {"n° 1": "the", "*.csv n° 2": "a.csv"}


@pytest.fixture
def handed_in(tmp_path: Path, make_place: Any) -> Any:
    """A place whose files and sheets are named after somebody: good rows, a bad one, no table."""
    header = ["N°", "Arrivée"]
    files = {
        f"presences-1 {WHO}.xlsx": xlsx({WHO: [header, GOOD, BAD]}),
        f"presences-2 {WHO}.xlsx": xlsx({WHO: [["Autre"], ["7"]]}),
        f"presences-3 {WHO}.xlsx": xlsx({WHO: [header, GOOD], f"{WHO} 2": [header, BAD]}),
        f"presences-4.{WHO}": b"x",
        f"presences-5 {WHO}.csv": b"S21.G00.30.001,'2810123456789'\n",
    }
    columns = {"checked_in_at": "Arrivée"}
    return make_place(tmp_path, files, path="presences-*", columns=columns)


def told_by(settings: Settings, sql: str = "") -> str:
    """Every text of the ledger."""
    found = []
    with open_warehouse(settings, read_only=True) as warehouse:
        columns = warehouse.execute(
            "SELECT schema_name || '.' || table_name, column_name FROM duckdb_columns() "
            "WHERE data_type = 'VARCHAR' AND schema_name IN ('ledger', 'record')"
        ).fetchall()
        for table, column in columns:
            found += warehouse.execute(f"SELECT DISTINCT {column} FROM {table}").fetchall()
    return str(found)


def test_a_name_of_somebody_in_a_name_stays_beside_the_bytes_and_in_the_workbook(
    handed_in: Any, settings: Settings, capsys: Any, caplog: Any, read: Any
) -> None:
    [report] = collect_place(handed_in, settings, Request(AS_OF))
    show_source_check(check_source(handed_in, handed_in.sources[0], settings, AS_OF))
    said = [*report.refused, *report.failed, capsys.readouterr().out, caplog.text]
    assert (report.loaded, len(report.refused), report.failed) == (1, 4, [])
    assert "Canariot" not in f"{said} {told_by(settings)}"
    assert "anariot" not in "".join(
        repr(file.read_bytes()) for file in settings.home.rglob("*")
        if file.is_file() and settings.landing not in file.parents
    )  # fmt: skip
    names = {name for (name,) in read(settings, "SELECT file_name FROM ledger.batch")}
    assert all(name.startswith("presences-* n° ") for name in names)
    build_warehouse([handed_in], settings, AS_OF, force=True)
    rows = rows_and_files_to_correct(settings, "le-lieu")
    assert rows["sheet"].to_list()[-1] == "n° 1"
    book = io.BytesIO(correction_workbook(rows, "Le Lieu", settings.landing))
    shown = pl.read_excel(book, sheet_name="To correct").select("File", "Sheet", "Your column")
    assert shown.rows() == [
        (f"presences-2 {WHO}.xlsx", None, "(the whole file)"),
        (f"presences-3 {WHO}.xlsx", None, "(the whole file)"),
        (f"presences-4.{WHO}", None, "(the whole file)"),
        (f"presences-1 {WHO}.xlsx", WHO, "Arrivée"),
    ]


def test_a_file_of_the_same_name_still_answers_for_its_rows(
    tmp_path: Path, make_place: Any, collect: Any, settings: Settings
) -> None:
    name, header = f"presences-{WHO}.xlsx", ["Arrivée"]
    columns = {"checked_in_at": "Arrivée"}
    first = {name: xlsx({WHO: [header, ["hier"]]})}
    collect(make_place(tmp_path, first, path="presences-*.xlsx", columns=columns), settings)
    second = {name: xlsx({WHO: [header, ["2026-10-01 09:00"]]})}
    place = make_place(tmp_path, second, path="presences-*.xlsx", columns=columns)
    [report] = collect(place, settings)
    assert (report.loaded, report.closed_rejects) == (1, 1)


@pytest.mark.long
def test_nothing_that_a_run_writes_or_says_holds_the_name(tmp_path: Path) -> None:
    for name in ("places", "exports"):
        (tmp_path / name).mkdir()
    (tmp_path / "exports" / f"presences-{WHO}.xlsx").write_bytes(
        xlsx({WHO: [["N°", "Arrivée"], GOOD, BAD]})
    )
    (tmp_path / "exports" / f"presences-{WHO} 2.xlsx").write_bytes(xlsx({WHO: [["Autre"], ["7"]]}))
    (tmp_path / "places" / "le-lieu.toml").write_text(
        'id = "le-lieu"\nname = "Le Lieu"\ncommune_code = "80021"\n[[sources]]\nid = "registre"\n'
        'feed = "attendance"\nconnector = "file"\npath = "../exports/presences-*.xlsx"\n'
        'rhythm = "weekly"\ncoverage = "span"\n[sources.columns]\nrecord_id = "N°"\n'
        'checked_in_at = "Arrivée"\n'
    )
    environment = {
        "PATH": "/usr/bin:/bin", "PYTHONPATH": str(PROJECT), "IMPACT_LANG": "en",
        "IMPACT_HOME": str(tmp_path / "home"), "IMPACT_PLACES": str(tmp_path / "places"),
        "IMPACT_KEYS": str(tmp_path / "keys"), "HOME": str(tmp_path),
    }  # fmt: skip
    code = "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))"
    said = ""
    for arguments in (["run"], ["rejects"], ["status"], ["doctor"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], env=environment, cwd=tmp_path,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        said += done.stdout + done.stderr
    assert "presences-*.xlsx n° " in said
    assert "Canariot" not in said
    landing, searched = tmp_path / "home" / "landing", 0
    for file in (tmp_path / "home").rglob("*"):
        if file.is_file() and landing not in file.parents:
            searched += 1
            assert b"anariot" not in file.read_bytes(), file.name
    assert searched >= 4
    assert WHO in "".join(file.read_text() for file in landing.rglob("manifest.json"))
