"""Invented rows that were refused, and what their deliveries say of the days of their others."""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from tests.second_opinion.places import Proof
from tests.second_opinion.records import Crowd


class Refused(NamedTuple):
    """One row in quarantine; of a later delivery of its source the number is higher."""

    place: str
    feed: str
    source: str
    delivery: int
    row: int
    cells: str | None
    """The same for the same row: what was refused long ago has none."""
    day: date | None
    until: date | None
    """For what happens its day; for a contract its last one, where it is known."""
    is_record: bool
    is_closed: bool
    is_set_aside: bool


class Dated(NamedTuple):
    """So many rows of a delivery have these days."""

    place: str
    source: str
    delivery: int
    day: date
    until: date | None
    rows: int


def refused(seed: int, row: int, crowd: Crowd) -> Refused | None:
    """The same cells are always of the same day."""
    random = Random(seed)
    found = crowd.source(random, random.choice(("attendance", "employment", "service_usage")))
    if found is None:
        return None
    place, source = found
    cells = random.choice((None, None, None, "a", "b", "c"))
    delivery = random.choice((1, 1, 1, 1, 2, 2, 2, 3))
    day, until = days(Random(cells or seed), crowd, source["feed"])
    return Refused(
        place, source["feed"], source["id"], delivery, row, cells, day, until,
        is_record=random.random() < 0.9,
        is_closed=random.random() < 0.1,
        is_set_aside=delivery == 3,
    )  # fmt: skip


def days(random: Random, crowd: Crowd, feed: str) -> tuple[date | None, date | None]:
    day = crowd.day(random)
    if feed != "employment":
        day = random.choice((day, None))
        return day, day
    until = random.choice((None, day, day + timedelta(40), day + timedelta(400)))
    return random.choice((day, None)), until


def dated(seed: int, crowd: Crowd) -> list[Dated]:
    random = Random(seed)
    found = crowd.source(random, random.choice(("attendance", "employment", "service_usage")))
    if found is None:
        return []
    place, source = found
    delivery = random.randrange(1, 3)
    lines = {}
    for _ in range(random.randrange(1, 6)):
        day = crowd.day(random)
        until = day
        if source["feed"] == "employment":
            until = random.choice((None, day, day + timedelta(70)))
        lines[day, until] = Dated(
            place, source["id"], delivery, day, until, random.choice((1, 2, 7, 40))
        )
    return list(lines.values())


def by_delivery(proofs: list[Proof]) -> list[tuple[int, Proof]]:
    """What a source proves a second time, its second delivery proves."""
    seen: dict[tuple[str, str, date], int] = {}
    found = []
    for proof in proofs:
        place, _feed, source, day, _is_recorded = proof
        seen[place, source, day] = seen.get((place, source, day), 0) + 1
        found.append((seen[place, source, day], proof))
    return found
