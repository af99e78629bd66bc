"""A month a sheet: what was not read proves nothing."""

from __future__ import annotations

import io
from typing import Any

import xlsxwriter

REGISTER = {
    "path": "p-2026-03-31.xlsx", "coverage": "until_file_date",
    "columns": {"record_id": "N°", "checked_in_at": "Arrivée"},
}  # fmt: skip


def year(**sheets: list[str]) -> bytes:
    """A sheet for each name, with its arrivals."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for name, days in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["N°", "Arrivée"])
            for row, day in enumerate(days, start=1):
                sheet.write_row(row, 0, [f"{name[:3]}-{row}", day])
        book.add_worksheet("Notes").write_row(0, 0, ["Consignes"])
    return target.getvalue()


MONTHS = {"Janvier": ["12/01/2026", "30/01/2026"], "Février": ["10/02/2026"], "Avril": []}


def test_which_of_several_sheets_with_these_columns_is_meant_has_to_be_said(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any
) -> None:
    place = make_place(tmp_path, {"p-2026-03-31.xlsx": year(**MONTHS)}, **REGISTER)
    [report] = collect(place, settings)
    assert "'Janvier', 'Février'" in report.refused[0] and "Avril" not in report.refused[0]
    assert "sheets = [" in report.refused[0]


def test_a_sheet_beside_others_of_its_kind_proves_the_days_that_it_shows_and_no_other(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, read: Any
) -> None:
    files = {"p-2026-03-31.xlsx": year(**MONTHS)}
    [report] = collect(make_place(tmp_path, files, **REGISTER, sheet="Janvier"), settings)
    assert (report.refused, report.loaded) == ([], 2)
    days = "SELECT min(day)::VARCHAR, max(day)::VARCHAR, count(*) FROM ledger.proof"
    assert read(settings, days) == [("2026-01-12", "2026-01-30", 19)]


def test_a_sheet_alone_of_its_kind_proves_until_the_day_in_the_name(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, read: Any
) -> None:
    content = year(Janvier=MONTHS["Janvier"], Avril=[])
    place = make_place(tmp_path, {"p-2026-03-31.xlsx": content}, **REGISTER)
    [report] = collect(place, settings)
    assert report.refused == []
    assert read(settings, "SELECT max(day)::VARCHAR FROM ledger.proof") == [("2026-03-31",)]
