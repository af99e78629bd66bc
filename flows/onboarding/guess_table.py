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
from flows.onboarding.guess_shape import DAYS, MONTHS, RANGE_HEADERS, WEEK_HEADERS, Turned, turn
from flows.onboarding.guess_words import known_words
from flows.onboarding.header_words import (
    COUNT_WORDS,
    HEADERS,
    HOUR_HEADERS,
    IDENTITY_HEADERS,
    plain,
)
from flows.shape import SHEET
from schemas import CONTRACTS
from schemas.record import codes_of, stored_columns

HEADER_LOOKED_FOR_ROWS = 20
FEWEST_HEADERS_KNOWN = 2
FEWEST_HEADERS_BY_FORM = 3
FEWEST_GROUPS = 2
DATA = re.compile(r"[0-9@]")
"""What a cell with a day, a number or an address has, and a header seldom."""


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
    known = {word for words in synonyms(feed).values() for word in words} | {*HOUR_HEADERS}
    known |= COUNT_WORDS | WEEK_HEADERS | RANGE_HEADERS | kinds_known(feed) | {"mois"}
    counted = [
        (headers_known(row, known), grid, at)
        for grid in grids
        for at, row in enumerate(grid.rows[:HEADER_LOOKED_FOR_ROWS])
    ]
    most, grid, at = max(counted, key=lambda line: line[0], default=(0, Grid("", []), 0))
    if most < FEWEST_HEADERS_KNOWN and (by_form := header_by_form(grids)):
        grid, at = by_form
    elif most < FEWEST_HEADERS_KNOWN:  # the first row may be people: show none of it
        raise ConfigurationError(
            _("no header line was recognised"),
            where=name,
            remedy=_("check --feed, or write the source by hand as docs/places.md says"),
        )
    rows = header_rows(grid.rows, at)
    headers = headers_at(grid, rows)
    alike = [] if sheet is not None else sheets_alike(grids, grid, rows, headers)
    columns, repeated = columns_of([grid, *alike], rows, headers)
    said = [name, grid.sheet, *(cell for row in grid.rows[: rows[0]] for cell in row)]
    shape = turn(columns, feed, said)
    rest = [one for one in grids if one is not grid and one not in alike and one.rows]
    others = [one.sheet for one in rest if holds_some(one, rows, headers)]
    if alike:
        names = [one.sheet for one in grids if one is grid or one in alike]
        shape.keys["sheets"] = names if others else "*"
    if len(rows) > 1:
        shape.keys["header_rows"] = [row + 1 for row in rows]
    shape.columns.pop(SHEET, None) if SHEET not in shape.day else None
    return Table(grid.sheet, rows[-1] + 1, shape.columns, repeated, others, shape)


def kinds_known(feed: str) -> set[str]:
    """The words of operators and services, which stand over a column for each."""
    columns = stored_columns(CONTRACTS[feed])
    named = [name for name in ("operator_code", "service_code") if name in columns]
    return {word for name in named for word in known_words(name, codes_of(columns[name])).codes}


def headers_known(row: list[str], known: set[str]) -> int:
    """How many cells of a row are headers: words that are known, or days, or months."""
    headers = [clean_header(cell) for cell in row]
    words = len({plain(header) for header in headers} & known)
    columns = max(len(DAYS.takes(headers)), len(MONTHS.takes(headers)))
    return words + (columns if columns > 1 and not any(map(str.isdigit, headers)) else 0)


def header_rows(rows: list[list[str]], at: int) -> list[int]:
    """The row of the headers, or the two over which they go: under a group, or above its parts."""
    for first in (at, at - 1):
        if first >= 0 and are_two_lines(rows[first : first + 2]):
            return [first, first + 1]
    return [at]


def are_two_lines(rows: list[list[str]]) -> bool:
    """Words alone: two groups or more, some of whose columns have no name but in the second row."""
    if len(rows) < 2 or any(DATA.search(cell) for row in rows for cell in row):
        return False
    upper, lower = ([bool(cell.strip()) for cell in row] for row in rows)
    pairs = list(zip(upper, lower, strict=False))
    is_whole = sum(lower) == max(sum(lower), sum(a or b for a, b in pairs))
    names = [cell for cell in rows[1] if cell.strip()]
    return (
        sum(upper) >= FEWEST_GROUPS
        and any(not above and below for above, below in pairs)
        and not (is_whole and len({*names}) == len(names))
    )


def headers_at(grid: Grid, rows: list[int]) -> list[str]:
    return headers_under([[clean_header(cell) for cell in grid.rows[row]] for row in rows])


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


def refuse_accounts(grids: list[Grid], name: str) -> None:
    """Raises ConfigurationError for the entries of an accounting program: no feed holds them."""
    headers = {plain(cell) for grid in grids for row in grid.rows[:1] for cell in row}
    if {"journalcode", "comptenum"} & headers:
        raise ConfigurationError(
            _("these are the entries of an accounting program (FEC): no feed holds them"),
            where=name,
            remedy=_("ask for the invoices one by one, or for what each service was paid"),
        )


def header_by_form(grids: list[Grid]) -> tuple[Grid, int] | None:
    """The first row of words alone, above rows of as many cells that hold numbers or addresses."""
    for grid in grids:
        for at, row in enumerate(grid.rows[:HEADER_LOOKED_FOR_ROWS]):
            names = {i for i, cell in enumerate(row) if cell.strip()}
            below = next((r for r in grid.rows[at + 1 :] if any(cell.strip() for cell in r)), [])
            data = {i for i, cell in enumerate(below) if DATA.search(cell)}
            if (
                len(names) >= FEWEST_HEADERS_BY_FORM
                and not any(DATA.search(cell) for cell in row)
                and len(data & names) >= FEWEST_HEADERS_KNOWN
            ):
                return grid, at
    return None


def synonyms(feed: str) -> dict[str, tuple[str, ...]]:
    """Target → its headers, for one feed; identities carry their prefix."""
    stored = stored_columns(CONTRACTS[feed])
    own = {name: words for name, words in HEADERS.items() if name in stored}
    return own | {f"identity.{name}": words for name, words in IDENTITY_HEADERS.items()}
