"""Invented worlds: a few places, what proves their days, and records that lie where it hurts.

Hypothesis chooses the places, the proofs and one number a record; the number decides all of the
record. So a world that fails shrinks record by record, and two records never disturb each other.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.second_opinion.places import FEEDS, Proof, Row, grant, place, proofs
from tests.second_opinion.records import DRAWERS, FOLLOWED, PARIS, SERVICES, SPACES, Crowd
from tests.second_opinion.refused import Dated, Refused, dated, refused

TODAYS = (date(2026, 3, 30), date(2026, 4, 1), date(2026, 1, 1), date(2026, 7, 1),
          date(2025, 10, 27))  # fmt: skip


class Theme(NamedTuple):
    """What a world is mostly about: some figures need many records of one kind, or years of them."""

    spans: tuple[int, ...]
    """Days of history."""
    feeds: tuple[int, int, int] = (12, 3, 5)
    """How many of twenty records are visits, contracts, uses of services."""
    services: tuple[str, ...] = SERVICES
    spaces: tuple[str | None, ...] = SPACES


THEMES = {
    "anything": Theme((20, 20, 35, 90, 130, 300, 430, 800)),  # no history, a quarter, years
    "ties": Theme((130, 300), (17, 1, 2), FOLLOWED, ("coworking", "campus_connecte", None)),
    "help": Theme((430, 800), (2, 2, 16), ("mediation_numerique",) * 3 + ("france_services",)),
    "projects": Theme((1000,), (4, 1, 15), ("incubation",) * 5 + ("formation", "fablab")),
    "campus": Theme((130, 430), (13, 1, 6), ("campus_connecte",), ("campus_connecte",)),
    "jobs": Theme((430, 800), (2, 16, 2)),
}


@dataclass(frozen=True, repr=False)
class World:
    """Everything that the figures are made from."""

    today: date
    places: list[Row]
    """As a TOML file declares them."""
    proofs: list[Proof]
    attendance: list[Row]
    employment: list[Row]
    service_usage: list[Row]
    portfolios: dict[str, list[str]]
    conventions: dict[str, tuple[date, date]]
    """Id → first day, day after the last."""
    grants: list[Row]
    refused: list[Refused]
    dated: list[Dated]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def __repr__(self) -> str:
        """Short enough to be read once the world is small: no empty cell, no proof day by day."""
        rows = [*self.places, *self.attendance, *self.employment, *self.service_usage, *self.grants]
        lines = [", ".join(f"{name}={said}" for name, said in row.items() if said) for row in rows]
        lines += [str(row) for row in (*self.refused, *self.dated)]
        proofs = Counter(source for _, _, source, _, _ in self.proofs)
        head = f"{self.today}, days proven {dict(proofs)}, {self.portfolios} {self.conventions}"
        return "\n  ".join([f"World of {head}", *lines[:40], f"({len(lines)} lines in all)"])


@st.composite
def worlds(draw: st.DrawFn, theme_name: str) -> World:
    theme, is_varied = THEMES[theme_name], theme_name == "anything"
    today = draw(st.sampled_from(TODAYS))
    is_calm = draw(st.sampled_from((True, False) if is_varied else (True, True, False)))
    first = today - timedelta(draw(st.sampled_from(theme.spans)))
    if draw(st.integers(0, 3)):  # mostly whole years: else no year is ever whole
        first = first.replace(month=1, day=1)
    most = 6 if (today - first).days < 400 else 2  # many places for years take long
    places = [
        draw(place(f"p{number}", first, today, is_calm))
        for number in range(1, draw(st.integers(1, most)) + 1)
    ]
    crowd = draw(crowds(first, today, places, theme_name))
    size = draw(st.integers(0, 400))
    if not is_varied:  # mostly many records, and still few where few are enough to fail
        size = max(size, draw(st.integers(0, 400)))
    seeds = draw(st.lists(st.integers(0, 2**32 - 1), min_size=size, max_size=size))
    rows: dict[str, list[Row]] = {feed: [] for feed in FEEDS}
    numbers: dict[tuple[str, str], Iterator[int]] = defaultdict(itertools.count)
    feeds = [feed for feed, times in zip(FEEDS, theme.feeds, strict=True) for _ in range(times)]
    for seed in seeds:
        chosen = feeds[seed % 20]
        row = DRAWERS[chosen](seed, crowd)
        if row:
            known = numbers[row["place_id"], row["source_id"]]
            rows[chosen].append({**row, "record_id": f"r{next(known)}"})
    ids = [p["id"] for p in places]
    members = draw(st.lists(st.sampled_from(ids), unique=True))
    declared = draw(conventions(first, today, theme_name))
    proven = [proof for p in places for proof in draw(proofs(p, first, today, is_calm))]
    earliest = first_month(proven, declared, today)
    losses = draw(st.sampled_from((0, 5, 40)))
    lost = draw(st.lists(st.integers(0, 2**32 - 1), min_size=losses, max_size=losses))
    told = draw(st.lists(st.integers(0, 2**32 - 1), max_size=5 if lost else 0, unique=True))
    return World(
        today=today,
        places=places,
        proofs=proven,
        attendance=since(earliest, "checked_in_at", rows["attendance"]),
        employment=rows["employment"],
        service_usage=since(earliest, "occurred_at", rows["service_usage"]),
        portfolios={"funder": members} if members else {},
        conventions=declared,
        grants=draw(st.lists(grant(ids, first, today), max_size=3)),
        refused=[r for n, seed in enumerate(lost) if (r := refused(seed, n, crowd))],
        dated=[line for seed in told for line in dated(seed, crowd)],
    )


def first_month(
    proofs: list[Proof], conventions: dict[str, tuple[date, date]], today: date
) -> date:
    """The month of the first day that a delivery proves, or that a convention begins in.

    Contracts alone open no period.
    """
    others = [day for _, feed, _, day, _ in proofs if feed != "employment"]
    month = min(others or [day for *_, day, _ in proofs], default=today).replace(day=1)
    return min([month, *(start for start, _ in conventions.values())])


def since(first: date, moment: str, rows: list[Row]) -> list[Row]:
    """A visit comes with the proof of its own day: none is older than what is proven."""
    return [row for row in rows if row[moment].astimezone(PARIS).date() >= first]


@st.composite
def conventions(
    draw: st.DrawFn, first: date, today: date, theme_name: str
) -> dict[str, tuple[date, date]]:
    """None, or one that has just ended or lasts; some begin before anything was received."""
    begins = first.replace(day=1)
    if draw(st.integers(0, 3)) == 0:
        begins = (begins - timedelta(70)).replace(day=1)
    ends = draw(st.sampled_from((today.replace(day=1), begins.replace(year=begins.year + 3))))
    if theme_name == "ties":
        ends = today.replace(day=1)
    elif draw(st.booleans()):
        return {}
    return {"convention:three-years": (begins, ends)} if begins < ends else {}


@st.composite
def crowds(draw: st.DrawFn, first: date, today: date, places: list[Row], theme_name: str) -> Crowd:
    """Who may come, and when: the fewer people and days, the more they meet."""
    size = (today - first).days
    hot = [today - timedelta(draw(st.integers(1, size))) for _ in range(draw(st.integers(1, 8)))]
    if theme_name == "ties":  # in the weeks before a convention ends
        hot = [max(first, today.replace(day=1) - timedelta(1 + 14 * k)) for k in range(6)]
    is_varied = theme_name == "anything"
    persons = st.integers(0, 60) if is_varied else st.integers(4, 16)
    if theme_name == "ties":  # enough for twenty pairs
        persons = st.integers(8, 16)
    return Crowd(
        places=places,
        persons=draw(persons),
        is_network_key=draw(st.booleans()),
        first=first,
        today=today,
        hot_days=hot,
        heat=draw(st.sampled_from((0.2, 0.6, 0.95))),
        is_one_room=theme_name == "ties" or (is_varied and draw(st.booleans())),
        services=THEMES[theme_name].services,
        spaces=THEMES[theme_name].spaces,
    )
