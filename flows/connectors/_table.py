"""Workbooks as pages of text."""

import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any, BinaryIO

import polars as pl

from flows.connectors._headers import (
    check_headers,
    clean_header,
    headers_under,
    named_by_letter,
    refuse_a_day_twice,
)
from flows.connectors._looks import counts_from_1904, first_column_of, seen_in
from flows.connectors._shape import turned
from flows.connectors._sheets import is_among, is_another, is_blank, sheets_to_read
from flows.connectors._totals import UNIT_SEPARATOR, are_totals
from flows.connectors._workbook import (
    archive_of,
    cannot_be_opened,
    first_sheet,
    refuse_far_cells,
    refuse_unsafe,
)
from flows.errors import BatchRefused
from flows.language import _
from flows.records import ROW_NUMBER, Broken, Page
from flows.shape import LETTER
from flows.shown_names import hidden, shown_sheet
from flows.sources import Source
from schemas.template import HELP_SHEET, SHEETS, VERSION_MARK

# a workbook keeps an hour as an instant of its first day, and a day as its midnight
LONE_HOUR = (r"^1899-12-3[01][ T](\d{2}:\d{2}:\d{2})$", "${1}")
LONE_HOUR_OF_1904 = (r"^1904-01-01[ T](\d{2}:\d{2}:\d{2})$", "${1}")
DAY_NUMBER = r"^\d{5}(?:\.\d+)?$"
DAYS_TO_1904 = 1462
"""From 30 December 1899, from which Excel's day numbers count, to 1 January 1904."""
MIDNIGHT = (r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00$", "${1}")


def parse_workbook(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """The declared sheets (else the first) of an XLSX or ODS file."""
    import fastexcel

    content = stream.read()
    refuse_unsafe(content, name)
    try:
        workbook = fastexcel.read_excel(content)
        first = first_sheet(workbook.sheet_names, name)
        if source.template is not None and HELP_SHEET in workbook.sheet_names:
            refuse_far_cells(content, name, HELP_SHEET)
            refuse_other_version(workbook, name, source.template)
        names = {
            sheet: shown_sheet(sheet, source, number)
            for number, sheet in enumerate(workbook.sheet_names, start=1)
        }
        with hidden(names):
            for sheet in sheets_to_read(workbook.sheet_names, first, source, name):
                number = 1 + workbook.sheet_names.index(sheet)
                for page in sheet_pages(workbook, sheet, content, name, source):
                    yield replace(page, sheet_number=number)
    except fastexcel.FastExcelError as fault:
        raise cannot_be_opened(name) from fault


def sheet_pages(
    workbook: Any, sheet: str, content: bytes, name: str, source: Source
) -> Iterator[Page]:
    """One sheet; none of it where the source takes what fits, and this one holds something else."""
    refuse_far_cells(content, name, sheet)
    cells = cells_of(workbook, sheet)
    where = _("{file}, sheet {sheet!r}").format(file=name, sheet=sheet) if source.sheets else name
    if source.sheets and (is_blank(cells) or is_another(cells, sheet, source)):
        return
    first_row = source.last_header_row
    if len(cells) < first_row:
        raise BatchRefused(
            _("there is no header in row {header_row}").format(header_row=first_row),
            where=where,
            remedy=_("check that the file is complete, or header_row in the TOML"),
        )
    first_column = first_column_in(content, name, sheet, source)
    headers = named_by_letter(headers_in(cells, source), source, first_column)
    refuse_a_day_twice(headers, source, where, first_column)
    check_headers(headers, where, source)
    alike = sheets_alike(workbook, sheet, content, name, source)
    if alike and source.sheet is None and not source.sheets:
        raise BatchRefused(
            _("more than one sheet has these columns and rows: {sheets}").format(
                sheets=", ".join(repr(one) for one in [sheet, *alike])
            ),
            where=name,
            remedy=_('write sheets = ["…", "…"] in the TOML with those to read, or "*" for all'),
        )
    looked = as_seen(cells, content, name, sheet, source, headers)
    body = looked[first_row:].select(pl.all().str.replace(*LONE_HOUR).str.replace(*MIDNIGHT))
    page = sorted_page(body, headers, first_row + 1, source, sheet)
    yield replace(turned(page, source, headers, first_column), is_part=bool(alike))


def headers_in(cells: pl.DataFrame, source: Source) -> list[str]:
    """The headers of a sheet, those over several lines joined; a day as it is read below them."""
    rows = source.header_rows or [source.header_row]
    above = cells[rows[0] - 1 : rows[-1]].select(pl.all().str.replace(*MIDNIGHT))
    return headers_under([[clean_header(cell) for cell in row] for row in above.iter_rows()])


def first_column_in(content: bytes, name: str, sheet: str, source: Source) -> int:
    """The number of the first column of a sheet, where the source has to know it."""
    is_asked = source.unpivot or any(map(LETTER.match, source.filed_headers([])))
    if not is_asked or not zipfile.is_zipfile(io.BytesIO(content)):
        return 1
    with archive_of(content, name) as archive:
        return first_column_of(archive, sheet)


def sheets_alike(workbook: Any, sheet: str, content: bytes, name: str, source: Source) -> list[str]:
    """Other sheets with the mapped headers and rows below them, which the source does not read."""
    found = []
    for other in workbook.sheet_names:
        if other in (sheet, HELP_SHEET) or is_among(other, source.sheets):
            continue
        with suppress(BatchRefused):  # what reaches too far is not looked at
            refuse_far_cells(content, name, other)
            cells = cells_of(workbook, other)
            if len(cells) > source.last_header_row:
                headers = headers_in(cells, source)
                if source.filed_headers(headers).keys() <= {*headers}:
                    found.append(other)
    return found


def cells_of(workbook: Any, sheet: str) -> pl.DataFrame:
    """All cells of a sheet as text, the header row included."""
    loaded = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    return pl.DataFrame(loaded.to_polars())


def as_seen(
    cells: pl.DataFrame, content: bytes, name: str, sheet: str, source: Source, headers: list[str]
) -> pl.DataFrame:
    """The cells as a person sees them; raises BatchRefused where a formula has no result."""
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return cells
    with archive_of(content, name) as archive:
        seen = seen_in(archive, sheet)
        if counts_from_1904(archive):
            cells = cells.select(pl.all().str.replace(*LONE_HOUR_OF_1904))
            cells = cells.with_columns(
                since_1900(pl.nth(at)) for at in columns_of_days(source, headers)
            )
    first = seen.first_column
    filed = source.filed_headers(headers)
    wanted = {at for at, header in enumerate(headers) if header in filed}
    open_cells = [cell for (_, at), cell in seen.uncounted.items() if at - first in wanted]
    if open_cells:
        raise BatchRefused(
            _("{cell} holds a formula without its result").format(cell=open_cells[0]),
            where=_("{file}, sheet {sheet!r}").format(file=name, sheet=sheet),
            remedy=_("open the file in a spreadsheet program, save it, and deliver it again"),
        )
    for at in sorted({column - first for _row, column in seen.cells} & wanted):
        here = {
            row - 1: text for (row, column), text in seen.cells.items()
            if column - first == at and row <= len(cells)
        }  # fmt: skip
        if not are_all_months(here, cells.to_series(at)[source.last_header_row :]):
            cells = cells.with_columns(cells.to_series(at).scatter([*here], [*here.values()]))
    return cells


def are_all_months(looks: dict[int, str], column: pl.Series) -> bool:
    """Are all cells of a column days that show their month? One beside other days is a subtotal."""
    months = [text for text in looks.values() if re.fullmatch(r"\d{4}-\d{2}", text)]
    return 0 < len(months) == len(looks) >= len(column) - column.null_count()


def columns_of_days(source: Source, headers: list[str]) -> list[int]:
    """Where the headers stand that are mapped to a date or an instant."""
    from schemas import CONTRACTS
    from schemas.record import stored_columns

    kinds = {name: c.metadata["kind"] for name, c in stored_columns(CONTRACTS[source.feed]).items()}
    days = {
        header for header, name in source.wanted_headers().items()
        if kinds.get(name) in ("date", "timestamp") or header == source.identity.birth_date
    }  # fmt: skip
    return [at for at, header in enumerate(headers) if header in days]


def since_1900(cells: pl.Expr) -> pl.Expr:
    """Day numbers that count from 1904 as those that count from 1900."""
    moved = (cells.cast(pl.Float64, strict=False) + DAYS_TO_1904).cast(pl.String)
    is_number = cells.str.contains(DAY_NUMBER)
    return pl.when(is_number).then(moved.str.replace(r"\.0$", "")).otherwise(cells)


def refuse_other_version(workbook: Any, name: str, template: str) -> None:
    """Raises BatchRefused for a sheet of the kit whose mark is not that of the declared template.

    A workbook without a mark is judged by its headers, as any other.
    """
    first = cells_of(workbook, HELP_SHEET)[:, :1]
    marks = [text for (text,) in first.iter_rows() if text and text.startswith(VERSION_MARK)]
    wanted = f"{template} {SHEETS[template].version()}"
    if marks and marks[0].removeprefix(VERSION_MARK).strip() != wanted:
        raise BatchRefused(
            _("this is not the sheet of the kit that this program reads ({wanted})").format(
                wanted=wanted
            ),
            where=_("{file}, sheet {sheet!r}").format(file=name, sheet=HELP_SHEET),
            remedy=_("take the sheet of this version (impact kit), and copy the rows into it"),
        )


def sorted_page(
    body: pl.DataFrame, headers: list[str], first: int, source: Source, sheet: str
) -> Page:
    """Blank, total and repeated header rows are set apart; mapped columns are kept."""
    line, apart = (
        body.select(pl.concat_str(pl.all().fill_null(""), separator=sign)).to_series()
        for sign in (";", UNIT_SEPARATOR)
    )
    header_line = ";".join(headers)
    kind = (
        pl.DataFrame({"line": line})
        .select(
            pl.when(pl.col("line").str.contains(r"^[\s;]*$"))
            .then(pl.lit("blank"))
            .when(pl.col("line") == header_line)
            .then(pl.lit("repeated_header"))
            .when(pl.lit(are_totals(apart, UNIT_SEPARATOR)))
            .then(pl.lit("total_row"))
            .otherwise(pl.lit("row"))
        )
        .to_series()
    )
    numbers = pl.arange(first, first + len(body), eager=True).alias(ROW_NUMBER)
    filed = source.filed_headers(headers)
    wanted = [(i, h) for i, h in enumerate(headers) if h in filed]
    rows = pl.DataFrame([numbers, *(body.to_series(i).alias(h) for i, h in wanted)]).filter(
        kind == "row"
    )
    broken = [
        Broken(number, rule, text)
        for number, rule, text in zip(numbers, kind, line, strict=True)
        if rule not in ("blank", "row")
    ]
    return Page(rows, len(body), broken, int((kind == "blank").sum()), sheet)
