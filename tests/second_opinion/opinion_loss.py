"""How many of the rows behind a figure were lost: from docs/fr/statuts.md, in exact fractions."""

from collections import Counter, defaultdict
from datetime import date
from fractions import Fraction
from functools import cache, cached_property
from math import ceil
from typing import NamedTuple

from tests.second_opinion.ground import Ground, Period
from tests.second_opinion.refused import Refused, by_delivery

Span = tuple[date, date]
"""First and last day."""
CONTRACTS = "employment"


class Lost(NamedTuple):
    """Rows of one or several places in some days."""

    rows: Fraction = Fraction(0)
    contracts: int = 0
    of: Fraction = Fraction(0)
    """The lost rows and the others."""
    tolerated: Fraction = Fraction(0)

    def and_of(self, other: "Lost") -> "Lost":
        return Lost(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def share(self) -> float:
        return float(self.rows / self.of) if self.of else 0.0

    @property
    def is_too_much(self) -> bool:
        few = round(float(self.rows), 6) < 3 and not self.contracts
        return not few and round(float(self.rows), 6) > round(float(self.tolerated), 6)


class Loss:
    """What one world lost, source by source."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.lost = cache(self.parts)
        self.rows = self.spans_of_rows()
        self.proven: dict[tuple[str, str, int], list[date]] = defaultdict(list)
        for number, (place, _feed, source, day, _is_recorded) in by_delivery(ground.world.proofs):
            self.proven[place, source, number].append(day)

    def spans_of_rows(self) -> dict[tuple[str, str], list[Span]]:
        found: dict[tuple[str, str], list[Span]] = defaultdict(list)
        for event in (*self.ground.presences, *self.ground.uses):
            found[event.place, event.row["source_id"]].append((event.day, event.day))
        for contract in self.ground.contracts:
            span = (contract.first, contract.last)
            found[contract.place, contract.row["source_id"]].append(span)
        return found

    @cached_property
    def open(self) -> dict[tuple[str, str], list[Refused]]:
        """What may be a record and waits for somebody: each row once, however often it came.

        Two equal rows of one delivery are two; the last delivery that has as many says which.
        """
        copies: dict[tuple[str, str, str, int], list[Refused]] = defaultdict(list)
        for row in self.ground.world.refused:
            if row.is_record and not row.is_closed and not row.is_set_aside:
                mark = row.cells or f"row {row.delivery} {row.row}"
                copies[row.place, row.source, mark, row.delivery].append(row)
        last: dict[tuple[str, str, str, int], Refused] = {}
        for (place, source, mark, _delivery), rows in sorted(copies.items()):
            for number, row in enumerate(rows):
                last[place, source, mark, number] = row
        found: dict[tuple[str, str], list[Refused]] = defaultdict(list)
        for row in last.values():
            found[row.place, row.source].append(row)
        return found

    def parts(self, place: str, source: str) -> list[tuple[Span, Fraction]]:
        """The days on which rows of a source were lost, and how much of a row on each."""
        found: Counter[Span] = Counter()
        for row in self.open[place, source]:
            for span, part in self.days_of(row):
                first, last = self.ground.sources[place, source]
                clipped = (max(span[0], first), min(span[1], last))
                if clipped[0] <= clipped[1]:
                    found[clipped] += part  # type: ignore[assignment]
        return [(span, Fraction(part)) for span, part in found.items()]

    def days_of(self, row: Refused) -> list[tuple[Span, Fraction]]:
        """Its own; else those of the other rows of its delivery, else those that it proves."""
        if row.day is not None:
            return [((row.day, row.until or date.max), Fraction(1))]
        key = (row.place, row.source, row.delivery)
        others = [
            ((line.day, line.until or date.max), line.rows)
            for line in self.ground.world.dated
            if (line.place, line.source, line.delivery) == key
        ] or [((day, day), 1) for day in self.proven[key]]
        whole = sum(rows for _, rows in others)
        end = row.until or date.max
        return [
            ((span[0], min(span[1], end)), Fraction(rows, whole))
            for span, rows in others
            if span[0] <= end
        ]

    def of_place(self, place: str, sources: list[dict[str, str]], days: Period) -> Lost:
        """What these sources of a place lost in some days; of a contract there is no part."""
        total = Lost()
        tolerated = Fraction(str(self.ground.places[place]["tolerated_quarantine_share"]))
        for source in sources:
            rows = sum(
                (part for span, part in self.lost(place, source["id"]) if meets(span, days)),
                start=Fraction(0),
            )
            contracts = ceil(rows) if source["feed"] == CONTRACTS else 0
            rows = Fraction(contracts) if contracts else rows
            there = sum(meets(span, days) for span in self.rows[place, source["id"]])
            total = total.and_of(Lost(rows, contracts, rows + there, tolerated * (rows + there)))
        return total


def meets(span: Span, days: Period) -> bool:
    return span[0] < days.end and span[1] >= days.start
