"""The shape of an unknown file: what its rows are, before anybody asks what its columns are.

Each shape is known by its form, and the table is turned by the step that a run takes.
"""

import re
from collections.abc import Iterable

import polars as pl

from flows.connectors._shape import HOUR_SIGN, RANGE
from flows.errors import ConfigurationError
from flows.intake.cast import read_integer
from flows.language import _
from flows.onboarding.guess_counts import count_people, genders, may_count
from flows.onboarding.guess_days import (
    WEEKDAY,
    add_year,
    carry,
    hours_of_digits,
    week_and_day,
    week_columns,
    years_said,
)
from flows.onboarding.guess_turned import (
    MOSTLY,
    Turned,
    apply,
    free_name,
    is_crosses,
    is_marks,
    is_number,
    share,
)
from flows.onboarding.guess_words import known_words
from flows.onboarding.header_words import FREE_TEXT, HEADERS, SUM_WORDS, plain
from flows.shape import SHEET, Unpivot
from schemas import CONTRACTS
from schemas.record import codes_of, stored_columns

FEWEST_DAY_NUMBERS, FEWEST_WEEKDAYS, FEWEST_HOURS = 7, 3, 3
HOURS = re.compile(
    r"(?i)^(?:de )?\d{1,2} ?[h:] ?(?:\d\d)?(?: ?(?:-|–|à|/|→) ?\d{1,2} ?[h:] ?(?:\d\d)?)?$"
)
RANGE_HEADERS = {"creneau", "creneaux", "horaire", "horaires", "plage", "plage horaire"}
DAY_OF_MONTH = r"^(?:[1-9]|[12]\d|3[01])(?:\.0)?$"
KINDS = (("operator_code", "Organisme"), ("service_code", "Service"), ("space_code", "Espace"))
MONTHS = Unpivot(columns="months", header_to="Mois", cell_to="Nombre")
DAYS = Unpivot(columns="days", header_to="Jour", cell_to="Nombre")


def turn(
    columns: dict[str, pl.Series], feed: str, said: Iterable[str], merged: list[str]
) -> Turned:
    """The table turned; `said` are texts around it in which its year may stand.

    `merged` are the headers under which cells were merged downwards.
    """
    table = Turned(columns)
    carry(table, merged)
    turned = (
        unpivot_days(table) or unpivot_weekdays(table) or unpivot_months(table)
        or unpivot_hours(table) or unpivot_kinds(table, feed)
    )  # fmt: skip
    if not turned:
        count_people(table, feed)
    split_hours(table)
    hours_of_digits(table)
    week_and_day(table)
    add_year(table, years_said(said))
    return table


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


def unpivot_weekdays(table: Turned) -> bool:
    """A row a week and a column a weekday."""
    weeks = week_columns(table)
    taken = [h for h in table.columns if share(pl.Series([h]), WEEKDAY) and h not in weeks]
    if len(weeks) != 1 or len(taken) < FEWEST_WEEKDAYS:
        return False
    is_count = all(is_number(cells) for h in taken if (cells := table.columns[h]).count())
    unpivot(table, taken, taken, "Jour", "Nombre" if is_count else "Présent")
    table.day = [weeks[0], "Jour"]
    return True


def unpivot_hours(table: Turned) -> bool:
    """A row a day and a column an hour, or a range of hours."""
    taken = [h for h, cells in table.columns.items()
             if HOURS.match(h) and (is_number(cells) or not cells.count())]  # fmt: skip
    if len(taken) < FEWEST_HOURS:
        return False
    unpivot(table, taken, taken, "Heure", "Nombre")
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
    """A column for each operator, service or space, or for women and men."""
    for target, name in KINDS:
        column = stored_columns(CONTRACTS[feed]).get(target)
        if column is None or any(plain(header) in HEADERS[target] for header in table.columns):
            continue
        known = known_words(target, codes_of(column))
        named = [h for h, c in table.columns.items() if known.exact(h) and is_marks(c)]
        if len(named) >= 2:
            is_counted = all(map(is_number, (table.columns[h] for h in named)))
            taken = [h for h in table.columns if h in named or may_be_kind(table, h, is_counted)]
            unpivot(table, taken, taken, name, "Nombre" if is_counted else "Coché")
            return True
    if feed != "employment" and (codes := genders(table)):
        unpivot(table, [*codes], [*codes], "Genre", "Nombre")
        table.values["gender"] = codes
        return True
    return False


def may_be_kind(table: Turned, header: str, is_counted: bool) -> bool:
    """Is a column one more of those kinds: counted or ticked, under a header of its own?"""
    is_free = any(word.startswith(FREE_TEXT) for word in plain(header).split())
    is_alike = may_count(table, header) if is_counted else is_crosses(table.columns[header])
    return is_alike and not is_free


def unpivot(
    table: Turned, columns: str | list[str], taken: list[str], header_to: str, cell_to: str
) -> None:
    """Turn these columns; what only adds them up is no column of anything."""
    header_to, cell_to = (free_name(table, name) for name in (header_to, cell_to))
    for header in [h for h in table.columns if h not in taken]:
        if {*plain(header).split()} & SUM_WORDS and is_number(table.columns[header]):
            del table.columns[header]
    apply(table, unpivot={"columns": columns, "header_to": header_to, "cell_to": cell_to})


def split_hours(table: Turned) -> None:
    """A range of hours in one cell."""
    for header, cells in table.columns.items():
        text = cells.str.replace_all(r"\s+", " ")
        is_range = text.str.contains(RANGE) & text.str.contains(HOUR_SIGN)
        if float(is_range.drop_nulls().mean() or 0) > MOSTLY:  # type: ignore[arg-type]
            first = text.str.extract_groups(RANGE).struct.field("day")
            names = ["Début", "Fin"] if first.count() else ["Heure de début", "Heure de fin"]
            names = [free_name(table, name) for name in names]
            apply(table, split={"column": header, "into": names})
            del table.columns[header]
            return
