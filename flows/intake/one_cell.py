"""The one cell that a column of the contract is read from: several joined, or a year added."""

import re
from datetime import date, timedelta
from typing import Any

import polars as pl

from flows.intake.cast import clock_minutes, read_integer
from flows.intake.read_times import tidy
from flows.intake.ways import in_usual_form
from flows.intake.written_dates import DAYS, MONTHS
from flows.shape import Year, without_accents, years_of

MINUTES_OF_A_DAY = 24 * 60
SCHOOL_BEGINS = (9, 1)
"""1 September: the days of a school year are those up to 31 August."""
OF_A_DAY = ("date", "timestamp")
WEEKDAYS = ("lun mon", "mar tue", "mer wed", "jeu thu", "ven fri", "sam sat", "dim sun")
CLOCK_AFTER = r"(?:,? (?:a )?(?P<time>\d{1,2} ?[h:].*))?$"
NO_YEAR = re.compile(
    rf"^(?:(?P<weekday>{DAYS})\.?,? ?)?(?:le )?(?P<day>\d{{1,2}})(?:er)?(?: ?[-/.] ?| )"
    rf"(?P<month>{'|'.join(sorted(MONTHS, key=len, reverse=True))}|\d{{1,2}})\.?{CLOCK_AFTER}"
)
"""`sam. 1 avril`, `06/10`, `06/10 à 14h`: without a year."""
WEEK = re.compile(
    rf"^(?:s|sem|semaine)?\.? ?(?:n° ?)?(?P<week>\d{{1,2}}),? (?P<weekday>{DAYS})\.?{CLOCK_AFTER}"
)
"""`S41 jeudi 11:30`."""


def together(page: pl.DataFrame, headers: list[str], column: Any, way: str) -> pl.Series:
    """Several cells as one: a date and its hour; an identifier has no space between them.

    Counts are added up, and a duration is what lies between two hours.

    A date alone is an arrival of that day. A departure without its hour is none.
    """
    kind = column.metadata["kind"]
    if kind == "integer":
        return added(page, headers, way)
    if kind == "minutes" and len(headers) == 2:
        return time_between(page, headers[0], headers[1])
    between = "-" if kind == "identifier" else " "
    parts = [pl.col(header).str.strip_chars().fill_null("") for header in headers]
    is_there = [part != "" for part in parts]
    is_enough = pl.all_horizontal(is_there) if column.nullable else pl.any_horizontal(is_there)
    whole = pl.concat_str(parts, separator=between)
    return page.select(pl.when(is_enough).then(whole)).to_series()


def added(page: pl.DataFrame, headers: list[str], way: str) -> pl.Series:
    """The sum of counts, of which some are blank; as they stand where one is no number."""
    cells = pl.DataFrame([in_usual_form(tidy(page[header]), way) for header in headers])
    numbers = pl.DataFrame([read_integer(cells[header]) for header in headers])
    told = cells.select(pl.concat_str(pl.all(), separator=" + ", ignore_nulls=True)).to_series()
    is_lost = pl.any_horizontal(
        (cells[header].is_not_null() & numbers[header].is_null()) for header in headers
    )
    total = pl.sum_horizontal(pl.all()).cast(pl.String)
    is_blank = pl.all_horizontal(pl.all().is_null())
    return numbers.select(
        pl.when(is_lost).then(told).when(is_blank).then(None).otherwise(total)
    ).to_series()


def time_between(page: pl.DataFrame, begins: str, ends: str) -> pl.Series:
    """Minutes from one hour to another, maybe over midnight; unknown where one of them is blank."""
    cells = [tidy(page[begins]), tidy(page[ends])]
    first, last = (clock_minutes(cell) for cell in cells)
    told = pl.DataFrame(cells).select(pl.concat_str(pl.all(), separator=" - ")).to_series()
    minutes = ((last - first) % MINUTES_OF_A_DAY).cast(pl.String)
    return minutes.zip_with(minutes.is_not_null(), told)


def with_year(cells: pl.Series, year: Year) -> pl.Series:
    """Days that do not say their year, in this one; where it has no such day they stay as is."""
    seen = cells.drop_nulls().unique()
    dated = pl.Series([in_year(cell, year) for cell in seen], dtype=pl.String)
    return cells.replace_strict(seen, dated, default=None, return_dtype=pl.String)


def in_year(cell: str, year: Year) -> str:
    """`sam. 1 avril` as `2023-04-01`, if that is a Saturday; a school year has one of its own."""
    plain = without_accents(cell)
    told = WEEK.match(plain) or NO_YEAR.match(plain)
    day, (first, *second) = None, years_of(year)
    if told and not second:
        day = day_of(told.groupdict(), first)
    elif told:
        days = [day_of(told.groupdict(), one) for one in (first, *second)]
        begins, ends = date(first, *SCHOOL_BEGINS), date(second[0], *SCHOOL_BEGINS)
        day = next((one for one in days if one and begins <= one < ends), None)
    return f"{day} {told['time'] or ''}".strip() if told and day else cell


def day_of(told: dict[str, str | None], year: int) -> date | None:
    """The day that is told, where the year has it, and on the weekday that is told."""
    weekday = told["weekday"]
    at = next((n for n, words in enumerate(WEEKDAYS) for w in words.split()
               if (weekday or "").startswith(w)), None)  # fmt: skip
    try:
        if "week" in told:
            monday = date.fromisocalendar(year, int(told["week"] or 0), 1)
            return monday + timedelta(at or 0)
        month = told["month"] or ""
        day = date(year, MONTHS.get(month) or int(month), int(told["day"] or 0))
    except ValueError:
        return None
    return day if at is None or day.weekday() == at else None


def out_of_year(
    text: pl.DataFrame, readable: dict[str, pl.Series], year: Year | None
) -> dict[str, pl.Series]:
    """The verdicts of days without a year, or that it does not have: that is their only reason."""
    found = {}
    for verdict in [name for name in readable if name.split("|")[1] in UNREADABLE]:
        column = verdict.split("|")[0]
        rows = (~readable[verdict]).arg_true()
        lacking = [lacks_year(cell) for cell in text[column][rows]]
        rows = rows.filter(pl.Series(lacking, dtype=pl.Boolean))
        if len(rows):
            lost = (~readable[verdict] & False).scatter(rows, True)
            found[f"{column}|{'not_in_year' if year else 'without_year'}"] = ~lost
            found[verdict] = readable[verdict] | lost
    return found


UNREADABLE = tuple(f"unreadable_{kind}" for kind in OF_A_DAY)


def lacks_year(cell: str | None) -> bool:
    plain = without_accents(cell or "")
    return bool(WEEK.match(plain) or NO_YEAR.match(plain))
