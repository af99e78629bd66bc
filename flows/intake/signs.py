"""What the cells of a column show of how it is written: counted by sign, never kept."""

from collections import Counter

import polars as pl

from flows.intake.cast import BETWEEN_DIGITS, NAMED_HOURS, is_clock, read_decimal
from schemas.fields import DIRECT_IDENTIFIER, UUID

Signs = Counter[str]

SLASHED = r"^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:\D|$)"
LONGEST_DAY = 11
WHOLE_DAY = r"^\d{4}[/-]\d{2}[/-](\d{2})"
MARKED = r"\d[.,]\d"
COMMA_MARK = r"^-?(?:\d{1,3}(?:\.\d{3})+,\d+|[1-9]\d{0,2}(?:\.\d{3}){2,})$"
POINT_MARK = r"^-?(?:\d{1,3}(?:,\d{3})+\.\d+|[1-9]\d{0,2}(?:,\d{3}){2,})$"
ONE_GROUP = r"^-?[1-9]\d{0,2}[.,]\d{3}$"
ROUND = r"[.,]000$"
UNIT = r"\s*[\p{L}€]+\.?$"
LONG_DECIMALS = r"^\d{1,2}[.,]\d{4,}$"
NEARLY = 0.01
"""Minutes: a spreadsheet writes nine digits or more, and a minute is 0.000694 of a day."""
FULL_TIME_SHARE, MOST_WEEK_HOURS = 1.5, 48
FEW_MINUTES, DAY_HOURS = 4, 24
KEPT_DIGITS = 15
LONG_NUMBER, CUT_NUMBER = r"^\d{16,}$", r"^\d{15}0+$"
"""A spreadsheet keeps fifteen digits and writes zeros for the others."""
FIVE_DIGITS = r"^\d{4,5}$"
OF_CITIES = r"^(?:130(?:0[1-9]|1[0-6])|6900[1-9]|13055|132\d\d|69123|6938[1-9])$"
"""Postal codes of the districts of Marseille and Lyon, which are communes' codes too, and the
codes of these cities."""
ABROAD = r"^(?:99|0+$)"
"""INSEE codes of other countries, and what a form writes that knows none: no postal codes."""


def counted(cells: pl.Series, sign: pl.Expr) -> Signs:
    """How many cells have each sign, which is made of `cell`; those without one are left out."""
    found = (
        cells.alias("cell").to_frame().lazy().drop_nulls()
        .group_by("cell").agg(pl.len().alias("times"))
        .with_columns(sign.alias("sign")).drop_nulls("sign")
        .group_by("sign").agg(pl.col("times").sum())
        .collect()
    )  # fmt: skip
    return Counter(dict(found.select("sign", "times").iter_rows()))


def order_signs(cells: pl.Series, latest: int, is_of_workbook: bool) -> Signs:
    """Dates in figures, by the orders in which each can be read: `D`, `M` and `Y` come first.

    `25/10/2026` is `D`, `05/10/2026` is `DM`. A year of two digits is at most `latest`. In a
    workbook those that are dates there count as `early` or `late` in their month.
    """
    if not is_of_workbook and not cells.str.contains(SLASHED).any():
        return Counter()
    texts = [pl.col("cell").str.extract(SLASHED, at) for at in (1, 2, 3)]
    first, second, third = (text.cast(pl.Int64) for text in texts)
    is_short = texts[2].str.len_bytes() == 2
    ends_with_year = ~is_short | (third <= latest)
    can_be = {
        "D": is_day(first, second) & ends_with_year,
        "M": is_day(second, first) & ends_with_year,
        "Y": is_short & (first <= latest) & is_day(third, second),
    }
    letters = pl.concat_str(
        pl.when(can).then(pl.lit(order)).otherwise(pl.lit("")) for order, can in can_be.items()
    )
    day = pl.col("cell").str.extract(WHOLE_DAY).cast(pl.Int64)
    sign = (
        pl.when((letters != "") & ((first != second) | is_short)).then(letters)
        .when(day <= 12).then(pl.lit("early")).when(day > 12).then(pl.lit("late"))
    )  # fmt: skip
    return counted(cells.str.slice(0, LONGEST_DAY), sign)


def is_day(day: pl.Expr, month: pl.Expr) -> pl.Expr:
    """`31/02` is none, and shows no order."""
    last = pl.when(month == 2).then(29).when(month.is_in([4, 6, 9, 11])).then(30).otherwise(31)
    return month.is_between(1, 12) & (day >= 1) & (day <= last)


def mark_signs(cells: pl.Series, is_whole: bool) -> Signs:
    """Numbers, by their decimal mark: `comma`, `point`; `one,` and `one.` may also part thousands.

    With `COMMA` and `POINT` other marks part thousands. Whole numbers have no decimals: `1,500` is
    one with a decimal point.
    """
    is_marked = cells.str.contains(MARKED).fill_null(False)
    plain = Counter(plain=len(cells) - cells.null_count() - int(is_marked.sum()))
    if not is_marked.any():
        return plain
    cell, comma = pl.col("cell"), pl.col("cell").str.contains(",", literal=True)
    is_one, is_thousands = cell.str.contains(ONE_GROUP), ~cell.str.contains(ROUND) & is_whole
    sign = (
        pl.when(cell.str.contains(COMMA_MARK) | (is_one & ~comma & is_thousands))
        .then(pl.lit("COMMA"))
        .when(cell.str.contains(POINT_MARK) | (is_one & comma & is_thousands))
        .then(pl.lit("POINT"))
        .when(is_one).then(pl.when(comma).then(pl.lit("one,")).otherwise(pl.lit("one.")))
        .when(cell.str.contains(r"^-?\d+,\d+$")).then(pl.lit("comma"))
        .when(cell.str.contains(r"^-?\d+\.\d+$")).then(pl.lit("point"))
    )  # fmt: skip
    numbers = cells.filter(is_marked).str.replace_all(BETWEEN_DIGITS, "").str.replace(UNIT, "")
    return plain + counted(numbers, sign)


def hour_signs(cells: pl.Series) -> Signs:
    """Numbers of hours a week, by what they could be: `share` of full time, `one`, `hours`, `above`
    what a week has; `clock` for `17h30`, `parts` for parts of a day.
    """
    hours = number_of(cells)
    sign = (
        pl.when("is_clock").then(pl.lit("clock"))
        .when("is_part").then(pl.lit("parts"))
        .when(pl.col("is_percent") | pl.col("number").is_between(0, 1, closed="none"))
        .then(pl.lit("share"))
        .when(pl.col("number").is_between(1, FULL_TIME_SHARE)).then(pl.lit("one"))
        .when(pl.col("number") > MOST_WEEK_HOURS).then(pl.lit("above"))
        .when(pl.col("number") > FULL_TIME_SHARE).then(pl.lit("hours"))
    )  # fmt: skip
    return summed(hours, sign)


def minute_signs(cells: pl.Series) -> Signs:
    """Numbers of minutes, by what they could be: `fraction`, `few` and `some` could be hours, and
    `above` and its `above_fraction` could not; `clock` for `1h30`, `parts` for parts of a day.
    """
    number = pl.col("number")
    is_whole = number == number.round(0)
    sign = (
        pl.when("is_clock").then(pl.lit("clock"))
        .when("is_part").then(pl.lit("parts"))
        .when((number > DAY_HOURS) & is_whole).then(pl.lit("above"))
        .when(number > DAY_HOURS).then(pl.lit("above_fraction"))
        .when(~is_whole).then(pl.lit("fraction"))
        .when(number.is_between(1, FEW_MINUTES)).then(pl.lit("few"))
        .when(number > 0).then(pl.lit("some"))
    )  # fmt: skip
    return summed(number_of(cells), sign)


def number_of(cells: pl.Series) -> pl.DataFrame:
    """Each cell once: its number, how often it stands there, and what else it could be."""
    seen = cells.drop_nulls().alias("cell").value_counts(name="times")
    number = read_decimal(seen["cell"].str.replace(r"\s*%$", "").str.replace(UNIT, ""))
    minutes = number.set(~seen["cell"].str.contains(LONG_DECIMALS), None) * 1440
    return seen.with_columns(
        number.alias("number"),
        (is_clock(seen["cell"]) | seen["cell"].str.contains(NAMED_HOURS)).alias("is_clock"),
        ((minutes - minutes.round(0)).abs() < NEARLY).fill_null(False).alias("is_part"),
        seen["cell"].str.contains("%", literal=True).alias("is_percent"),
    )


def summed(seen: pl.DataFrame, sign: pl.Expr) -> Signs:
    signs = seen.select(sign.alias("sign"), "times").drop_nulls().group_by("sign")
    return Counter(dict(signs.agg(pl.col("times").sum()).iter_rows()))


def commune_signs(cells: pl.Series, codes: pl.Series) -> Signs:
    """Codes of communes that are known, and others of five digits that could be postal."""
    lost = cells.filter(codes.is_null()).drop_nulls() if codes.null_count() else cells.clear()
    unknown = lost.str.contains(FIVE_DIGITS) & ~lost.str.contains(ABROAD)
    found = Counter(known=len(codes) - codes.null_count(), unknown=int(unknown.sum()))
    of_city = cells.filter(cells.str.contains(OF_CITIES))
    return found + Counter(dict(of_city.value_counts().iter_rows())) if len(of_city) else found


def number_signs(cells: pl.Series) -> Signs:
    """Numbers of records: how many there are, how many are `long`, and of these were `cut`."""
    counts = Counter(cells=len(cells) - cells.null_count())
    if (cells.str.len_bytes().max() or 0) > KEPT_DIGITS:  # type: ignore[operator]
        counts["long"] = int(cells.str.contains(LONG_NUMBER).sum())
        counts["cut"] = int(cells.str.contains(CUT_NUMBER).sum())
    return counts


def like_people(cells: pl.Series) -> int:
    """How many numbers look like a telephone's or of social security; an address is no number."""
    return int((cells.str.contains(DIRECT_IDENTIFIER) & ~cells.str.contains(f"@|{UUID}")).sum())
