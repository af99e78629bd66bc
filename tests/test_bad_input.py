"""What is wrong is refused where it is wrong, in words, and nobody can be recognised in them."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.connectors import file
from flows.intake import inbox
from flows.intake.reading import judge_page
from flows.intake.validate import mask
from flows.language import said_in
from flows.records import Delivery
from flows.settings import PROJECT, Settings
from flows.stages import batch
from schemas import CONTRACTS
from schemas.record import stored_columns
from schemas.rules import JOINED_RULES, RULES
from tests.conftest import AS_OF

NOON = "03/02/2025 12:00"
HEADER = "N°;Arrivée\n"
DESK = {"record_id": "N°", "checked_in_at": "Arrivée"}
VISITORS = {"last_name": "Nom"}
COUNTER = {
    "feed": "service_usage",
    "columns": {"record_id": "N°", "occurred_at": "Date"},
    "constants": {"service_code": "formation"},
}
MACHINE = COUNTER | {"constants": {"service_code": "fablab"}}
TEAM = {"feed": "employment", "columns": {"record_id": "N°", "started_on": "Début"}}


@pytest.fixture
def deliver(tmp_path: Path, settings, make_place, collect) -> Callable[..., Any]:
    """The report of one file."""

    def collected(content: str | bytes, name: str = "export.csv", **source: Any) -> Any:
        [report] = collect(make_place(tmp_path, {name: content}, **source), settings)
        return report

    return collected


def every_text(settings: Settings, read) -> str:
    """All that the warehouse holds, as text."""
    tables = read(
        settings,
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_schema IN ('ledger', 'record')",
    )
    return "\n".join(repr(read(settings, f"SELECT * FROM {table}")) for (table,) in tables)


def test_a_file_that_is_not_there_is_said_with_its_pattern_and_folder(tmp_path, deliver) -> None:
    report = deliver("", path="exports-*.csv")
    assert (report.batches, report.refused) == (0, [])
    [message] = report.failed
    assert "'exports-*.csv'" in message and str(tmp_path) in message and "→" in message


def test_an_absent_folder_and_a_file_in_place_of_one_are_said_as_such(tmp_path, deliver) -> None:
    [absent] = deliver("x", path="nowhere/export.csv").failed
    assert str(tmp_path / "nowhere") in absent and "folder is not there" in absent
    [other] = deliver("x", path="export.csv/export.csv").failed
    assert str(tmp_path / "export.csv") in other and "folder" in other


def test_a_link_out_of_the_folder_is_refused_and_one_within_is_read(tmp_path, deliver) -> None:
    (tmp_path / "elsewhere.csv").write_text(HEADER + f"2;{NOON}\n")
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "export-1.csv").write_text(HEADER + f"1;{NOON}\n")
    link = tmp_path / "exports" / "export-2.csv"
    link.symlink_to(tmp_path / "elsewhere.csv")
    report = deliver("", path="exports/export-*.csv")
    assert "export-2.csv is a link that leads out of the folder" in report.failed[0]
    assert report.loaded == 0
    link.unlink()
    link.symlink_to("export-1.csv")
    assert deliver("", path="exports/export-*.csv").failed == []


READ_AS_ANOTHER = """
import os, sys
from pathlib import Path
from flows.connectors import connector
from flows.errors import SourceError
from flows.sources import Source
from flows.records import Pull
file = connector("file")
source = Source(id="s", feed="attendance", connector="file", path="export.csv",
                rhythm="daily", coverage="days")
if os.geteuid() == 0:
    os.setuid(65534)
try:
    file.fetch(source, Pull(Path(sys.argv[1]), Path()))
except SourceError as fault:
    sys.exit(str(fault))
"""


def test_a_folder_without_rights_is_said_with_what_to_do() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "exports"
        folder.mkdir()
        (folder / "export.csv").write_text(HEADER)
        Path(name).chmod(0o755)
        folder.chmod(0o000)
        answer = subprocess.run(
            [sys.executable, "-c", READ_AS_ANOTHER, str(folder)],
            cwd=PROJECT, env=os.environ, capture_output=True, text=True,
        )  # fmt: skip
        folder.chmod(0o700)
    assert answer.stderr.strip() == (
        f"{folder}: the folder may not be read → give this user the right to read it"
    )


def test_a_source_that_fails_stops_no_other(tmp_path, settings, make_place, collect, read) -> None:
    sources = [{"id": "absent", "path": "none.csv"}, {"id": "present", "path": "export.csv"}]
    place = make_place(tmp_path, {"export.csv": f"{HEADER}1;{NOON}\n"}, sources=sources)
    absent, present = collect(place, settings)
    assert (len(absent.failed), present.failed, present.loaded) == (1, [], 1)
    assert read(settings, "SELECT source_id FROM record.attendance") == [("present",)]


REFUSED: dict[str, tuple[str | bytes, str, dict[str, Any], list[str]]] = {
    "empty": ("", "e.csv", {}, ["the file is empty"]),
    "absent column": (f"N°\n{NOON}\n", "e.csv", {}, ["'Arrivée'", "checked_in_at", "not there"]),
    "renamed column": (f"N°;Arrivees\n1;{NOON}\n", "e.csv", {}, ["'Arrivée'", "'Arrivees'"]),
    "column twice": (f"N°;Arrivée;N°\n1;{NOON};2\n", "e.csv", {}, ["'N°'", "2 times"]),
    "no header row": (HEADER, "e.csv", {"header_row": 3}, ["no header in row 3"]),
    "renamed key": ('{"N°": 1, "Arrivee": ""}\n', "e.jsonl", {}, ["'Arrivée'", "'Arrivee'"]),
    "not a workbook": (b"PK\x03\x04", "e.xlsx", {}, ["workbook cannot be opened"]),
    "not a sheet": (b"Nom;Date", "e.ods", {}, ["workbook cannot be opened"]),
    "XLSX with a password": (
        bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 1000 + "EncryptedPackage".encode("utf-16-le"),
        "e.xlsx", {}, ["has a password", "without one"]),
    "not Parquet": (b"N\xc2\xb0;Arr", "e.parquet", {}, ["not Parquet"]),
    "other format": ("%PDF", "e.pdf", {}, ["'.pdf'", ".csv"]),
    "no date in name": (f"{HEADER}1;{NOON}\n", "e.csv", {"coverage": "until_file_date"},
                        ["name of the file"]),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_right_is_refused_whole_and_says_why(
    deliver, settings, read, case: str
) -> None:
    content, name, options, said = REFUSED[case]
    report = deliver(content, name, **options)
    [message] = report.refused
    assert report.failed == []
    assert all(words in message for words in [name, "→", *said]), message
    assert read(settings, "SELECT outcome, reason, rows_in, loaded FROM ledger.attempt") == [
        ("refused", message, 0, 0)
    ]
    for table in ("record.attendance", "ledger.quarantine", "ledger.proof"):
        assert read(settings, f"SELECT count(*) FROM {table}") == [(0,)]


def test_an_absent_sheet_names_those_that_are_there(deliver, workbook) -> None:
    report = deliver(workbook("xlsx", [["N°"]]), "e.xlsx", sheet="Donnees")
    assert "'Donnees'" in report.refused[0] and "'Lisez-moi', 'Données'" in report.refused[0]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_without_a_header_line_shows_nobody(
    deliver, settings, read, workbook, kind: str
) -> None:
    people = [["Noam", "noam.bertin@example.org", "0612345678"], ["Nomi", "", "3"]]
    text = "\n".join(";".join(row) for row in people)
    content = text if kind == "csv" else workbook(kind, people)
    report = deliver(
        content, f"e.{kind}", identity=VISITORS, sheet="Données" if kind == "xlsx" else None
    )
    [message] = report.refused
    assert "'Nom'" in message
    for word in (*people[0], "Noam", "noam", "bertin"):
        assert word not in message and word not in every_text(settings, read)


CELLS = [
    (COUNTER, "occurred_at", "31/02/2025 10:00", "unreadable_timestamp", "99/99/9999 99:99"),
    (COUNTER, "occurred_at", "03/02/0205", "unreadable_timestamp", "99/99/9999"),
    (COUNTER, "occurred_at", "", "not_nullable", ""),
    (COUNTER, "occurred_at", "03/11/2026 10:00", "not_in_future", None),
    (COUNTER, "enrolled_from", "30/02/2025", "unreadable_date", "99/99/9999"),
    (COUNTER, "headcount", "douze", "unreadable_integer", "aaaaa"),
    (COUNTER, "headcount", "12,5", "unreadable_integer", "99,9"),
    (COUNTER, "headcount", "-4", "in_range", "-9"),
    (COUNTER, "quantity", "1,2,3", "unreadable_decimal", "9,9,9"),
    (COUNTER, "quantity", "3", "quantity_has_unit", None),
    (COUNTER, "duration_minutes", "Une heure", "unreadable_minutes", "Aaa aaaaa"),
    (COUNTER, "duration_minutes", "1h75", "unreadable_minutes", "9a99"),
    (MACHINE, "duration_minutes", "-20:15", "unreadable_minutes", "-99:99"),
    (MACHINE, "duration_minutes", "-15", "in_range", "-99"),
    (COUNTER, "amount_eur_cents", "12 USD", "unreadable_euros", "99 AAA"),
    (COUNTER, "amount_eur_cents", "-12", "greater_than_or_equal_to", "-99"),
    (COUNTER, "deleted", "peut-être", "unreadable_boolean", "aaaa-aaaa"),
    (COUNTER, "home_commune", "80000", "unreadable_commune", "99999"),
    (COUNTER, "structure_siret", "12345678901234", "unreadable_siret", "99999999999999"),
    (COUNTER, "mode", "Tête à tête", "isin", "Aaaa a aaaa"),
    (COUNTER, "theme_code", "Chez Éléonore", "str_matches", "Aaaa Aaaaaaaa"),
    (COUNTER, "theme_code", "0612345678", "no_direct_identifier", None),
    (COUNTER, "record_id", "x" * 99 + "12", "str_length", "a" * 60),
    (TEAM, "weekly_minutes", "35 environ", "unreadable_week_hours", "99 aaaaaaa"),
    (TEAM, "weekly_minutes", "49", "in_range", "99"),
    (TEAM, "weekly_minutes", "", "staff_has_hours", None),
    (TEAM, "ended_on", "02/02/2025", "ends_after_starting", None),
]  # fmt: skip


@pytest.mark.parametrize(
    ("feed", "field", "text", "rule", "shape"), CELLS, ids=[f"{c[1]}-{c[2][:20]}" for c in CELLS]
)
def test_a_bad_cell_costs_itself_or_its_row_and_says_where_and_why(
    deliver, settings, read, feed, field: str, text: str, rule: str, shape: str | None
) -> None:
    fine = {"record_id": "7", "occurred_at": NOON, "started_on": NOON.split()[0],
            "weekly_minutes": "35", "headcount": "2", "deleted": "non"}  # fmt: skip
    needed = [*feed["columns"], *(["weekly_minutes"] if feed is TEAM else [])]
    columns = {name: f"Colonne {name}" for name in dict.fromkeys([*needed, field])}
    constants = {"contract_type": "CDD"} if feed is TEAM else feed["constants"]
    bad = [text if name == field else fine[name] for name in columns]
    good = [[str(number), *(fine.get(name, "") for name in list(columns)[1:])] for number in (1, 2)]
    lines = [list(columns.values()), good[0], bad, good[1]]
    report = deliver(
        "\n".join(";".join(line) for line in lines),
        feed=feed["feed"], columns=columns, constants=constants,
    )  # fmt: skip
    told = stored_columns(CONTRACTS[feed["feed"]])[field].metadata
    where, code = told["summed_where"] or ("", "")
    if told["costs_itself"] and (not where or constants[where] != code):
        assert (report.failed, report.loaded, report.quarantined) == ([], 3, 0)
        # a telephone number has not the form of a code either, and goes with its cell
        wanted = "str_matches" if rule == "no_direct_identifier" else rule
        assert report.doubts == {(columns[field], wanted): 1}
        return
    assert (report.failed, report.loaded, report.quarantined) == ([], 2, 1)
    assert read(settings, f"SELECT record_id FROM record.{feed['feed']} ORDER BY ALL") == [
        ("1",), ("2",),
    ]  # fmt: skip
    found = read(
        settings,
        "SELECT row_number, file_name, sheet, header, field, sentence_fr, sentence_en, mask "
        f"FROM ledger.quarantine WHERE rule = '{rule}'",
    )
    header, named = ("", "") if shape is None else (columns[field], field)
    assert found == [
        (3, "export.csv", "", header, named, said_in("fr", RULES[rule]), RULES[rule], shape)
    ]


def test_a_day_and_its_hour_in_two_cells_are_corrected_in_two_cells(
    deliver, settings, read
) -> None:
    columns = {"record_id": "N°", "checked_in_at": ["Jour", "Heure"]}
    rows = "1;03/02/2025;25h70\n2;;\n3;03/02/2025;14:05\n"
    report = deliver(f"N°;Jour;Heure\n{rows}", columns=columns)
    assert (report.loaded, report.quarantined) == (1, 2)
    found = read(
        settings,
        "SELECT header, rule, sentence_fr, sentence_en FROM ledger.quarantine ORDER BY ALL",
    )
    assert found == [
        ("Jour + Heure", rule, said_in("fr", JOINED_RULES[rule]), JOINED_RULES[rule])
        for rule in ("not_nullable", "unreadable_timestamp")
    ]
    assert "03/02/2025 14:05" not in found[1][2]


def test_a_row_with_two_bad_cells_is_one_row_with_two_reasons(deliver, faults, settings) -> None:
    columns = DESK | {"headcount": "Nombre"}
    report = deliver("N°;Arrivée;Nombre\n1;demain;deux\n", columns=columns)
    assert (report.received, report.quarantined) == (1, 1)
    assert [f[1:3] for f in faults(settings)] == [
        ("Arrivée", "unreadable_timestamp"), ("Nombre", "unreadable_integer"),
    ]  # fmt: skip


def test_an_empty_date_has_its_reason_beside_an_unreadable_one(deliver, faults, settings) -> None:
    report = deliver(f"{HEADER}1;demain\n2;\n3;{NOON}\n")
    assert (report.failed, report.loaded) == ([], 1)
    assert [(row, rule) for row, _, rule, _ in faults(settings)] == [
        (2, "unreadable_timestamp"), (3, "not_nullable"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "who",
    ["jean.dupont@example.org", "0612345678", "06 12 34 56 78", "06.12.34.56.78", "06-12-34-56-78",
     "06/12/34/56/78", "+33612345678", "0033612345678", "tel:0612345678",
     "185027512345678", "1850275123456", "1 85 02 75 123 456 78", "185072A00401234",
     "Dupont", "Jean-Dupont", "Jean Dupont 1985", "Élodie1"],
)  # fmt: skip
def test_a_person_typed_as_an_identifier_is_refused_and_never_stored(
    deliver, settings, read, who: str
) -> None:
    columns = DESK | {"activity_id": "Séance"}
    text = f"N°;Arrivée;Séance\n{who};{NOON};7\n1;{NOON};8\n7;{NOON};{who}\n"
    report = deliver(text, columns=columns)
    assert (report.failed, report.loaded) == ([], 1)
    assert read(settings, "SELECT DISTINCT row_number FROM ledger.quarantine ORDER BY 1") == [
        (2,), (4,),
    ]  # fmt: skip
    assert who not in every_text(settings, read)


@given(st.one_of(st.text(max_size=60), st.text(min_size=61, max_size=80)))
def test_a_mask_shows_no_letter_and_no_digit_of_the_value(value: str) -> None:
    [shape] = mask(pl.Series([value], dtype=pl.String))
    shown = {c for c in shape if unicodedata.category(c)[0] in "LNM"}
    assert shown <= set("Aa9")
    assert len(shape) == min(len(value), 60)


def test_a_mask_is_the_shape_of_the_value() -> None:
    values = ["Éric D'Aboville 42", "İßǅ½", "a\u0301", "jean@example.org", "\u202e\u00a0", None]
    shapes = ["Aaaa A'Aaaaaaaa 99", "Aaa9", "aa", "aaaa@aaaaaaa.aaa", "??", None]
    assert mask(pl.Series(values)).to_list() == shapes


def test_a_fault_of_a_workbook_is_numbered_as_the_spreadsheet_shows_it(
    deliver, workbook, settings, read
) -> None:
    rows = [[""], ["Registre"], list(DESK.values()), ["1", NOON], [""], ["2", "jamais"]]
    report = deliver(workbook("xlsx", rows), "e.xlsx", sheet="Données", header_row=3)
    assert (report.received, report.loaded) == (3, 1)
    found = read(settings, "SELECT sheet, row_number, header, mask FROM ledger.quarantine")
    assert found == [("Données", 6, "Arrivée", "aaaaaa")]


def test_an_ods_with_a_password_is_refused_as_such(deliver, workbook) -> None:
    """LibreOffice keeps the archive and encrypts each part: its manifest says how."""
    entry = (
        '<manifest:file-entry manifest:full-path="content.xml"><manifest:encryption-data '
        'manifest:checksum-type="SHA256/1K"/></manifest:file-entry></manifest:manifest>'
    )
    locked = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook("ods", [list(DESK.values())]))) as plain,
        zipfile.ZipFile(locked, "w") as archive,
    ):
        for part in plain.namelist():
            content = plain.read(part)
            if part == "META-INF/manifest.xml":
                content = content.replace(b"</manifest:manifest>", entry.encode())
            archive.writestr(part, os.urandom(200) if part == "content.xml" else content)
    [message] = deliver(locked.getvalue(), "e.ods").refused
    assert "e.ods: the workbook has a password →" in message


def json_line(number: int) -> str:
    return json.dumps({"N°": str(number), "Arrivée": NOON})


class Panic(BaseException):
    """As a native library raises it: no Exception."""


Panic.__module__ = "pyo3_runtime"


@pytest.mark.usefixtures("read_here")
@pytest.mark.parametrize("fault", [KeyError("Zélie"), Panic("Zélie"), MemoryError(), OSError()])
def test_whatever_a_reader_raises_its_delivery_alone_is_refused(
    make_place, collect, read, settings, tmp_path, monkeypatch, fault: BaseException
) -> None:
    def gives_up(*_: Any) -> Any:
        raise fault

    monkeypatch.setitem(file.READERS, ".txt", gives_up)
    files = {"e-1.csv": f"{HEADER}1;{NOON}\n", "e-2.txt": "Zélie", "e-3.csv": f"{HEADER}3;{NOON}\n"}
    [report] = collect(make_place(tmp_path, files, path="e-*"), settings)
    assert (report.loaded, report.failed) == (2, [])
    [message] = report.refused
    kind = type(fault).__name__
    assert message.startswith(f"e-2.txt: its reader gave up ({kind} at file.py:")
    assert "Zélie" not in message
    assert ("refused",) in read(settings, "SELECT outcome FROM ledger.attempt")


def test_a_delivery_of_which_no_row_can_be_loaded_is_refused_whole_and_says_why(
    deliver, settings, read, monkeypatch
) -> None:
    monkeypatch.setattr(batch, "MOST_REFUSED_ALONE", 3)
    monkeypatch.setattr(batch, "MOST_REFUSED", 9)
    report = deliver(HEADER + "".join(f"{n};jamais\n" for n in range(3)))
    assert (report.received, report.failed) == (0, [])
    [message] = report.refused
    assert "none of its first 3 rows can be loaded; mostly: " in message
    assert read(settings, "SELECT count(*) FROM ledger.quarantine") == [(0,)]
    report = deliver(HEADER + f"0;{NOON}\n" + "".join(f"{n};jamais\n" for n in range(1, 9)))
    assert (report.loaded, report.quarantined, report.refused) == (1, 8, [])
    report = deliver(HEADER + f"0;{NOON}\n" + "".join(f"{n};jamais\n" for n in range(1, 10)))
    assert "9 of its rows cannot be loaded; mostly: " in report.refused[0]


@pytest.mark.parametrize("way", ["found", "brought"])
def test_a_batch_that_nobody_foresaw_does_not_stand_in_the_way_of_those_after_it(
    make_place, collect, read, settings, tmp_path, monkeypatch, way: str
) -> None:
    def judged(page: Any, *others: Any) -> Any:
        if "2" in page.rows["N°"]:
            raise Panic
        return judge_page(page, *others)

    monkeypatch.setattr(batch, "judge_page", judged)
    files = {f"e-{number}.jsonl": json_line(number) for number in (1, 2, 3)}
    place = make_place(tmp_path, files, path="e-*.jsonl")
    if way == "brought":
        for number, name in enumerate(files):
            at = AS_OF + timedelta(minutes=number)
            delivery = Delivery(name, tmp_path / name)
            inbox.bring(delivery, place, place.sources[0], settings.landing, at)
            (tmp_path / name).unlink()
    for loaded in (2, 0, 0, 0, 0):  # the same as often as one likes: an error is not a kill
        [report] = collect(place, settings)
        [message] = report.failed
        assert message.startswith("e-2.jsonl: le-lieu, registre: unexpected fault Panic")
        assert (report.loaded, report.refused) == (loaded, [])
    assert read(settings, "SELECT record_id FROM record.attendance ORDER BY ALL") == [
        ("1",), ("3",),
    ]  # fmt: skip
    waiting = ["e-2.jsonl"] if way == "brought" else []
    assert [found.file_name for found in inbox.all_waiting(settings.landing)] == waiting


def test_a_damaged_parquet_file_is_refused_and_no_fault_of_the_disk(deliver) -> None:
    content = io.BytesIO()
    pl.DataFrame({"N°": ["1"] * 5000, "Arrivée": [NOON] * 5000}).write_parquet(content)
    damaged = bytearray(content.getvalue())
    damaged[30:60] = b"?" * 30
    report = deliver(bytes(damaged), "e.parquet")
    assert report.failed == []
    assert "e.parquet: the file is damaged, or not Parquet" in report.refused[0]


def test_half_a_character_spoils_its_line_alone(deliver, faults, settings) -> None:
    half = json_line(2).replace('"2"', '"\\ud83d"')
    report = deliver("\n".join([json_line(1), half, json_line(3)]), "e.jsonl")
    assert (report.failed, report.loaded, report.quarantined) == ([], 2, 1)
    assert [(row, rule) for row, _, rule, _ in faults(settings)] == [(2, "broken_json")]


def test_a_zip_that_is_no_workbook_is_refused_as_such(make_place, collect, settings, tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("autre.txt", "rien")
    place = make_place(tmp_path, {"e.ods": content.getvalue()})
    [report] = collect(place, settings)
    assert report.failed == []
    assert "cannot be opened" in report.refused[0]
