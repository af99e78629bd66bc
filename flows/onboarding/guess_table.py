"""Where the table is in an unknown file: its sheet, its header line, its columns of text."""

import re
from dataclasses import dataclass, field

import polars as pl

from flows.connectors._headers import clean_header, headers_under
from flows.connectors._peek import Grid
from flows.connectors._sheets import month_of
from flows.connectors._totals import total_row
from flows.errors import ConfigurationError
from flows.intake.read_times import tidy
from flows.language import _
from flows.onboarding.guess_header import header_rows, likeliest, refuse_accounts
from flows.onboarding.guess_shape import turn
from flows.onboarding.guess_turned import MOSTLY, Turned, mean
from flows.records import letters
from flows.shape import SHEET


@dataclass(frozen=True)
class Table:
    """One sheet under its header line: cells of text by header, without blanks and totals."""

    sheet: str
    header_row: int
    columns: dict[str, pl.Series]
    repeated: list[str] = field(default_factory=list)
    """Headers that stand more than once: the file connector would refuse them."""
    others: list[str] = field(default_factory=list)
    """Sheets that would not be read, though they have some of the headers, or are months."""
    shape: Turned = field(default_factory=lambda: Turned({}))
    """How it was turned, and the keys of the TOML for that."""


def find_table(grids: list[Grid], feed: str, name: str, sheet: str | None = None) -> Table:
    """The sheet and row in which most headers are known: the first lines may be titles."""
    refuse_accounts(grids, name)
    if sheet is not None:
        grids = [grid for grid in grids if grid.sheet == sheet] or no_such_sheet(grids, name, sheet)
    grid, at = likeliest(grids, feed, name)
    rows = header_rows(grid.rows, at)
    headers = headers_at(grid, rows)
    alike = [] if sheet is not None else sheets_alike(grids, grid, rows, headers)
    columns, repeated = columns_of([grid, *alike], rows, headers)
    said = [name, grid.sheet, *(cell for row in grid.rows[: rows[0]] for cell in row)]
    shape = turn(columns, feed, said, merged_headers([grid, *alike], rows))
    if are_longer(grid.rows[rows[-1] + 1 :], len(headers)):
        shape.remarks.append(
            _("Most lines are longer than the header: the cells beyond it are not read")
        )
    rest = [one for one in grids if one is not grid and one not in alike and one.rows]
    others = [one.sheet for one in rest if holds_some(one, rows, headers)]
    months = [sheet for sheet in others if month_of(sheet)]
    if alike and months:
        shape.questions.append(
            _("# To decide: sheets of months with other headers: {sheets}").format(
                sheets=", ".join(map(repr, months))
            )
        )
    if alike:
        names = [one.sheet for one in grids if one is grid or one in alike]
        shape.keys["sheets"] = names if others else "*"
    if len(rows) > 1:
        shape.keys["header_rows"] = [row + 1 for row in rows]
    shape.columns.pop(SHEET, None) if SHEET not in shape.day else None
    return Table(grid.sheet, rows[-1] + 1, shape.columns, repeated, others, shape)


def merged_headers(grids: list[Grid], rows: list[int]) -> list[str]:
    """The headers under which cells were merged downwards."""
    found = {
        headers_at(grid, rows)[column - grid.first_column]
        for grid in grids
        for first, column in grid.merged
        if first > rows[-1] + 1 and 0 <= column - grid.first_column < len(grid.rows[rows[-1]])
    }
    return sorted(header for header in found if header)


def are_longer(rows: list[list[str]], width: int) -> bool:
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    return mean(len(row) > width for row in filled) > MOSTLY


def headers_at(grid: Grid, rows: list[int]) -> list[str]:
    """The headers; a column without one, and with something below, is named by its letter."""
    headers = headers_under([[clean_header(cell) for cell in grid.rows[row]] for row in rows])
    body = grid.rows[rows[-1] + 1 :]
    return [
        header or lettered(at + grid.first_column, [row[at] for row in body if len(row) > at])
        for at, header in enumerate(headers)
    ]


def lettered(column: int, cells: list[str]) -> str:
    return f"={letters(column)}" if any(cell.strip() for cell in cells) else ""


def sheets_alike(grids: list[Grid], grid: Grid, rows: list[int], headers: list[str]) -> list[Grid]:
    """Other sheets with the same headers in the same rows, and something below them."""
    wanted = {header for header in headers if header}
    return [
        one for one in grids
        if one is not grid and len(one.rows) > rows[-1] + 1
        and wanted == {header for header in headers_at(one, rows) if header}
    ]  # fmt: skip


def holds_some(grid: Grid, rows: list[int], headers: list[str]) -> bool:
    """Would a source of all sheets refuse this one: a month, or some of the headers?"""
    above = {clean_header(cell) for row in grid.rows[: rows[-1] + 1] for cell in row}
    return bool(month_of(grid.sheet)) or bool(above & {header for header in headers if header})


def columns_of(
    grids: list[Grid], rows: list[int], headers: list[str]
) -> tuple[dict[str, pl.Series], list[str]]:
    """The columns of one sheet, or of several alike; and the headers that stand more than once."""
    total = re.compile(total_row(r";,\t|"))
    cells: dict[str, list[str | None]] = {
        header: [] for header in headers if header and headers.count(header) == 1
    }
    sheets: list[str] = []
    for grid in grids:
        own = headers_at(grid, rows)
        for row in grid.rows[rows[-1] + 1 :]:
            if not any(cell.strip() for cell in row) or total.search(";".join(row)):
                continue
            sheets.append(clean_header(grid.sheet))
            for header, column in cells.items():
                at = own.index(header)
                column.append(row[at] if at < len(row) else None)
    columns = {h: tidy(pl.Series(column, dtype=pl.String)) for h, column in cells.items()}
    if grids[0].sheet:
        columns[SHEET] = pl.Series(sheets, dtype=pl.String)
    return columns, [h for h in dict.fromkeys(headers) if h and h not in cells]


def no_such_sheet(grids: list[Grid], name: str, sheet: str) -> list[Grid]:
    raise ConfigurationError(
        _("there is no sheet {sheet!r}").format(sheet=sheet),
        where=name,
        remedy=_("the sheets are: {sheet_names}").format(
            sheet_names=", ".join(grid.sheet for grid in grids)
        ),
    )
