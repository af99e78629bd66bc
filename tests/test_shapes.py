"""Registers of any shape: what `docs/fr/decrire-une-source.md` shows is what comes out."""

from __future__ import annotations

import io
import json
import re
import tomllib
from typing import Any

import polars as pl
import pytest
import xlsxwriter
from pydantic import ValidationError

from flows.cli.terminal_sources import refusal_lines
from flows.connectors import file
from flows.settings import PROJECT, Settings
from flows.sources import Source
from flows.warehouse.queries import reject_rows

PAGE = (PROJECT / "docs" / "fr" / "decrire-une-source.md").read_text(encoding="utf-8")
SHAPES = PAGE.partition("## Les formes de registre\n")[2].partition("\n## ")[0]
SECTIONS = {
    title: text
    for title, text in (part.split("\n", 1) for part in SHAPES.split("\n### ")[1:])
    if "```toml" in text
}


def table(text: str) -> list[list[str]]:
    """The cells of a table of Markdown, its first row included."""
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows if not set("".join(row)) <= {"-"}]


def tables(text: str) -> list[list[list[str]]]:
    return [table(one) for one in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)]


def file_of(text: str) -> tuple[str, bytes]:
    """The register of a section: a workbook where it names sheets, else delimited text."""
    names = re.findall(r"^Feuille « (.*) »$", text, re.MULTILINE)
    if not names:
        lines = [";".join(row) for row in tables(text)[0]]
        return "csv", "\n".join(lines).encode()
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for name, rows in zip(names, tables(text), strict=False):
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return "xlsx", target.getvalue()


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: Any, make_place: Any, collect: Any) -> Any:
    """Every register of the page, collected at once; the settings of its network."""
    folder = tmp_path_factory.mktemp("shapes")
    settings = Settings(home=folder / "home", places=folder / "places", keys=folder / "keys")
    files, sources = {}, []
    for number, text in enumerate(SECTIONS.values()):
        suffix, content = file_of(text)
        files[f"forme-{number}.{suffix}"] = content
        [declared] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
        [source] = tomllib.loads(f"[[sources]]\n{declared}")["sources"]
        sources.append(
            source | {"id": f"forme-{number}", "path": f"forme-{number}.{suffix}",
                      "coverage": "days"}
        )  # fmt: skip
    place = make_place(folder, files, sources=sources)
    return {report.source_id: report for report in collect(place, settings)}, settings


@pytest.mark.parametrize("title", SECTIONS)
def test_what_the_page_shows_comes_out(title: str, loaded: Any, read: Any) -> None:
    reports, settings = loaded
    number, text = [*SECTIONS].index(title), SECTIONS[title]
    report = reports[f"forme-{number}"]
    assert (report.refused, report.failed) == ([], [])
    [feed] = re.findall(r'^feed = "(\w+)"', text, re.MULTILINE)
    columns, *wanted = tables(text.partition("```toml")[2])[0]
    told = ", ".join(
        f"strftime({c.replace('_at', '_local')}, '%Y-%m-%d %H:%M')" if c.endswith("_at")
        else f"CAST({c} AS VARCHAR)" for c in columns
    )  # fmt: skip
    sql = f"SELECT {told} FROM record.{feed} WHERE source_id = 'forme-{number}' AND NOT deleted"
    assert sorted(map(list, read(settings, sql))) == sorted(wanted)


def book(**sheets: list[list[Any]]) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as workbook:
        for name, rows in sheets.items():
            sheet = workbook.add_worksheet(name)
            for at, row in enumerate(rows):
                sheet.write_row(at, 1, row)  # column A stands empty
    return target.getvalue()


COUNTED = {"columns": {"checked_in_at": "Jour", "headcount": "Nb"}}
MARKED = {
    "unpivot": {"columns": "days", "header_to": "Jour", "cell_to": "Marque"},
    "columns": {"checked_in_at": "Jour", "attendance_status": "Marque"},
    "values": {"attendance_status": {"x": "present"}},
}
HEAD = ["Jour", "Nb"]
REFUSED: dict[str, tuple[bytes, dict[str, Any], list[str]]] = {
    "no-march.xlsx": (
        book(Janvier=[HEAD, ["06/01/2025", 1]], Mars=[HEAD, ["03/03/2025", 1]]),
        {"sheets": "*", **COUNTED}, ["'Janvier' a month is missing", "headers alone"],
    ),
    "no-second.xlsx": (
        book(**{"2025-01": [HEAD, ["06/01/2025", 1]], "2025-03": [HEAD, ["03/03/2025", 1]]}),
        {"sheets": "*", **COUNTED}, ["'2025-01' a month is missing"],
    ),
    "no-sheet.xlsx": (
        book(Janvier=[HEAD, ["06/01/2025", 1]]),
        {"sheets": ["Janvier", "Mars"], **COUNTED}, ["no sheet 'Mars'"],
    ),
    "other-words.xlsx": (
        book(Janvier=[HEAD, ["06/01/2025", 1]], Février=[["Jour", "Total"], ["03/02/2025", 1]]),
        {"sheets": ["Janvier", "F*"], **COUNTED}, ["'Nb' (headcount)", "sheet 'Février'"],
    ),
    "twice.xlsx": (
        book(Mars=[["Nom", "03/03/2025", "04/03/2025", "3/3/2025"], ["A", "x", "x", "x"]]),
        MARKED, ["'3/3/2025' stands twice, in C1 and E1", "keep one"],
    ),
    "no-day.xlsx": (book(Mars=[["Nom", "Prénom"], ["A", "B"]]), MARKED, ["no header", "unpivot"]),
    "taken-name.csv": (
        b"Jour;H;F\n06/10/2025;1;2\n",
        {"unpivot": {"columns": ["H", "F"], "header_to": "Genre", "cell_to": "F"}, **COUNTED},
        ["'F', which `unpivot`", "call the new column otherwise"],
    ),
    "asked-for.csv": (
        b"Jour;H;F\n06/10/2025;1;2\n",
        {"unpivot": {"columns": ["H", "F"], "header_to": "Genre", "cell_to": "Nb"},
         "where": {"H": "1"}, **COUNTED},
        ["'H' is asked for", "header row 1"],
    ),
    "of-2026.csv": (
        b"Jour;Nb\nlun. 5 janv;2\n", {"year": 2025, **COUNTED}, ["2026", "2025", "`year`"],
    ),
}  # fmt: skip
ROWS: dict[str, tuple[bytes, dict[str, Any], list[tuple[int, str, str]]]] = {
    "weeks.csv": (
        b"Sem;Jour;Nb\nS54;lundi;2\nS41;mardi;3\n",
        {"year": 2025, "columns": {"checked_in_at": ["Sem", "Jour"], "headcount": "Nb"}},
        [(2, "Sem + Jour", "not_in_year")],
    ),
    "weekdays.csv": (
        b"Jour;Nb\nmar. 6 oct;2\nlundi 6 octobre;3\n30/02;1\n",
        {"year": 2025, **COUNTED}, [(2, "Jour", "not_in_year"), (4, "Jour", "not_in_year")],
    ),
    "ranges.csv": (
        "Jour;Heures\n06/10/2025;9h - \n06/10/2025;9h à 10h\n06/10/2025;\n".encode(),
        {"split": {"column": "Heures", "into": ["De", "À"]},
         "columns": {"checked_in_at": ["Jour", "De"], "checked_out_at": ["Jour", "À"]}},
        [(2, "Heures", "range_without_end")],
    ),
    "school.csv": (
        b"Jour;Nb\nS36 lundi;2\nsam. 30 ao\xc3\xbbt;3\n1 septembre;4\nsam. 31 ao\xc3\xbbt;1\n",
        {"year": "2024-2025", **COUNTED}, [(5, "Jour", "not_in_year")],
    ),
    "short-names.csv": (
        b"Jour;H;F\n06/10/2025;1;2\n",
        {"unpivot": {"columns": ["H", "F"], "header_to": "Genre", "cell_to": "Nb"}, **COUNTED}, [],
    ),
    "accounts.csv": (
        b"Jour;Nb;Compte\n20251006;2;706100\n20251006;3;512000\n20251007;1;7062\n20251007;9;\n",
        {"where": {"Compte": "706*"}, **COUNTED}, [],
    ),
    "no-year.csv": (b"Jour;Nb\nsam. 1 avril;2\n06/10/2025;3\n", COUNTED,
                    [(2, "Jour", "without_year")]),
    "carried.csv": (
        "Jour;Nb;Note\n06/10/2025;2;\n;3;\n;;fermé\nhier;1;\n;1;\n".encode(),
        {"carried": ["Jour"], **COUNTED},
        [(4, "", "filler_row"), (5, "Jour", "unreadable_timestamp"),
         (6, "Jour", "unreadable_timestamp")],
    ),
    "sums.csv": (
        b"Jour;Matin;Soir\n06/10/2025;1;n.c.\n07/10/2025;1 200;2\n",
        {"columns": {"checked_in_at": "Jour", "headcount": ["Matin", "Soir"]}},
        [(2, "Matin + Soir", "unreadable_integer")],
    ),
    "marks.xlsx": (
        book(Mars=[["Nom", "03/03/2025", "04/03/2025"], ["A", "x", "?!"], ["B", "", "x"]]),
        MARKED, [((4 << 32) + 2, "Marque", "isin")],
    ),
}  # fmt: skip


def test_what_a_shape_cannot_be_is_said_with_its_sheet_and_cell(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, read: Any
) -> None:
    """All files at once; the rows that are good go on."""
    cases = {**REFUSED, **ROWS}
    sources = [
        {"id": name.split(".")[0], "path": name, "coverage": "days", **declared}
        for name, (_content, declared, _wanted) in cases.items()
    ]
    place = make_place(tmp_path, {name: c for name, (c, *_) in cases.items()}, sources=sources)
    reports = {report.source_id: report for report in collect(place, settings)}
    for name, (_content, _declared, wanted) in REFUSED.items():
        [said] = reports[name.split(".")[0]].refused
        assert all(words in said for words in wanted), (said, wanted)
    for name, (_content, _declared, wanted) in ROWS.items():
        assert reports[name.split(".")[0]].refused == []
        sql = "SELECT row_number, header, rule FROM ledger.quarantine WHERE file_name = "
        assert read(settings, f"{sql}'{name}' ORDER BY ALL") == wanted, name
    kept = {name: reports[name.split(".")[0]].loaded for name in ROWS}
    assert [*kept.values()] == [1, 1, 2, 3, 2, 2, 1, 2, 1, 2]
    heads = "SELECT headcount FROM record.attendance WHERE source_id = 'sums'"
    assert read(settings, heads) == [(1202,)]
    places = reject_rows(settings, None).filter(file_name="marks.xlsx")["row_number"]
    assert places.to_list() == ["D2"]


def test_a_check_of_several_sheets_names_the_sheet_of_each_row() -> None:
    told = {"header": "Nb", "rule": "isin", "mask": None, "sentence_en": "…", "sentence_fr": "…"}
    rows = pl.DataFrame([{**told, "sheet": s, "row_number": 4} for s in ("Janvier", "Février")])
    assert "row 4 of 'Janvier', 4 of 'Février'" in refusal_lines(rows)[0]
    assert "(row 4)" in refusal_lines(rows.head(1))[0]


def test_days_of_eight_digits_and_cells_beyond_the_header_that_say_nothing_are_read(
    take: Any,
) -> None:
    text = "Jour|Nb|\n20251006|2||null\n20251007 9h30|3|||\n20251308|1|\n"
    found = take("CAST(checked_in_local AS VARCHAR), headcount", text, "e.txt", **COUNTED)
    assert sorted(found) == [("2025-10-06 00:00:00", 2), ("2025-10-07 09:30:00", 3)]


def test_hours_are_read_as_badge_readers_write_them(take: Any) -> None:
    text = "Jour;Entrée\n20251006;0912\n06/10/2025;912\n2025-10-06;2359\n06/10/2025;2460\n"
    declared = {"columns": {"checked_in_at": ["Jour", "Entrée"]}}
    found = take("strftime(checked_in_local, '%H:%M')", text, **declared)
    assert sorted(found) == [("09:12",), ("09:12",), ("23:59",)]


def test_ranges_are_read_as_people_write_them(take: Any) -> None:
    text = "Jour;Heures\n06/10/2025;9h à midi\n06/10/2025;10h → 17h30\n06/10/2025;18 h 30 / 20 h\n"
    declared = {
        "split": {"column": "Heures", "into": ["De", "À"]},
        "columns": {"checked_in_at": ["Jour", "De"], "checked_out_at": ["Jour", "À"]},
    }
    hours = ", ".join(f"strftime({c}_local, '%H:%M')" for c in ("checked_in", "checked_out"))
    assert sorted(take(hours, text, **declared)) == [
        ("09:00", "12:00"), ("10:00", "17:30"), ("18:30", "20:00"),
    ]  # fmt: skip


def test_a_shape_is_that_of_any_format(tmp_path: Any) -> None:
    rows = [{"Jour": "06/10/2025", "CAF": "x", "MSA": "-"}, {"Jour": "07/10/2025", "MSA": "x"}]
    source = Source.model_validate(
        {"id": "s", "feed": "attendance", "connector": "file", "rhythm": "weekly",
         "coverage": "days", "missing": ["-"], "where_not": {"Qui": "MSA"},
         "unpivot": {"columns": ["CAF", "MSA"], "header_to": "Qui", "cell_to": "Croix"},
         "columns": {"checked_in_at": "Jour", "activity_id": "Qui"}}
    )  # fmt: skip
    frame, lines = pl.DataFrame(rows), io.BytesIO()
    frame.write_parquet(lines)
    for name, content in {
        "e.json": json.dumps(rows).encode(),
        "e.jsonl": "\n".join(map(json.dumps, rows)).encode(),
        "e.parquet": lines.getvalue(),
    }.items():
        pages = file.parse(io.BytesIO(content), name, source)
        rows = [row for page in pages for row in page.rows.select("Jour", "Qui").rows()]
        assert rows == [("06/10/2025", "CAF")], name


def test_a_duration_of_two_hours_is_the_time_between_them_also_over_midnight(take: Any) -> None:
    text = "Jour;De;À\n06/10/2025;9h;10h30\n06/10/2025;23:20;00:30\n06/10/2025;20:15;\n"
    usage = {
        "feed": "service_usage", "constants": {"service_code": "fablab"},
        "columns": {"occurred_at": ["Jour", "De"], "duration_minutes": ["De", "À"]},
    }  # fmt: skip
    found = take("duration_minutes", text, **usage)
    assert sorted(found, key=str) == [(70,), (90,), (None,)]


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"unpivot": {"columns": ["A", "A"], "header_to": "h", "cell_to": "c"}}, "stands twice"),
        ({"header_rows": [1, 3]}, "follow each other"),
        ({"header_rows": [1, 2], "header_row": 2}, "not both"),
        ({"sheets": "*", "sheet": "A"}, "not both"),
        ({"year": 2025, "connector": "sql"}, "'year'"),
        ({"year": "2024-2026"}, "a school year"),
        ({"year": 25}, "write a year"),
        ({"split": {"column": "H", "into": ["De", "De"]}}, "different names"),
        ({"split": {"column": "H", "into": ["De", "À"]}, "carried": "De"}, "headers of the file"),
        ({"missing": ["-"], "template": "comptage"}, "'missing'"),
    ],
    ids=str,
)
def test_keys_of_a_shape_that_say_two_things_are_refused(declared: Any, said: str) -> None:
    plain = {"id": "s", "feed": "attendance", "connector": "file", "rhythm": "weekly",
             "coverage": "days", "path": "e.csv"}  # fmt: skip
    with pytest.raises(ValidationError, match=said):
        Source.model_validate(plain | declared)


def test_rows_that_hold_nothing_are_in_no_share_of_what_was_refused(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any
) -> None:
    fillers = "".join(f"{n};;\n" for n in range(3, 60))
    text = "N°;Arrivée;Nb\n1;06/10/2026;2\n2;31/02/2026;1\n" + fillers
    columns = {"record_id": "N°", "checked_in_at": "Arrivée", "headcount": "Nb"}
    [report] = collect(make_place(tmp_path, {"e.csv": text}, columns=columns), settings)
    assert (report.loaded, report.quarantined, report.exceeds_tolerance) == (1, 1, True)
