"""A delivery that is made from a truth that is known: what is lost of it, and how it is written."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from math import ceil
from typing import Any

from tests.conftest import ods, xlsx

Cells = dict[str, Any]
Spoil = Callable[["Row"], None]


@dataclass
class Row:
    """A record as it was, the cells that tell of it, and what of it they still tell."""

    first: date
    last: date
    cells: Cells
    counts: float
    """Heads, or hours a week."""
    is_lost: bool = False
    has_day: bool = True
    has_end: bool = True
    """Can the first day be read, and the last one?"""

    def meets(self, month: date, until: date = date.max) -> bool:
        return self.first < next_month(month) and month <= self.last and self.first <= until

    def spoilt(self, cells: Cells, **told: bool) -> None:
        self.cells.update(cells)
        self.is_lost = True
        self.has_day, self.has_end = told.get("has_day", True), told.get("has_end", True)


def next_month(month: date) -> date:
    return (month + timedelta(32)).replace(day=1)


@dataclass(frozen=True)
class Kind:
    """One feed: its sheet, the figures that are made of it, and what may be wrong there."""

    feed: str
    name: str
    columns: dict[str, str]
    coverage: str
    day: str
    make: Callable[[random.Random], list[Row]]
    losses: list[Spoil]
    doubts: list[Spoil]
    forms: list[Callable[[Delivery], tuple[str, bytes]]]
    lost_rows: list[int]
    """How many rows of a delivery are lost, one as likely as the other."""
    figures: dict[str, Callable[[list[Row], date], float]]
    """Indicator → what it is in a month, of the rows that are left."""
    total: str
    """The header under which a sum would stand."""

    @property
    def headers(self) -> list[str]:
        return [*self.columns.values()]


@dataclass
class Delivery:
    """A file: what it holds, and what is known of it."""

    kind: Kind
    rows: list[Row]
    extra: list[tuple[int, list[Any]]] = field(default_factory=list)
    """Lines that are no records, each after so many rows."""
    repeated: list[Row] = field(default_factory=list)
    """Whose line stands twice."""
    is_refused: bool = False
    may_be_refused: bool = False

    def kept(self) -> list[Row]:
        return [row for row in self.rows if not row.is_lost]

    def lost(self, month: date) -> float:
        """Rows lost in a month: where their day is not known, in proportion to the others."""
        others = [row for row in self.rows if not row.is_lost or row.has_day] + self.repeated
        whole = Fraction(0)
        for row in self.rows:
            if row.is_lost and row.has_day:
                whole += row.meets(month)
            elif row.is_lost:
                until = row.last if row.has_end and self.lasts else date.max
                there = sum(other.meets(month, until) and month <= until for other in others)
                whole += Fraction(there, len(others))
        return ceil(round(float(whole), 6)) if self.lasts else float(whole)

    @property
    def lasts(self) -> bool:
        return self.kind.feed == "employment"

    def is_partial(self, month: date, tolerated: float) -> bool:
        lost = self.lost(month)
        there = sum(row.meets(month) for row in self.kept())
        is_much = lost > 0 if self.lasts else round(lost, 6) >= 3
        return is_much and round(lost, 6) > round(tolerated * (lost + there), 6)

    def is_proven(self, month: date) -> bool:
        return self.lasts or any(row.meets(month) for row in self.kept())


def delivery(rng: random.Random, kind: Kind) -> tuple[Delivery, str, bytes]:
    """A file with some rows damaged, its name, and its bytes."""
    made = Delivery(kind, kind.make(rng))
    damage(rng, made)
    name, content = rng.choice(kind.forms)(made)
    return made, name, content


def damage(rng: random.Random, made: Delivery) -> None:
    worst = len(made.rows) - 1
    for row in rng.sample(made.rows, k=min(worst, rng.choice(made.kind.lost_rows))):
        rng.choice(made.kind.losses)(row)
    sound = made.kept()
    for row in rng.sample(sound, k=min(len(sound), rng.randrange(12))):
        rng.choice(made.kind.doubts)(row)
    headers, blank = made.kind.headers, [""] * len(made.kind.headers)
    if rng.random() < 0.4:
        total = [str(sum(row.counts for row in made.rows)) if h == made.kind.total else ""
                 for h in headers]  # fmt: skip
        where = rng.randrange(len(made.rows))
        made.extra.append(
            rng.choice([(10**6, ["Total", *total[1:]]), (where, headers), (where, blank),
                        (10**6, ["", "TOTAL", *total[2:]])])
        )  # fmt: skip
    if rng.random() < 0.2:  # the same line once more is the same record
        made.repeated.append(rng.choice(sound))


# how a delivery is written

MONTHS_A_YEAR = 12
DAY_FIRST, ISO, MONTH_FIRST = "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M"


def lines(made: Delivery) -> list[list[Any]]:
    found: list[list[Any]] = [made.kind.headers]
    for number, row in enumerate([*made.rows, *made.repeated]):
        found.append([row.cells[header] for header in made.kind.headers])
        found += [cells for after, cells in made.extra if after == number]
    return found + [cells for after, cells in made.extra if after >= len(made.rows)]


def text(separator: str, end: str, day: str, mark: str = ",", encoding: str = "utf-8") -> Any:
    def shown(cell: Any) -> str:
        if isinstance(cell, datetime):
            return f"{cell:{day.split()[0] if cell.hour == 0 else day}}"
        return str(cell).replace(".", mark) if isinstance(cell, float) else str(cell)

    def write(made: Delivery) -> tuple[str, bytes]:
        whole = end.join(separator.join(map(shown, cells)) for cells in lines(made)) + end
        return "csv", whole.encode(encoding)

    return write


def book(kind: str) -> Any:
    def write(made: Delivery) -> tuple[str, bytes]:
        return kind, {"xlsx": xlsx, "ods": ods}[kind]({"Feuille": lines(made)})

    return write


def americans(made: Delivery) -> tuple[str, bytes]:
    """Where enough days can only stand second it is read so; where some can, nobody guesses.

    Where none can, it could be a French file as well, and is read as one: it is written as one here.
    """
    days = [cell.day for cells in lines(made) for cell in cells if isinstance(cell, datetime)]
    made.may_be_refused = max(days) > MONTHS_A_YEAR
    return text(";", "\n", MONTH_FIRST if made.may_be_refused else DAY_FIRST)(made)


FORMS = [
    text(";", "\n", DAY_FIRST), text(",", "\r\n", ISO, "."), text("\t", "\n", DAY_FIRST, ",", "utf-16"),
    text("|", "\r", ISO), text(";", "\r\n", DAY_FIRST, ",", "cp1252"), book("xlsx"), book("ods"),
    americans,
]  # fmt: skip
