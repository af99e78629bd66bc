"""The columns of an unknown table that count people, and those that only add them up."""

import polars as pl

from flows.intake.cast import read_integer
from flows.language import _
from flows.onboarding.guess_turned import Turned, is_number
from flows.onboarding.header_words import (
    COUNT_WORDS,
    GENDER_WORDS,
    HEADERS,
    NOT_PEOPLE,
    SUM_WORDS,
    UNTOLD,
    plain,
)
from schemas import CONTRACTS
from schemas.codes import Gender
from schemas.record import stored_columns

SHORTEST_TELLING = 4
"""`H` alone may be hours."""


def count_people(table: Turned, feed: str) -> None:
    """The columns of a row that count people."""
    counted = counts(table)
    is_told = len(counted) >= 2 or any(
        len(word) >= SHORTEST_TELLING for header in counted for word in plain(header).split()
    )
    if counted and is_told and "headcount" in stored_columns(CONTRACTS[feed]):
        table.sums = whole(table, counted)


def counts(table: Turned) -> list[str]:
    """The columns of whole numbers whose headers say what people are counted by."""
    if any(plain(header) in HEADERS["headcount"] for header in table.columns):
        return []
    return [
        header for header, cells in table.columns.items()
        if ({*plain(header).split()} <= COUNT_WORDS or plain(header) in UNTOLD)
        and is_number(cells)
    ]  # fmt: skip


def genders(table: Turned) -> dict[str, str]:
    """Header → code, where women and men are counted apart; else nothing."""
    counted = counts(table)
    found = {header: gender_of(header) for header in counted}
    if not {Gender.FEMALE.value, Gender.MALE.value} <= {*found.values()} or None in found.values():
        return {}
    unknown = Gender.UNKNOWN.value
    return {header: found.get(header) or unknown for header in whole(table, counted)}


def gender_of(header: str) -> str | None:
    if plain(header).split(" / ")[-1] in UNTOLD:
        return str(Gender.UNKNOWN.value)
    said = {GENDER_WORDS[word] for word in plain(header).split() if word in GENDER_WORDS}
    return said.pop() if len(said) == 1 else None


def whole(table: Turned, counted: list[str]) -> list[str]:
    """The counts with those that a total of the table adds to them; without them, a question."""
    others = [
        header for header in table.columns if header not in counted and may_count(table, header)
    ]
    totals = [h for h, cells in table.columns.items() if h not in counted and is_total(h, cells)]
    if totals:
        told = read_integer(table.columns[totals[0]])
        for some in (counted, counted + others):
            if adds_up(table, some, told):
                return [header for header in table.columns if header in some]
        table.questions.append(
            _("# To decide: {total} is not the sum of {counted}").format(
                total=repr(totals[0]), counted=", ".join(counted)
            )
        )
    elif others:
        table.questions.append(
            _("# To decide: do these numbers count more people? {headers}").format(
                headers=", ".join(others)
            )
        )
    return counted


def may_count(table: Turned, header: str) -> bool:
    cells = table.columns[header]
    return not {*plain(header).split()} & (NOT_PEOPLE | SUM_WORDS) and is_number(cells)


def is_total(header: str, cells: pl.Series) -> bool:
    return bool({*plain(header).split()} & SUM_WORDS) and is_number(cells)


def adds_up(table: Turned, counted: list[str], total: pl.Series) -> bool:
    sums = pl.DataFrame([read_integer(table.columns[header]) for header in counted])
    same = sums.select(pl.sum_horizontal(pl.all())).to_series() == total.fill_null(0)
    return bool(same.all())
