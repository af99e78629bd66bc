"""A cell of a workbook is read as a person sees it, or is refused."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any

import odf.opendocument as opendocument
import pytest
import xlsxwriter
from odf.namespaces import TABLENS
from odf.table import Table, TableCell, TableRow
from odf.text import P

PARIS = "+01:00"
COLUMNS = {"record_id": "N°", "occurred_at": "Date", "duration_minutes": "Durée"}
DAY = datetime(2026, 3, 2)
CALCEXT = "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"


def xlsx(rows: list[tuple[Any, str]], first: int = 0, **options: Any) -> bytes:
    """A day and a number with its look in each row; `first` columns and rows stand empty."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, **options}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet()
        sheet.write_row(first, first, ["N°", "Date", "Durée"])
        for number, (value, look) in enumerate(rows, start=1):
            y = first + number
            cell = book.add_format({"num_format": look}) if look else None
            sheet.write(y, first, f"U-{number:02}")
            sheet.write_datetime(y, first + 1, DAY, day)
            if isinstance(value, str) and value.startswith("="):
                formula, _, result = value.partition(" -> ")
                sheet.write_formula(y, first + 2, formula, cell, result or 0)
            else:
                sheet.write(y, first + 2, value, cell)
    return target.getvalue()


LOOKS = [
    (35 / 24, "[h]:mm", 35 * 60),
    (17.5 / 24, "hh:mm", 1050),
    (0.0625, "[mm]", 90),
    (26.25 / 24, '[$-40C][hh]"h"mm', 1575),
    (90, "", 90),
    (45, '0" min"', 45),
    (1 / 24, "[h]:mm:ss", 60),
    ("=A1 -> 120", "", 120),
]
REFUSED = [(-2 / 24, "[h]:mm"), (0.8, "0.00 %"), ("=NA() -> #N/A", ""), ("=1/0 -> #DIV/0!", "")]
USAGE = {
    "feed": "service_usage", "columns": COLUMNS, "path": "e.xlsx",
    "constants": {"service_code": "mediation_numerique", "evidence": "declared"},
}  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"date_1904": True}, {"first": 3}], ids=str)
def test_a_duration_is_read_as_it_is_shown(take: Any, options: dict[str, Any]) -> None:
    content = xlsx([(value, look) for value, look, _ in LOOKS], **options)
    place = USAGE | {"header_row": options.get("first", 0) + 1}
    found = take("duration_minutes, CAST(occurred_local AS DATE)", content, "e.xlsx", **place)
    assert [minutes for minutes, _ in found] == [minutes for *_, minutes in LOOKS]
    assert {day for _, day in found} == {DAY.date()}


def test_errors_percentages_and_what_is_below_zero_are_no_durations(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, read: Any
) -> None:
    content = xlsx([*REFUSED, (30, "")])
    place = make_place(tmp_path, {"e.xlsx": content}, **USAGE)
    [report] = collect(place, settings)
    assert (report.refused, report.loaded, report.quarantined) == ([], 5, 0)
    assert report.doubts == {("Durée", "unreadable_minutes"): 4}
    minutes = "SELECT duration_minutes FROM record.service_usage ORDER BY ALL NULLS FIRST"
    assert read(settings, minutes) == [(None,)] * 4 + [(30,)]


@pytest.mark.parametrize("value", [2.5 / 24, 0.729166666666667, 1 / 1440])
def test_a_part_of_a_day_that_lost_its_look_is_no_number_of_minutes(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, value: float
) -> None:
    content = xlsx([(f"=A1 -> {value}", ""), (150 / 1440, "hh:mm")])
    [report] = collect(make_place(tmp_path, {"e.xlsx": content}, **USAGE), settings)
    assert "parts of a day" in report.refused[0] and "column 'Durée'" in report.refused[0]
    assert "[h]:mm" in report.refused[0]


def test_hours_are_no_minutes(tmp_path: Any, settings: Any, make_place: Any, collect: Any) -> None:
    content = "N°;Date;Durée\n1;02/03/2026;1,5\n2;02/03/2026;2\n"
    place = make_place(tmp_path, {"e.csv": content}, **USAGE | {"path": "e.csv"})
    [report] = collect(place, settings)
    assert "look like hours" in report.refused[0]


def test_days_computed_in_a_workbook_that_counts_from_1904_are_its_days(take: Any) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "date_1904": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["N°", "Date", "Durée"])
        from_1904 = (DAY - datetime(1904, 1, 1)).days
        for row, number in enumerate([from_1904, from_1904 + 0.75], start=1):
            sheet.write_row(row, 0, [f"U-{row}"])
            sheet.write_formula(row, 1, "=B9+C9", None, number)
            sheet.write_number(row, 2, 30)
    found = take("occurred_local", target.getvalue(), "e.xlsx", **USAGE)
    assert found == [(DAY,), (DAY + timedelta(hours=18),)]


@pytest.mark.parametrize("beside", [True, False], ids=["beside-days", "all-of-a-column"])
def test_a_day_that_shows_its_month_alone_is_a_subtotal_beside_days(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, read: Any, beside: bool
) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        looks = ["dd/mm/yyyy" if beside else "mm/yyyy", "mmm-yy", "mmmm yyyy", "[$-40C]mmm yy"]
        sheet.write_row(0, 0, ["N°", "Date"])
        for row, look in enumerate(looks, start=1):
            sheet.write_string(row, 0, f"U-{row}")
            sheet.write_datetime(row, 1, DAY, book.add_format({"num_format": look}))
    source = USAGE | {"columns": {"record_id": "N°", "occurred_at": "Date"}}
    place = make_place(tmp_path, {"e.xlsx": target.getvalue()}, **source)
    [report] = collect(place, settings)
    assert (report.refused, report.loaded, report.quarantined) == (
        ([], 1, 3) if beside else ([], 4, 0)
    )


def test_zeros_that_a_look_puts_in_front_belong_to_the_number(take: Any) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet, zeros = book.add_worksheet(), book.add_format({"num_format": "00000"})
        sheet.write_row(0, 0, ["N°", "Date"])
        sheet.write_number(1, 0, 123, zeros)
        sheet.write_row(1, 1, ["02/03/2026"])
    source = USAGE | {"columns": {"record_id": "N°", "occurred_at": "Date"}}
    assert take("record_id", target.getvalue(), "e.xlsx", **source) == [("00123",)]


def ods(*durations: TableCell) -> bytes:
    book = opendocument.OpenDocumentSpreadsheet()
    table = Table(name="Feuille1")
    header = TableRow()
    for title in ("N°", "Date", "Durée"):
        header.addElement(text_cell(title))
    table.addElement(header)
    for number, duration in enumerate(durations, start=1):
        row = TableRow()
        for cell in (text_cell(f"U-{number}"), text_cell("02/03/2026"), duration):
            row.addElement(cell)
        table.addElement(row)
    book.spreadsheet.addElement(table)
    target = io.BytesIO()
    book.write(target)
    return target.getvalue()


def text_cell(text: str, **attributes: str) -> TableCell:
    cell = TableCell(valuetype="string", **attributes)
    cell.addElement(P(text=text))
    return cell


def test_times_of_an_ods_file_are_read_and_its_errors_are_no_durations(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, read: Any
) -> None:
    error = text_cell("#N/A", stringvalue="")
    error.setAttrNS(CALCEXT, "value-type", "error")
    spans = ["PT35H00M00S", "PT01H30M", "-PT2H00M00S"]
    cells = [TableCell(valuetype="time", timevalue=span) for span in spans]
    percent = TableCell(valuetype="percentage", value="0.8")
    content = ods(*cells, percent, error, TableCell(valuetype="float", value="45"))
    place = make_place(tmp_path, {"e.ods": content}, **USAGE | {"path": "e.ods"})
    [report] = collect(place, settings)
    assert (report.refused, report.failed) == ([], [])
    kept = "SELECT record_id, duration_minutes FROM record.service_usage ORDER BY ALL"
    assert read(settings, kept) == [
        ("U-1", 2100), ("U-2", 90), ("U-3", None), ("U-4", None), ("U-5", None), ("U-6", 45),
    ]  # fmt: skip
    assert report.doubts == {("Durée", "unreadable_minutes"): 3}


def test_a_month_of_an_ods_file_beside_days_is_a_subtotal(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any
) -> None:
    cells = []
    for shown in ("05/10/2026", "oct. 26", "10/2026", "lundi 5 octobre 2026"):
        cells.append(TableCell(valuetype="date", datevalue="2026-10-05"))
        cells[-1].addElement(P(text=shown))
    source = USAGE | {"columns": {"record_id": "N°", "occurred_at": "Durée"}, "path": "e.ods"}
    [report] = collect(make_place(tmp_path, {"e.ods": ods(*cells)}, **source), settings)
    assert (report.refused, report.loaded, report.quarantined) == ([], 2, 2)


def uncounted_xlsx() -> bytes:
    import zipfile

    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx([("=A1 -> 30", ""), (30, "")]))) as old,
        zipfile.ZipFile(made, "w") as new,
    ):
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"<f>A1</f><v>30</v>", b"<f>A1</f>"))
    return made.getvalue()


def uncounted_ods() -> bytes:
    cell = TableCell()
    cell.setAttrNS(TABLENS, "formula", "of:=[.A1]")
    return ods(cell)


@pytest.mark.parametrize(
    ("name", "write", "cell"), [("e.xlsx", uncounted_xlsx, "C2"), ("e.ods", uncounted_ods, "C2")]
)
def test_a_formula_whose_result_was_never_stored_is_refused(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, name: str, write: Any, cell: str
) -> None:
    place = make_place(tmp_path, {name: write()}, **USAGE | {"path": name})
    [report] = collect(place, settings)
    assert f"{cell} holds a formula without its result" in report.refused[0]
    assert "save it, and deliver it again" in report.refused[0]
