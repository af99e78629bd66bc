"""A mapped column looked at whole: what no cell alone would show is refused, in one sentence."""

import polars as pl

from flows.errors import BatchRefused
from flows.intake.cast import is_clock, read_commune, read_decimal
from flows.intake.read_times import tidy
from flows.language import _
from flows.sources import Source
from schemas import CONTRACTS
from schemas.fields import DIRECT_IDENTIFIER, UUID
from schemas.record import stored_columns

FULL_TIME_SHARE = 1.5
"""Hours a week of at most so many, all of them, are shares of full time."""
JUDGED = (
    "identifier", "week_hours", "minutes", "date", "timestamp", "commune", "integer", "decimal",
    "euros",
)  # fmt: skip
LONG_DECIMALS = r"^\d{1,2}[.,]\d{4,}$"
NEARLY = 0.01
"""Minutes: a spreadsheet writes nine digits or more, and a minute is 0.000694 of a day."""
SLASHED = r"^(\d{1,2})/(\d{1,2})/\d{2,4}\b"
SLIPS, SLIPS_SHARE = 1, 0.2
"""So many telephones among the numbers of records are slips of somebody's hand."""
POSTAL = r"(?i)\bpostal|^\s*c\.?p\.?\s*$"
ENOUGH_CELLS = 5
POINT_GROUPS, COMMA_GROUPS = r"^-?\d{1,3}(?:\.\d{3})+$", r"^-?\d{1,3}(?:,\d{3})+$"


def judge_columns(rows: pl.DataFrame, source: Source, where: str) -> None:
    """Raises BatchRefused for a column that contradicts itself, or is of another kind."""
    columns = stored_columns(CONTRACTS[source.feed])
    for name, header in source.columns.items():
        if not isinstance(header, str) or name not in columns:
            continue
        kind = columns[name].metadata["kind"]
        if kind not in JUDGED:
            continue
        cells = tidy(rows[header]).drop_nulls()
        found = fault_of(kind, cells, header) if len(cells) else None
        if found:
            what, remedy = found
            raise BatchRefused(
                what.format(header=repr(header)),
                where=_("{where}, column {header}").format(where=where, header=repr(header)),
                remedy=remedy,
            )


def fault_of(kind: str, cells: pl.Series, header: str) -> tuple[str, str] | None:
    """What is wrong with a column of this kind as a whole, and what to do."""
    if kind == "week_hours" and are_shares(cells):
        return (
            _("the weekly hours of {header} look like shares of full time: none is above 1,5"),
            _("write hours a week in the file, such as 35 and 17,5"),
        )
    if kind == "identifier" and are_partly_of_people(cells):
        return (
            _("some numbers of {header} look like telephone or social-security numbers, some not"),
            _("map another column, or none: without a number, a row is known by its content"),
        )
    if kind in ("minutes", "week_hours") and are_parts_of_a_day(cells):
        return (
            _("{header} holds parts of a day, as spreadsheets count times: 0.104166667 is 2 h 30"),
            _("give these cells the format [h]:mm, save the file, and deliver it again"),
        )
    if kind == "minutes" and are_hours(cells):
        return (
            _("the minutes of {header} look like hours: some have decimals, and none is above 24"),
            _("write minutes, such as 90, or hours and minutes, such as 1h30"),
        )
    if kind in ("date", "timestamp") and are_american(cells):
        return (
            _("most dates of {header} can only be month/day/year"),
            _("export them as 2026-10-31, or as 31/10/2026"),
        )
    if kind == "commune" and are_postal(cells, header):
        return (
            _("{header} holds postal codes, and INSEE codes are asked for"),
            _("map the column of the INSEE codes, or leave the commune out"),
        )
    if kind in ("integer", "decimal", "euros") and have_two_marks(cells):
        return (
            _("the numbers of {header} have groups parted by points and by commas"),
            _("write them without marks, such as 2000 and 12,5"),
        )
    return None


def are_shares(cells: pl.Series) -> bool:
    """`1`, `0,8`, `0,5`: nobody works so few hours a week, in a whole column."""
    hours = read_decimal(cells.filter(~is_clock(cells))).drop_nulls()
    hours = hours.filter(hours > 0)
    return len(hours) > 0 and bool((hours <= FULL_TIME_SHARE).all())


def are_partly_of_people(cells: pl.Series) -> bool:
    """Tickets that happen to look so, or people among tickets: from the numbers nobody can tell.

    A few are slips, which refuse their rows alone; where all are people's, so do they.
    """
    is_number = ~cells.str.contains(f"@|{UUID}")
    like_people = int((cells.str.contains(DIRECT_IDENTIFIER) & is_number).sum())
    return SLIPS < like_people < len(cells) and like_people > SLIPS_SHARE * len(cells)


def are_parts_of_a_day(cells: pl.Series) -> bool:
    """`0.104166667`: with so many digits, no hours or minutes, but whole minutes of a day."""
    minutes = read_decimal(cells.filter(cells.str.contains(LONG_DECIMALS))) * 1440
    return bool(((minutes - minutes.round(0)).abs() < NEARLY).any())


def are_hours(cells: pl.Series) -> bool:
    """`1,5`, `2`, `0,75`: nobody counts parts of a minute, and a day has 24 hours."""
    numbers = read_decimal(cells).drop_nulls()
    has_parts = bool((numbers != numbers.round(0)).any())
    return has_parts and bool((numbers <= 24).all())


def are_american(cells: pl.Series) -> bool:
    """More days above twelve stand second than first."""
    cells = cells.filter(cells.str.contains("/", literal=True))
    first = cells.str.extract(SLASHED, 1).cast(pl.Int64, strict=False)
    second = cells.str.extract(SLASHED, 2).cast(pl.Int64, strict=False)
    return int((second > 12).sum()) > int((first > 12).sum())


def are_postal(cells: pl.Series, header: str) -> bool:
    """The header says it; or most codes of five digits are no commune's."""
    five = cells.filter(cells.str.contains(r"^\d{4,5}$"))
    if len(five) and pl.Series([header]).str.contains(POSTAL).item():
        return True
    unknown = read_commune(five).null_count()
    return unknown >= ENOUGH_CELLS and 2 * unknown > len(five)


def have_two_marks(cells: pl.Series) -> bool:
    """`2.000` and `1,000` in one column."""
    return bool(cells.str.contains(POINT_GROUPS).any() and cells.str.contains(COMMA_GROUPS).any())
