"""Where the headers of an unknown file are, and whether any feed could hold what is below them."""

import re
from collections import Counter

import polars as pl

from flows.connectors._headers import clean_header, headers_under
from flows.connectors._peek import Grid
from flows.errors import ConfigurationError
from flows.intake.one_cell import lacks_year
from flows.intake.read_times import read_instants
from flows.language import _
from flows.onboarding.guess_days import WEEK_HEADERS
from flows.onboarding.guess_shape import DAYS, MONTHS, RANGE_HEADERS
from flows.onboarding.guess_turned import MOSTLY, mean
from flows.onboarding.guess_words import known_words
from flows.onboarding.header_words import (
    COUNT_WORDS,
    HEADERS,
    HOUR_HEADERS,
    IDENTITY_HEADERS,
    SUM_WORDS,
    plain,
)
from flows.shape import BETWEEN
from schemas import CONTRACTS, FEEDS
from schemas.record import codes_of, stored_columns

HEADER_LOOKED_FOR_ROWS = 20
FEWEST_HEADERS_KNOWN = 2
FEWEST_HEADERS_BY_FORM = 3
FEWEST_GROUPS = 2
FEWEST_NUMBERS = 3
MOST_ALIKE = 3
ROWS_LOOKED_AT = 200
NUMBER = re.compile(r"^\d[\d\s\u202f]*(?:[.,]\d+)?(?: ?%)?$")
IN_BRACKETS = re.compile(r"^\(.*\)$")
DATA = re.compile(r"[0-9@]")
"""What a cell with a day, a number or an address has, and a header seldom."""


def likeliest(grids: list[Grid], feed: str, name: str) -> tuple[Grid, int]:
    """The sheet and row of the headers: most words known there, and most sheets that have them too.

    Raises ConfigurationError where no line is one of headers.
    """
    known = {word for words in synonyms(feed).values() for word in words} | {*HOUR_HEADERS}
    known |= COUNT_WORDS | WEEK_HEADERS | RANGE_HEADERS | kinds_known(feed) | {"mois"}
    lines: list[tuple[int, tuple[str, ...], Grid, int]] = [
        (headers_known(row, known), tuple(map(clean_header, row)), grid, at)
        for grid in grids
        for at, row in enumerate(grid.rows[:HEADER_LOOKED_FOR_ROWS])
    ]
    alike = Counter((row, at) for words, row, _grid, at in lines if words)
    most, _row, grid, at = max(
        lines,
        key=lambda line: (
            line[0] + (sheets := min(alike[line[1], line[3]], MOST_ALIKE)),
            sheets,
            line[0],
        ),
        default=(0, (), Grid("", []), 0),
    )
    if most < FEWEST_HEADERS_KNOWN and (by_form := header_by_form(grids)):
        return by_form
    if most < FEWEST_HEADERS_KNOWN and not stands_over_days(grid, at, feed):
        refuse_without_days(grids, feed, name)
        raise ConfigurationError(  # the first row may be people: show none of it
            _("no header line was recognised"),
            where=name,
            remedy=_("check --feed, or write the source by hand as docs/places.md says"),
        )
    return grid, at


def stands_over_days(grid: Grid, at: int, feed: str) -> bool:
    """Is a row, of which one header alone is known, that of the days below it?"""
    events = HEADERS[FEEDS[feed].event]
    headers = grid.rows[at] if grid.rows else []
    days = [i for i, cell in enumerate(headers) if plain(cell) in events]
    cells = [row[days[0]] for row in grid.rows[at + 1 :] if days and len(row) > days[0]]
    return mean(is_day(cell) for cell in cells if cell.strip()) > MOSTLY


def refuse_without_days(grids: list[Grid], feed: str, name: str) -> None:
    """Raises ConfigurationError for numbers of which no cell says the day: statistics."""
    rows = [row for grid in grids for row in grid.rows[:ROWS_LOOKED_AT]]
    cells = [cell.strip() for row in rows for cell in row if cell.strip()]
    is_number = [bool(NUMBER.match(cell)) for cell in cells]
    if FEEDS[feed].lasts or sum(is_number) < FEWEST_NUMBERS or any(map(is_day, cells)):
        return
    raise ConfigurationError(
        _("no cell says a day: these are numbers that were added up, as statistics are"),
        where=name,
        remedy=_("ask the tool for one row a visit or an appointment, each with its day"),
    )


def is_day(cell: str) -> bool:
    return lacks_year(cell) or read_instants(pl.Series([cell]))[0].null_count() == 0


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
        two = rows[first : first + 2]
        if first >= 0 and (are_two_lines(two) or are_days_under(two)):
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
    if names and all(IN_BRACKETS.match(cell.strip()) for cell in names):
        return True  # units
    return (
        sum(upper) >= FEWEST_GROUPS
        and any(not above and below for above, below in pairs)
        and not (is_whole and len({*names}) == len(names))
    )


def are_days_under(rows: list[list[str]]) -> bool:
    """Days under their months or weeks, in a row that says nothing else."""
    if len(rows) < 2:
        return False
    lines = [[clean_header(cell) for cell in row] for row in rows]
    joined = headers_under(lines)
    days = [header for header in DAYS.takes(joined) if BETWEEN in header]
    others = [cell for cell in lines[1] if cell and not {*plain(cell).split()} & SUM_WORDS]
    return FEWEST_GROUPS <= len(days) == len(others) and any(
        not above and below for above, below in zip(*lines, strict=False)
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
