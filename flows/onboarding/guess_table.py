"""Where the table is in an unknown file: its sheet, its header line, its columns of text."""

import re
from dataclasses import dataclass, field

import polars as pl

from flows.connectors._csv import TOTAL_ROW
from flows.connectors._headers import clean_header
from flows.connectors._peek import Grid
from flows.errors import ConfigurationError
from flows.intake.read_times import tidy
from flows.language import _
from flows.onboarding.header_words import HEADERS, HOUR_HEADERS, IDENTITY_HEADERS, plain
from schemas import CONTRACTS
from schemas.record import stored_columns

HEADER_LOOKED_FOR_ROWS = 20
FEWEST_HEADERS_KNOWN = 2
FEWEST_HEADERS_BY_FORM = 3
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


def find_table(grids: list[Grid], feed: str, name: str) -> Table:
    """The sheet and row in which most headers are known: the first lines may be titles."""
    known = {word for words in synonyms(feed).values() for word in words} | {*HOUR_HEADERS}
    counted = [
        (len({plain(cell) for cell in row} & known), grid, at)
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
    headers = [clean_header(cell) for cell in grid.rows[at]]
    total = re.compile(TOTAL_ROW)
    body = [
        row for row in grid.rows[at + 1 :]
        if any(cell.strip() for cell in row) and not total.search(";".join(row))
    ]  # fmt: skip
    columns = {
        header: tidy(pl.Series([row[i] if i < len(row) else None for row in body], dtype=pl.String))
        for i, header in enumerate(headers)
        if header and headers.count(header) == 1
    }
    repeated = [header for header in dict.fromkeys(headers) if header and header not in columns]
    return Table(grid.sheet, at + 1, columns, repeated)


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
