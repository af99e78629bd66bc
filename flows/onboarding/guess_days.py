"""The days of an unknown table: in two columns, without their year, or once for several rows."""

import re
from collections.abc import Iterable
from datetime import date

import polars as pl

from flows.intake.cast import CLOCK
from flows.intake.one_cell import in_year, lacks_year, with_year
from flows.language import _
from flows.onboarding.guess_turned import MOSTLY, Turned, apply, mean, share
from flows.onboarding.header_words import HEADERS, HOUR_WORDS, plain
from flows.shape import SCHOOL_YEAR, SHEET, Year

YEARS = range(date.today().year, 2009, -1)
MOST_YEARS = 4
EVENTS = ("checked_in_at", "occurred_at")
WEEKDAY = r"(?i)^(?:lun|mar|mer|jeu|ven|sam|dim)[a-zé]*\.?$"
WEEK = r"(?i)^(?:s|sem|semaine)?\.? ?\d{1,2}$"
WEEK_HEADERS = {
    "semaine",
    "n semaine",
    "n de semaine",
    "numero de semaine",
    "sem",
    "no semaine",
    "s",
}
HOUR_OF_DIGITS = r"^([01]?\d|2[0-3])([0-5]\d)$"
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")
TWO_YEARS = re.compile(r"(?<!\d)(20\d\d) ?[-/–_] ?(20\d\d|\d\d)(?![\d/-])")


def years_said(texts: Iterable[str]) -> list[Year]:
    """The years that stand around a table; where a school year does, it alone."""
    texts = [*texts]
    schools = [f"{told[0]}-20{told[1][-2:]}" for text in texts for told in TWO_YEARS.findall(text)]
    schools = [one for one in schools if is_school_year(one)]
    return [*schools] or [int(year) for text in texts for year in YEAR.findall(text)]


def is_school_year(text: str) -> bool:
    told = SCHOOL_YEAR.match(text)
    return told is not None and int(told[2]) == int(told[1]) + 1


def carry(table: Turned, merged: list[str]) -> None:
    """Cells that were merged downwards stand for all of their rows."""
    if merged := [header for header in merged if table.columns[header].null_count()]:
        apply(table, carried=merged)


def hours_of_digits(table: Turned) -> None:
    """`0912`, as badge readers write hours."""
    for header, cells in table.columns.items():
        is_named = bool({*plain(header).split()} & HOUR_WORDS)
        if is_named and cells.count() and share(cells, HOUR_OF_DIGITS) == 1:
            table.columns[header] = cells.str.replace(HOUR_OF_DIGITS, "${1}:${2}")


def week_and_day(table: Turned) -> None:
    """A week and a weekday, in two columns."""
    weeks = week_columns(table)
    days = [h for h, cells in table.columns.items() if share(cells, WEEKDAY) > MOSTLY]
    if len(weeks) == 1 and len(days) == 1:
        table.day = [weeks[0], days[0]]
        hours = [h for h, cells in table.columns.items() if share(cells, CLOCK) > MOSTLY]
        if hours and table.columns[hours[0]].null_count():  # days that are printed beforehand
            table.keys["where"] = {hours[0]: "*"}


def week_columns(table: Turned) -> list[str]:
    return [h for h, cells in table.columns.items()
            if plain(h) in WEEK_HEADERS and share(cells, WEEK) > MOSTLY]  # fmt: skip


def add_year(table: Turned, named: list[Year]) -> None:
    """The year of days that do not say it, where one is said and fits all weekdays."""
    if table.day:
        cells = day_text(table)
        lacking = [table.day[0]]
    else:
        lacking = [h for h, c in table.columns.items() if may_be_day(h, c)
                   and mean(lacks_year(cell) for cell in c.drop_nulls()) > MOSTLY]  # fmt: skip
        if not lacking:
            return
        cells = table.columns[lacking[0]]
    lost = cells.drop_nulls().filter(pl.Series([lacks_year(c) for c in cells.drop_nulls()]))
    if lost.is_empty():
        return
    sheets = [] if SHEET not in table.columns else [*table.columns[SHEET].unique()]
    years = {year for sheet in sheets for year in YEAR.findall(sheet)}
    are_several = len(sheets) > 1 and len(years) > 1
    if are_several and years == {*sheets}:
        table.day = [*lacking, SHEET]
        return
    fitting = [year for year in named if fits(lost, year) and not are_several]
    others = [year for year in YEARS if fits(lost, year)]
    table.year = fitting[0] if fitting else (others or [YEARS[-1]])[0]
    if not table.day:
        table.columns[lacking[0]] = with_year(cells, table.year)
        table.day = lacking[:1]
    if fitting:
        table.keys["year"] = table.year
    else:
        line = _("# To decide: year = 20..")
        if 0 < len(others) <= MOST_YEARS:
            listed = ", ".join(map(str, others))
            line += _(" (the weekdays are those of {years})").format(years=listed)
        table.questions.append(line)


def may_be_day(header: str, cells: pl.Series) -> bool:
    """`1-1` under `N°` is none: the header is one of days, or a month or weekday is named."""
    is_named = any(plain(header) in HEADERS[name] for name in EVENTS)
    return is_named or share(cells, r"\p{L}{3}") > MOSTLY


def fits(cells: pl.Series, year: Year) -> bool:
    """Has the year most of these days, on their weekdays?"""
    return mean(in_year(cell, year) != cell for cell in cells.unique()) > MOSTLY


def day_text(table: Turned) -> pl.Series:
    return table.frame.select(
        pl.concat_str([pl.col(name) for name in table.day], separator=" ")
    ).to_series()
