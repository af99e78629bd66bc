"""Invented worlds: a few places, what proves their days, and records that lie where it hurts.

Hypothesis chooses the places, the proofs and one number a record; the number decides all of the
record. So a world that fails shrinks record by record, and two records never disturb each other.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from tests.second_opinion.records import DRAWERS, PARIS, Crowd

Row = dict[str, Any]
Proof = tuple[str, str, str, date, bool]
"""Place, feed, source, day, is_recorded."""
FEEDS = ("attendance", "employment", "service_usage")
SERVICES = (
    "coworking", "fablab", "makerspace", "atelier_partage", "salle", "formation",
    "mediation_numerique", "france_services", "campus_connecte", "incubation", "restauration",
    "petite_enfance", "telemedecine", "velo_electrique", "autostop", "evenement",
)  # fmt: skip
TODAYS = (date(2026, 3, 30), date(2026, 4, 1), date(2026, 1, 1), date(2026, 7, 1),
          date(2025, 10, 27))  # fmt: skip
SPANS = (20, 20, 35, 90, 130, 300, 430, 800)
"""Days of history: none that matters, a quarter, a year and two."""
COMMUNES = ("02676", "80021", "02173", "02720", "75101", "22016")
"""A town and its neighbours, an arrondissement, and an island that is in no EPCI."""
HOURS: tuple[dict[str, list[str]], ...] = (
    {},
    {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    {"saturday": ["08:30-12:00", "14:00-23:59"], "sunday": ["00:00-10:15"]},
)
CATCHMENTS: tuple[list[str], ...] = (
    [], ["02676", "02720"], ["80021"], ["75101", "75102"], ["75056", "75101"],
    ["01091", "01018", "01033"], ["02173", "02676"],
)  # fmt: skip
OFFERS: tuple[list[str], ...] = (
    list(SERVICES), ["coworking", "fablab"], ["france_services", "campus_connecte"], [],
    ["incubation", "formation", "mediation_numerique"],
)  # fmt: skip


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

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    def __repr__(self) -> str:
        """Short enough to be read once the world is small: no empty cell, no proof day by day."""
        rows = [*self.places, *self.attendance, *self.employment, *self.service_usage, *self.grants]
        lines = [", ".join(f"{name}={said}" for name, said in row.items() if said) for row in rows]
        proofs = Counter(source for _, _, source, _, _ in self.proofs)
        head = f"{self.today}, days proven {dict(proofs)}, {self.portfolios} {self.conventions}"
        return "\n  ".join([f"World of {head}", *lines[:40], f"({len(lines)} lines in all)"])


@st.composite
def worlds(draw: st.DrawFn) -> World:
    today = draw(st.sampled_from(TODAYS))
    first = today - timedelta(draw(st.sampled_from(SPANS)))
    if draw(st.integers(0, 3)):  # mostly whole years: else no year is ever whole
        first = first.replace(month=1, day=1)
    places = [
        draw(place(f"p{number}", first, today)) for number in range(1, draw(st.integers(1, 6)) + 1)
    ]
    crowd = draw(crowds(first, today, places))
    size = draw(st.integers(0, 400))
    seeds = draw(st.lists(st.integers(0, 2**32 - 1), min_size=size, max_size=size))
    rows: dict[str, list[Row]] = {feed: [] for feed in FEEDS}
    numbers: dict[tuple[str, str], Iterator[int]] = defaultdict(itertools.count)
    for seed in seeds:
        feed = ("attendance",) * 12 + ("employment",) * 3 + ("service_usage",) * 5
        chosen = feed[seed % 20]
        row = DRAWERS[chosen](seed, crowd)
        if row:
            known = numbers[row["place_id"], row["source_id"]]
            rows[chosen].append({**row, "record_id": f"r{next(known)}"})
    ids = [p["id"] for p in places]
    members = draw(st.lists(st.sampled_from(ids), unique=True))
    begins = first.replace(day=1)
    if draw(st.integers(0, 3)) == 0:  # before anything was received
        begins = (begins - timedelta(70)).replace(day=1)
    ends = draw(st.sampled_from((today.replace(day=1), begins.replace(year=begins.year + 3))))
    convention = {"convention:three-years": (begins, ends)} if begins < ends else {}
    conventions = convention if draw(st.booleans()) else {}
    proven = [proof for p in places for proof in draw(proofs(p, first, today))]
    earliest = first_month(proven, conventions, today)
    return World(
        today=today,
        places=places,
        proofs=proven,
        attendance=since(earliest, "checked_in_at", rows["attendance"]),
        employment=rows["employment"],
        service_usage=since(earliest, "occurred_at", rows["service_usage"]),
        portfolios={"funder": members} if members else {},
        conventions=conventions,
        grants=draw(st.lists(grant(ids, first, today), max_size=3)),
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
def crowds(draw: st.DrawFn, first: date, today: date, places: list[Row]) -> Crowd:
    """Who may come, and when: the fewer people and days, the more they meet."""
    size = (today - first).days
    hot = [today - timedelta(draw(st.integers(1, size))) for _ in range(draw(st.integers(1, 8)))]
    month = today.replace(day=1)
    if draw(st.booleans()):  # the last quarter of a convention that has just ended: ties are there
        hot = [max(first, month - timedelta(1 + 14 * k)) for k in range(6)]
    return Crowd(
        places=places,
        persons=draw(st.one_of(st.integers(2, 12), st.integers(0, 60))),
        is_network_key=draw(st.booleans()),
        first=first,
        today=today,
        hot_days=hot,
        heat=draw(st.sampled_from((0.2, 0.6, 0.95))),
        is_one_room=draw(st.booleans()),
    )


@st.composite
def place(draw: st.DrawFn, place_id: str, first: date, today: date) -> Row:
    usual = st.sampled_from
    opened = draw(usual(("long ago",) * 5 + ("inside", "tomorrow", "never")))
    opened_on = {
        "long ago": date(2019, 1, 1), "inside": first + (today - first) // 2,
        "tomorrow": today + timedelta(40), "never": None,
    }[opened]  # fmt: skip
    declared: Row = {
        "id": place_id,
        "name": place_id,
        "commune_code": draw(usual(COMMUNES)),
        "services": draw(usual(OFFERS)),
        "catchment_communes": draw(usual(CATCHMENTS)),
        "opening_hours": draw(usual(HOURS)),
        "sources": [s for feed in FEEDS for s in draw(sources(feed, first, today))],
    }
    if opened_on:
        declared["opened_on"] = opened_on
    if opened_on == date(2019, 1, 1):
        if draw(usual((False, False, False, True))):
            declared["closed_on"] = today - timedelta(draw(st.integers(1, 60)))
        elif draw(st.booleans()):
            month = (today - timedelta(draw(usual((35, 70))))).replace(day=1)
            last = (month + timedelta(32)).replace(day=1) - timedelta(1)
            declared["closures"] = [{"first_day": month, "last_day": last}]
    if draw(st.booleans()):
        declared["seats"] = draw(st.integers(1, 3))
    if draw(usual((False, False, True))):
        declared["campus_weekly_hours"] = draw(usual((0.5, 1.0, 4.0)))
    return declared


@st.composite
def sources(draw: st.DrawFn, feed: str, first: date, today: date) -> list[Row]:
    kinds = ("one",) * 8 + ("none", "two", "replaced", "bounded", "meetings", "anonymous")
    kind = draw(st.sampled_from(kinds))
    plain: Row = {
        "id": {"attendance": "desk", "employment": "staff"}.get(feed, "uses"), "feed": feed, "connector": "file",
        "path": "none.csv", "rhythm": "daily", "coverage": "span", "identity": {"email": "e"},
    }  # fmt: skip
    middle = first + timedelta(draw(st.integers(0, (today - first).days)))
    if kind == "none":
        return []
    if kind == "two":
        return [plain, {**plain, "id": plain["id"] + "-b", "identity": {"source_id": "n"}}]
    if kind == "replaced":
        late = {**plain, "id": plain["id"] + "-b", "from": middle, "replaces": plain["id"]}
        return [plain, late]
    if kind == "bounded":
        return [{**plain, draw(st.sampled_from(("from", "until"))): middle}]
    if kind == "meetings":
        return [{**plain, "coverage": "days_with_presence"}]
    if kind == "anonymous":
        return [{**plain, "identity": {}}]
    return [plain]


@st.composite
def proofs(draw: st.DrawFn, declared: Row, first: date, today: date) -> list[Proof]:
    """Mostly every day; else a late start, a stop, a hole, or nothing at all."""
    found = []
    for source in declared["sources"]:
        days = [first + timedelta(n) for n in range((today - first).days)]
        kind = draw(st.sampled_from(("all",) * 8 + ("late", "stopped", "hole", "none", "twice")))
        cut = draw(st.integers(0, len(days)))
        days = {
            "all": days, "late": days[cut:], "stopped": days[:cut],
            "hole": days[:cut] + days[cut + 1 :], "none": [], "twice": days + days[:cut],
        }[kind]  # fmt: skip
        if source["coverage"] == "days_with_presence":
            days = days[:: draw(st.integers(1, 9))]
            is_kept = draw(st.booleans())
            found += [
                (declared["id"], source["feed"], source["id"], day, is_kept or day.day % 7 != 0)
                for day in days
            ]
        else:
            found += [(declared["id"], source["feed"], source["id"], day, True) for day in days]
    return found


@st.composite
def grant(draw: st.DrawFn, places: list[str], first: date, today: date) -> Row:
    starts_on = first + timedelta(draw(st.integers(-60, (today - first).days)))
    return {
        "grant_id": f"g{draw(st.integers(0, 10**6))}",
        "place_id": draw(st.sampled_from([*places, None])),
        "amount_eur_cents": draw(st.integers(0, 10**7)),
        "starts_on": starts_on,
        "ends_before": starts_on + timedelta(draw(st.integers(1, 800))),
    }
