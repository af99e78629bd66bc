"""A mapped column looked at whole: what no cell alone would show is refused, in one sentence."""

import polars as pl

from flows.errors import BatchRefused
from flows.intake.cast import is_clock, read_commune, read_decimal
from flows.intake.read_times import tidy
from flows.language import _
from flows.sources import Source
from schemas import CONTRACTS
from schemas.record import stored_columns

FULL_TIME_SHARE = 1.5
"""Hours a week of at most so many, all of them, are shares of full time."""
SLASHED = r"^(\d{1,2})/(\d{1,2})/\d{2,4}\b"
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


def are_american(cells: pl.Series) -> bool:
    """More days above twelve stand second than first."""
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
