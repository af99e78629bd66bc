"""The shape of an unknown file: what its rows are, before anybody asks what its columns are.

Each shape is known by its form, and the table is turned by the step that a run takes.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import polars as pl

from flows.connectors._shape import HOUR_SIGN, RANGE, turned
from flows.errors import ConfigurationError
from flows.intake.cast import CLOCK, read_integer
from flows.intake.one_cell import in_year, lacks_year, with_year
from flows.intake.read_times import tidy
from flows.language import _
from flows.onboarding.guess_words import known_words
from flows.onboarding.header_words import (
    COUNT_WORDS,
    GENDER_WORDS,
    HEADERS,
    MISSING_WORDS,
    SUM_WORDS,
    plain,
)
from flows.records import ROW_NUMBER, Page
from flows.shape import SHEET, Unpivot
from flows.sources import Source
from schemas import CONTRACTS
from schemas.codes import TRUE_WORDS
from schemas.record import codes_of, stored_columns

MOSTLY = 0.6
FEWEST_DAY_NUMBERS = 7
YEARS = range(date.today().year, 2009, -1)
MOST_YEARS = 4
EVENTS = ("checked_in_at", "occurred_at")
WEEKDAY = r"(?i)^(?:lun|mar|mer|jeu|ven|sam|dim)[a-zé]*\.?$"
WEEK = r"(?i)^(?:s|sem|semaine)?\.? ?\d{1,2}$"
WEEK_HEADERS = {"semaine", "n semaine", "n de semaine", "numero de semaine", "sem", "no semaine"}
RANGE_HEADERS = {"creneau", "creneaux", "horaire", "horaires", "plage", "plage horaire"}
DAY_OF_MONTH = r"^(?:[1-9]|[12]\d|3[01])(?:\.0)?$"
MONTHS = Unpivot(columns="months", header_to="Mois", cell_to="Nombre")
DAYS = Unpivot(columns="days", header_to="Jour", cell_to="Nombre")
YEAR = re.compile(r"(?<!\d)20\d\d(?!\d)")


@dataclass
class Turned:
    """The columns of a table after it was turned, and the keys of the TOML that turn it."""

    columns: dict[str, pl.Series]
    keys: dict[str, Any] = field(default_factory=dict)
    day: list[str] = field(default_factory=list)
    """The columns that are one day together."""
    sums: list[str] = field(default_factory=list)
    """The columns that count people, to be added up."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    year: int | None = None
    """With which days without a year were recognised."""
    questions: list[str] = field(default_factory=list)
    """Lines of the TOML that only a person can complete."""

    @property
    def frame(self) -> pl.DataFrame:
        return pl.DataFrame([cells.alias(name) for name, cells in self.columns.items()])


def turn(columns: dict[str, pl.Series], feed: str, said: Iterable[str]) -> Turned:
    """The table turned; `said` are texts around it in which its year may stand."""
    table = Turned(columns)
    unpivot_days(table) or unpivot_months(table) or unpivot_kinds(table, feed)
    if not table.keys:
        count_people(table, feed)
    split_hours(table)
    week_and_day(table)
    add_year(table, [year for text in said for year in YEAR.findall(text)])
    return table


def apply(table: Turned, **keys: Any) -> None:
    """Turn the table as these keys of a source say."""
    source = Source.model_validate(
        {"id": "x", "feed": "attendance", "connector": "file", "rhythm": "weekly",
         "coverage": "days", **keys}
    )  # fmt: skip
    rows = table.frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW_NUMBER))
    page = turned(Page(rows, len(rows)), source, [*table.columns])
    rows = page.rows.drop(ROW_NUMBER)
    table.columns = {name: tidy(rows[name]) for name in rows.columns}
    table.keys |= keys


def unpivot_days(table: Turned) -> bool:
    """A column a day."""
    taken = DAYS.takes([*table.columns])
    numbers = [int(header) for header in taken if header.isdigit()]
    is_run = numbers == [*range(numbers[0], numbers[0] + len(numbers))] if numbers else True
    if len(taken) < 2 or (numbers and (len(numbers) < FEWEST_DAY_NUMBERS or not is_run)):
        return False
    cells = pl.concat([table.columns[header] for header in taken]).drop_nulls()
    count = read_integer(cells)
    is_count = count.null_count() * 2 < len(cells) and bool((count > 1).any())
    unpivot(table, "days", taken, "Jour", "Nombre" if is_count else "Présent")
    if numbers:
        table.day = ["Jour", SHEET] if SHEET in table.columns else ["Jour"]
    return True


def unpivot_months(table: Turned) -> bool:
    """A row a day of the month and a column a month; without days they are sums of months.

    Raises ConfigurationError for those: no feed holds them.
    """
    taken = MONTHS.takes([*table.columns])
    if len(taken) < 2:
        return False
    others = [name for name in table.columns if name not in taken]
    days = [name for name in others if share(table.columns[name], DAY_OF_MONTH) > MOSTLY]
    if len(days) != 1 or plain(days[0]) not in HEADERS["checked_in_at"]:
        raise sums_of_months()
    unpivot(table, "months", taken, "Mois", "Nombre")
    table.day = [days[0], "Mois"]
    return True


def sums_of_months() -> ConfigurationError:
    return ConfigurationError(
        _("these are sums of months: nobody can tell on which days, or who came twice"),
        remedy=_("ask the tool for one row a visit, or at least for one number a day"),
    )


def unpivot_kinds(table: Turned, feed: str) -> bool:
    """A column for each operator or service, or for women and men."""
    for target, name in (("operator_code", "Organisme"), ("service_code", "Service")):
        column = stored_columns(CONTRACTS[feed]).get(target)
        if column is None or any(plain(header) in HEADERS[target] for header in table.columns):
            continue
        known = known_words(target, codes_of(column))
        named = [h for h, c in table.columns.items() if known.exact(h) and is_marks(c)]
        if len(named) >= 2:
            taken = [h for h, c in table.columns.items() if h in named or is_crosses(c)]
            is_counted = all(map(is_number, (table.columns[h] for h in named)))
            unpivot(table, taken, taken, name, "Nombre" if is_counted else "Coché")
            return True
    counted = counts(table)
    genders = {header: gender_of(header) for header in counted}
    if feed != "employment" and {*genders.values()} == {*GENDER_WORDS.values()}:
        unpivot(table, counted, counted, "Genre", "Nombre")
        table.values["gender"] = {header: str(code) for header, code in genders.items()}
        return True
    return False


def unpivot(
    table: Turned, columns: str | list[str], taken: list[str], header_to: str, cell_to: str
) -> None:
    """Turn these columns; what only adds them up is no column of anything."""
    header_to, cell_to = (free_name(table, name, taken) for name in (header_to, cell_to))
    for header in [h for h in table.columns if h not in taken]:
        if {*plain(header).split()} & SUM_WORDS and is_number(table.columns[header]):
            del table.columns[header]
    apply(table, unpivot={"columns": columns, "header_to": header_to, "cell_to": cell_to})


def free_name(table: Turned, name: str, taken: list[str]) -> str:
    return name if name not in {*table.columns} - {*taken} else f"{name} (colonne)"


def count_people(table: Turned, feed: str) -> None:
    """Several columns of a row that count people."""
    counted = counts(table)
    if len(counted) >= 2 and "headcount" in stored_columns(CONTRACTS[feed]):
        table.sums = counted


def counts(table: Turned) -> list[str]:
    """The columns of whole numbers whose headers say what people are counted by."""
    if any(plain(header) in HEADERS["headcount"] for header in table.columns):
        return []
    return [
        header for header, cells in table.columns.items()
        if {*plain(header).split()} <= COUNT_WORDS and is_number(cells)
    ]  # fmt: skip


def gender_of(header: str) -> str | None:
    said = {GENDER_WORDS[word] for word in plain(header).split() if word in GENDER_WORDS}
    return said.pop() if len(said) == 1 else None


def split_hours(table: Turned) -> None:
    """A range of hours in one cell."""
    for header, cells in table.columns.items():
        text = cells.str.replace_all(r"\s+", " ")
        is_range = text.str.contains(RANGE) & text.str.contains(HOUR_SIGN)
        if float(is_range.drop_nulls().mean() or 0) > MOSTLY:  # type: ignore[arg-type]
            first = text.str.extract_groups(RANGE).struct.field("day")
            names = ["Début", "Fin"] if first.count() else ["Heure de début", "Heure de fin"]
            apply(table, split={"column": header, "into": names})
            del table.columns[header]
            return


def week_and_day(table: Turned) -> None:
    """A week and a weekday, in two columns."""
    weeks = [h for h, cells in table.columns.items()
             if plain(h) in WEEK_HEADERS and share(cells, WEEK) > MOSTLY]  # fmt: skip
    days = [h for h, cells in table.columns.items() if share(cells, WEEKDAY) > MOSTLY]
    if len(weeks) == 1 and len(days) == 1:
        table.day = [weeks[0], days[0]]
        hours = [h for h, cells in table.columns.items() if share(cells, CLOCK) > MOSTLY]
        if hours and table.columns[hours[0]].null_count():  # days that are printed beforehand
            table.keys["where"] = {hours[0]: "*"}


def add_year(table: Turned, named: list[str]) -> None:
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
    fitting = [int(year) for year in named if fits(lost, int(year))]
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


def fits(cells: pl.Series, year: int) -> bool:
    """Has the year most of these days, on their weekdays?"""
    return mean(in_year(cell, year) != cell for cell in cells.unique()) > MOSTLY


def day_text(table: Turned) -> pl.Series:
    return table.frame.select(
        pl.concat_str([pl.col(name) for name in table.day], separator=" ")
    ).to_series()


def is_crosses(cells: pl.Series) -> bool:
    said = cells.drop_nulls().str.to_lowercase()
    return not said.is_empty() and bool(said.is_in(list(TRUE_WORDS)).all())


def is_marks(cells: pl.Series) -> bool:
    """Crosses, or numbers."""
    return is_crosses(cells) or is_number(cells)


def is_number(cells: pl.Series) -> bool:
    """Whole numbers, but for words that say nothing."""
    said = cells.drop_nulls()
    said = said.filter(~said.str.to_lowercase().is_in(list(MISSING_WORDS)))
    return not said.is_empty() and bool(read_integer(said).is_not_null().all())


def share(cells: pl.Series, pattern: str) -> float:
    return mean(cells.drop_nulls().str.contains(pattern))


def mean(truths: Iterable[bool]) -> float:
    found = [*truths]
    return sum(found) / len(found) if found else 0.0
