"""A refused row is open until its record comes again, and the place gets a list it can work with."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from flows.cli import main
from flows.cli.terminal_accounts import in_words, source_line
from flows.intake.landing import clear
from flows.intake.ledger import settled_batches
from flows.operation.correction_workbook import COLUMNS, WHOLE_ROW, correction_workbook
from flows.stages.build import build_warehouse
from flows.warehouse.database import open_warehouse
from flows.warehouse.queries import reject_rows, status_rows
from tests.command import impact
from tests.conftest import AS_OF

REGISTER = {"record_id": "N°", "checked_in_at": "Arrivée", "headcount": "Nombre"}
NUMBERLESS = {"checked_in_at": "Arrivée", "headcount": "Nombre"}
HEADER = "N°;Arrivée;Nombre\n"
GOOD = "1;03/02/2025 12:00;1\n"
BAD = "1;31/02/2025 12:00;1\n"
OTHER_BAD = "2;03/02/2025 12:00;douze\n"


@pytest.fixture
def desk(tmp_path, settings, make_place, collect, read):
    """A register that delivers one file after the other; gives the report of the last."""

    def deliver(*texts: str, name: str = "e.csv", columns: Any = None, **request: Any) -> Any:
        for text in texts:
            place = make_place(
                tmp_path, {name: HEADER + text}, path=name, columns=columns or REGISTER
            )
            [report] = collect(place, settings, **request)
            assert (report.failed, report.refused) == ([], [])
        return report

    return deliver


@pytest.fixture
def still_open(read, settings) -> Callable[[], list[tuple[Any, ...]]]:
    """File, row number and rule of the open rejects."""

    def found() -> list[tuple[Any, ...]]:
        return read(
            settings,
            "SELECT q.file_name, q.row_number, q.rule FROM ledger.quarantine AS q "
            "INNER JOIN ledger.last_attempt AS a ON a.attempt_id = q.attempt_id "
            "WHERE q.closed_by IS NULL ORDER BY ALL",
        )

    return found


def test_a_file_with_rows_to_correct_stays_for_ninety_days_and_others_for_thirty(
    desk, settings
) -> None:
    def left(days: int) -> int:
        with open_warehouse(settings, read_only=True) as warehouse:
            settled = settled_batches(warehouse)
        clear(settings.landing, settled, datetime.now(UTC) + timedelta(days=days))
        return len(list(settings.landing.rglob("manifest.json")))

    desk(GOOD, BAD + OTHER_BAD)
    assert [left(29), left(31), left(89), left(91)] == [2, 1, 1, 0]
    desk(BAD.replace("31/02", "03/02"), OTHER_BAD)
    desk(OTHER_BAD.replace("douze", "12"))
    assert left(31) == 0


def test_a_corrected_record_closes_its_reject_whatever_the_file_is_called(desk, still_open) -> None:
    assert desk(BAD + OTHER_BAD).closed_rejects == 0
    report = desk("5;04/02/2025 12:00;1\n" + GOOD, name="corrigé.csv")
    assert source_line(report).endswith("0 duplicates, 1 old rejects closed")
    assert still_open() == [("e.csv", 3, "unreadable_integer")]


def test_the_status_counts_the_records_of_today_and_the_rows_that_are_still_to_correct(
    desk, settings, make_place, tmp_path
) -> None:
    desk(GOOD + BAD.replace("1;", "3;", 1) + OTHER_BAD)
    desk(GOOD + OTHER_BAD.replace("douze", "12"), name="corrigé.csv")
    place = make_place(tmp_path, {}, columns=REGISTER)
    build_warehouse([place], settings, AS_OF, force=True)
    status = status_rows(settings)
    [row] = status.to_dicts()
    assert row["received"] == sum(
        row[name] for name in ("loaded", "unchanged", "superseded", "duplicates", "tombstoned",
                               "quarantined", "ignored")
    )  # fmt: skip
    became = in_words(status)["became"][0]
    assert sum(int(count) for count in re.findall(r"\d+", became)) == row["received"]
    # the first record came twice; row 3 is still wrong, row 2 was mended
    assert (row["received"], row["records"], row["open_rejects"]) == (5, 2, 1)


def test_a_record_corrected_to_what_was_known_before_closes_its_reject(desk, still_open) -> None:
    desk(GOOD, BAD)
    assert len(still_open()) == 1
    report = desk(GOOD + "\n", name="corrigé.csv")
    assert (report.loaded, report.unchanged, report.closed_rejects) == (0, 1, 1)
    assert still_open() == []


def test_an_older_version_that_was_good_closes_nothing(desk, still_open) -> None:
    desk(GOOD)
    assert desk(BAD).closed_rejects == 0
    assert still_open() == [("e.csv", 2, "unreadable_timestamp")]


def test_a_fault_that_comes_again_is_listed_once_where_it_stands_now(desk, still_open) -> None:
    desk(BAD)
    assert desk(OTHER_BAD + BAD, name="suite.csv").closed_rejects == 0
    assert still_open() == [
        ("suite.csv", 2, "unreadable_integer"), ("suite.csv", 3, "unreadable_timestamp"),
    ]  # fmt: skip


def test_without_a_number_only_a_file_of_the_same_name_closes(desk, still_open) -> None:
    desk(BAD + OTHER_BAD, columns=NUMBERLESS)
    assert desk(GOOD, name="autre.csv", columns=NUMBERLESS).closed_rejects == 0
    assert len(still_open()) == 2
    assert desk(GOOD + OTHER_BAD, columns=NUMBERLESS).closed_rejects == 1
    assert still_open() == [("e.csv", 3, "unreadable_integer")]


def test_a_line_that_was_no_row_is_closed_by_the_file_without_it(desk, still_open) -> None:
    desk(GOOD + "Total;;\n" + OTHER_BAD)
    assert desk(GOOD + OTHER_BAD).closed_rejects == 1
    assert still_open() == [("e.csv", 3, "unreadable_integer")]


def test_reading_again_with_a_mended_mapping_closes(desk, still_open) -> None:
    desk(GOOD + OTHER_BAD)
    mended = {name: REGISTER[name] for name in ("record_id", "checked_in_at")}
    assert desk(GOOD + OTHER_BAD, columns=mended, again="landed").closed_rejects == 1
    assert still_open() == []


def test_an_older_file_that_is_read_again_closes_nothing_newer(desk, still_open) -> None:
    desk(GOOD, BAD)
    assert desk(BAD, again="landed").closed_rejects == 0
    assert still_open() == [("e.csv", 2, "unreadable_timestamp")]


def test_an_identifier_of_a_person_is_not_kept_beside_a_reject(desk, read, settings) -> None:
    numbers = [
        "0612345678",
        "personne1@lieu.example",
        "Dupont",
        "185067500000142",
        "9" * 101,
        "B-7",
    ]
    good = "".join(f"C-{number};03/02/2025 12:00;1\n" for number in range(8))
    desk("".join(f"{number};31/02/2025 12:00;1\n" for number in numbers) + good)
    kept = read(settings, "SELECT DISTINCT row_number, record_id FROM ledger.quarantine")
    assert {number for _, number in kept} == {None, "B-7"}
    assert len(kept) == len(numbers)


@pytest.fixture
def operator(tmp_path, settings, make_place, desk, monkeypatch, capsys):
    """Deliver, build, and give a command; its exit code and what it said."""
    monkeypatch.setenv("IMPACT_HOME", str(settings.home))

    def command(delivery: str, *arguments: str) -> tuple[int, str]:
        desk(delivery)
        place = make_place(tmp_path, {}, columns=REGISTER)
        build_warehouse([place], settings, AS_OF, force=True)
        code = main(list(arguments))
        said = capsys.readouterr()
        return code, said.out + said.err

    return command


def test_the_workbook_says_where_and_what_to_write_and_no_value(operator, tmp_path) -> None:
    file = tmp_path / "à corriger.xlsx"
    delivery = GOOD + OTHER_BAD + "3;31/02/2025 12:00;1\n=1+1;\n"
    code, said = operator(delivery, "rejects", "--place", "le-lieu", "--xlsx", str(file))
    assert (code, said) == (0, f"3 rows to correct in {file}\n")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    sheet = pl.read_excel(file, sheet_name="To correct")
    assert sheet.columns == [header for header, _ in COLUMNS.values()]
    assert sheet.drop("Sheet", "Received on", "What is wrong, and what to write").rows() == [
        ("e.csv", 3, "Nombre", "aaaaa"),
        ("e.csv", 4, "Arrivée", "99/99/9999 99:99"),
        ("e.csv", 5, WHOLE_ROW, "?9+9;"),
    ]
    assert "write 12" in sheet["What is wrong, and what to write"][0]
    assert sheet["Received on"].dtype == pl.Date
    intro = pl.read_excel(file, sheet_name="To read", has_header=False).to_series().to_list()
    assert intro[0] == "Rows to correct – Le Lieu"
    assert [line[:2] for line in intro if line and line[0].isdigit()] == [
        "1.",
        "2.",
        "3.",
        "4.",
        "5.",
    ]


def test_in_french_the_workbook_and_what_is_said_of_it_are_french(
    operator, settings, tmp_path
) -> None:
    operator(GOOD + OTHER_BAD, "status")
    file, home = tmp_path / "lignes.xlsx", {"IMPACT_HOME": str(settings.home)}
    done = impact("rejects", "--place", "le-lieu", "--xlsx", str(file), IMPACT_LANG="fr", **home)
    assert done.stdout == f"1 ligne à corriger dans {file}\n"
    sheet = pl.read_excel(file, sheet_name="À corriger")
    assert sheet.columns == [
        "Fichier", "Feuille", "Ligne", "Votre colonne", "Ce qui ne va pas, et quoi écrire",
        "Forme de la cellule", "Reçu le",
    ]  # fmt: skip
    [sentence] = sheet["Ce qui ne va pas, et quoi écrire"]
    assert sentence == "Le nombre entier ne se lit pas : écrivez 12."
    intro = pl.read_excel(file, sheet_name="À lire", has_header=False).to_series().to_list()
    assert intro[0] == "Lignes à corriger – Le Lieu"
    assert any("À corriger" in line for line in intro[1:])
    table = impact("rejects", IMPACT_LANG="fr", **home).stdout
    assert sentence in table
    assert "ce qu'il faut écrire" in table
    assert "sentence" not in table


def test_a_cell_that_two_sources_refuse_is_one_line_of_the_workbook(operator, settings) -> None:
    operator(BAD + OTHER_BAD, "status")
    rows = reject_rows(settings, "le-lieu")
    book = correction_workbook(pl.concat([rows, rows]), "Le Lieu", settings.landing)
    assert pl.read_excel(book, sheet_name="To correct")["Row"].to_list() == [2, 3]


def test_without_an_open_reject_it_is_said_that_nothing_is_to_be_corrected(operator) -> None:
    assert operator(GOOD, "rejects") == (0, "Nothing is to be corrected.\n")
    assert operator(GOOD, "rejects", "--json") == (0, "[]\n")
    code, said = operator(GOOD + OTHER_BAD, "rejects")
    assert (code, "unreadable_integer" in said) == (0, True)


def test_nothing_to_correct_is_said_and_leaves_no_file(operator, tmp_path) -> None:
    file = tmp_path / "rien.xlsx"
    code, said = operator(GOOD, "rejects", "--place", "le-lieu", "--xlsx", str(file))
    assert (code, said) == (0, "le-lieu has nothing to correct: no file was written\n")
    assert not file.exists()


def test_a_workbook_that_is_there_is_not_overwritten(operator, tmp_path) -> None:
    file = tmp_path / "en cours.xlsx"
    file.write_text("notes")
    code, said = operator(BAD, "rejects", "--place", "le-lieu", "--xlsx", str(file))
    assert (code, file.read_text()) == (2, "notes")
    assert "already there → give another name" in said


def test_a_workbook_is_for_one_place(capsys, tmp_path) -> None:
    assert main(["rejects", "--xlsx", str(tmp_path / "tous.xlsx")]) == 2
    assert "--place ID" in capsys.readouterr().err


def test_rejects_lists_the_open_ones_alone(operator) -> None:
    assert json.loads(operator(BAD + OTHER_BAD, "rejects", "--json")[1])[1]["row_number"] == 3
    [left] = json.loads(operator(GOOD, "rejects", "--json")[1])
    assert (left["row_number"], left["rule"]) == (3, "unreadable_integer")
