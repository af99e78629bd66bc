"""A cell of text becomes a value once, here, according to the kind of its column.

Each reader returns a value or null; `cast` then tells a cell that was empty from a cell that
could not be read. French habits are understood: `03/02/2025`, `3 févr. 2025`, `1 234,50 €`, `1h30`,
`oui`.
"""

from collections.abc import Callable
from typing import Any

import polars as pl

from flows.intake.read_times import read_dates, read_instants
from flows.intake.tool_numbers import tool_numbers
from flows.intake.ways import in_usual_form
from schemas.codes import FALSE_WORDS, TRUE_WORDS

SPACES = r"[\s\u00a0\u202f]+"
BETWEEN_DIGITS = r"[\s\u00a0\u202f'’]+"
EUROS = r"(?i)^€|(?:€|eur|euros?)$"
NAMED_HOURS = r"(?i)^(\d+(?:[.,]\d+)?) ?(?:h|heures?)\.?$"
FULL_TIME_HOURS = 35
"""Hours a week: article L3121-27 of the Code du travail."""


def cast(
    text: pl.DataFrame, kinds: dict[str, str], zone: str, ways: dict[str, str]
) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """Typed columns, and for each column with faults one boolean per row: could it be read?

    `text` has one String column per name of `kinds`, tidy; `ways` says how a column is written
    where that is known. Instants come out in UTC; those that do not say how far they are from it
    are read on the clock of `zone`.
    """
    typed: list[pl.Series] = []
    readable: dict[str, pl.Series] = {}
    for name, kind in kinds.items():
        way = ways.get(name, "")
        cells = in_usual_form(text[name], way)
        if kind == "timestamp":
            values, shown, is_in_gap, is_ambiguous = read_instants(cells, zone)
            if is_in_gap.any():
                readable[f"{name}|nonexistent_local_time"] = ~is_in_gap
                cells = (
                    cells.to_frame("c").select(pl.when(~is_in_gap).then(pl.col("c"))).to_series()
                )
            typed += [shown.alias(f"{name}|local"), is_ambiguous.alias(f"{name}|ambiguous")]
        else:
            values = OTHER_READERS.get((kind, way), READERS[kind])(cells)
        lost = cells.is_not_null() & values.is_null()
        if lost.any():
            readable[f"{name}|unreadable_{kind}"] = ~lost
        typed.append(values.alias(name))
    return pl.DataFrame(typed), readable


def number_text(cells: pl.Series) -> pl.Series:
    """`1 234,50 €` and `1'234.50` as `1234.50`."""
    plain = cells.str.replace_all(BETWEEN_DIGITS, "").str.replace(EUROS, "")
    return plain.str.replace(",", ".", literal=True)


def read_integer(cells: pl.Series) -> pl.Series:
    plain = cells.cast(pl.Int64, strict=False)
    if plain.null_count() == cells.null_count():
        return plain
    whole = number_text(cells).str.replace(r"\.0+$", "")
    return whole.cast(pl.Int64, strict=False)


def read_decimal(cells: pl.Series) -> pl.Series:
    plain = number_text(cells)
    return plain.set(~plain.str.contains(r"^-?\d+(\.\d+)?$").fill_null(False), None).cast(
        pl.Float64, strict=False
    )


def read_euros(cells: pl.Series) -> pl.Series:
    return (read_decimal(cells) * 100).round(0).cast(pl.Int64, strict=False)


def read_minutes(cells: pl.Series) -> pl.Series:
    """`90`, `90 min`, `1h30`, `1:30`, `1,5 h`: minutes."""
    cells = cells.str.replace(r"(?i) ?(?:min|mn|minutes?)\.?$", "")
    minutes = clock_minutes(cells).zip_with(
        is_clock(cells), read_decimal(cells).round(0).cast(pl.Int64, strict=False)
    )
    if not minutes.null_count():
        return minutes
    named = read_week_hours(cells.str.extract(NAMED_HOURS, 1))
    return minutes.zip_with(minutes.is_not_null(), named)


def read_week_hours(cells: pl.Series) -> pl.Series:
    """`35`, `17,5`, `17,5 h`, `17h30`: hours a week, as minutes."""
    cells = cells.str.replace(NAMED_HOURS, "${1}")
    return clock_minutes(cells).zip_with(
        is_clock(cells), (read_decimal(cells) * 60).round(0).cast(pl.Int64, strict=False)
    )


def read_shares(cells: pl.Series) -> pl.Series:
    """`1`, `0,8`, `80 %` of full time: minutes a week."""
    is_percent = cells.str.contains("%", literal=True).fill_null(False)
    shares = read_decimal(cells.str.replace(r"\s*%$", ""))
    shares = shares.zip_with(~is_percent, shares / 100)
    return (shares * FULL_TIME_HOURS * 60).round(0).cast(pl.Int64, strict=False)


CLOCK = r"(?i)^(\d{1,3}) ?[h:] ?([0-5]\d)?(?::00)?$"


def is_clock(cells: pl.Series) -> pl.Series:
    return cells.str.contains(CLOCK).fill_null(False)


def clock_minutes(cells: pl.Series) -> pl.Series:
    hours = cells.str.extract(CLOCK, 1).cast(pl.Int64, strict=False)
    minutes = cells.str.extract(CLOCK, 2).cast(pl.Int64, strict=False).fill_null(0)
    return hours * 60 + minutes


def read_boolean(cells: pl.Series) -> pl.Series:
    words = cells.str.to_lowercase()
    known = {**dict.fromkeys(TRUE_WORDS, True), **dict.fromkeys(FALSE_WORDS, False)}
    return words.replace_strict(known, default=None, return_dtype=pl.Boolean)


def read_commune(cells: pl.Series) -> pl.Series:
    """A code of the COG; Excel's lost leading zero is put back."""
    from flows.places import commune_index

    known = commune_index()
    codes = {}
    for written in cells.drop_nulls().unique():
        code = written.upper().removesuffix(".0")
        code = f"0{code}" if len(code) == 4 and code.isdigit() else code
        codes[written] = code if code in known else None
    return cells.replace_strict(codes, default=None, return_dtype=pl.String)


def read_siret(cells: pl.Series) -> pl.Series:
    from flows.reference import luhn_is_valid

    plain = cells.str.replace_all(SPACES, "")
    valid = {siret: siret for siret in plain.drop_nulls().unique() if luhn_is_valid(siret)}
    return plain.replace_strict(valid, default=None, return_dtype=pl.String)


READERS: dict[str, Callable[[pl.Series], Any]] = {
    "code": lambda cells: cells,
    "identifier": tool_numbers,
    "date": read_dates,
    "integer": read_integer,
    "decimal": read_decimal,
    "minutes": read_minutes,
    "week_hours": read_week_hours,
    "euros": read_euros,
    "boolean": read_boolean,
    "commune": read_commune,
    "siret": read_siret,
}
OTHER_READERS: dict[tuple[str, str], Callable[[pl.Series], Any]] = {
    ("minutes", "hours"): read_week_hours,
    ("week_hours", "shares"): read_shares,
}
"""Kind, and a way of writing it → the reader in place of the usual one."""
