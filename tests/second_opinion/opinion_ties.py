"""Who meets whom: co-presence and what is made of it, pair by pair."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import cache

from tests.second_opinion.atlas import coefficient
from tests.second_opinion.ground import Cell, Cells, Event, Ground, Period

Pair = tuple[str, str]
Meetings = dict[tuple[str, Pair], set[date]]
"""Place and pair → the days on which they met there."""


def crowd_of(visit: Event) -> tuple[object, ...]:
    """The session, or where there is none the room: what is too full to meet in."""
    activity = visit.row["activity_id"]
    room = ("activity", activity) if activity else ("space", visit.row["space_code"])
    return (visit.place, visit.day, *room)


def meetings(ground: Ground) -> Meetings:
    heads: Counter[tuple[object, ...]] = Counter()
    for visit in ground.visits:
        heads[crowd_of(visit)] += visit.heads
    most = coefficient("copresence_max_group")
    there: dict[str, list[Event]] = defaultdict(list)
    for visit in sorted(ground.visits, key=lambda v: v.start):
        if visit.person and visit.end and heads[crowd_of(visit)] <= most:
            there[visit.place].append(visit)
    found: Meetings = defaultdict(set)
    for place, visits in there.items():
        for one, other in overlapping(visits):
            found[place, tuple(sorted((one.person, other.person)))].add(other.day)  # type: ignore[index, arg-type, type-var]
    return found


def overlapping(visits: list[Event]) -> Iterable[tuple[Event, Event]]:
    """Pairs of visits in order of arrival, long enough in one space as far as is known."""
    least = timedelta(minutes=coefficient("copresence_min_minutes"))
    for number, one in enumerate(visits):
        for other in visits[number + 1 :]:
            if other.start > one.end - least:
                break
            spaces = {one.row["space_code"], other.row["space_code"]} - {None}
            together = min(one.end, other.end) - other.start
            if one.person != other.person and len(spaces) < 2 and together >= least:
                yield one, other


class Ties:
    """The recurring ties of one world."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.meetings = meetings(ground)
        self.window = timedelta(coefficient("tie_window_days"))
        self.least = coefficient("tie_min_days")

    def of(self, places: frozenset[str], period: Period) -> set[Pair]:
        """Pairs with enough days at one place before the end, both there in the period."""
        start = period.end - self.window
        came = {
            (visit.place, visit.person) for visit in self.ground.visits if period.holds(visit.day)
        }
        return {
            pair
            for (place, pair), days in self.meetings.items()
            if place in places
            and all((place, person) in came for person in pair)
            and sum(start <= day < period.end for day in days) >= self.least
        }


@cache
def ties_of(ground: Ground) -> dict[tuple[str, str], set[Pair]]:
    ties = Ties(ground)
    return {(scope, period.id): ties.of(places, period) for scope, places, period in yearly(ground)}


def yearly(ground: Ground) -> Iterable[tuple[str, frozenset[str], Period]]:
    return (one for one in ground.grid() if one[2].kind in ("year", "convention"))


def checked_out(ground: Ground, scope: str, period: Period) -> list[Event]:
    events = ground.split_visits.get((scope, period.id), [])
    return [event for event in events if event.person and event.end]


def recurring_ties_per_100(ground: Ground) -> Cells:
    cells: Cells = {}
    for scope, _places, period in yearly(ground):
        events = checked_out(ground, scope, period)
        users = {event.person for event in events}
        if users:
            seen = {event.person for event in events if event.is_observed}
            ties = len(ties_of(ground)[scope, period.id])
            cells[scope, period.id, "all", "all"] = Cell(
                100 * ties, len(users), len(users), len(seen)
            )
    return cells


def bridging_ratio(ground: Ground) -> Cells:
    cells: Cells = {}
    for scope, _places, period in yearly(ground):
        people = ground.people(scope, period)
        status = {key: person.known("social_status") for key, person in people.items()}
        known = {
            event.person
            for event in checked_out(ground, scope, period)
            if event.person and status[event.person]
        }
        n = len(known)
        if n < 2:
            continue
        sizes = Counter(status[person] for person in known).values()
        expected = (1 - sum((size / n) ** 2 for size in sizes)) * n / (n - 1)
        told = [
            pair for pair in ties_of(ground)[scope, period.id] if all(status.get(p) for p in pair)
        ]
        mixed = sum(status[a] != status[b] for a, b in told)
        enough = len(told) >= coefficient("bridging_min_ties")
        cells[scope, period.id, "all", "all"] = Cell(
            mixed / len(told) if enough else None, expected, n, None
        )
    return cells


def no_tie_share(ground: Ground) -> Cells:
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for visit in ground.visits:
        if visit.person and visit.end:
            days[visit.place, visit.person].add(visit.day)
    window, least = timedelta(coefficient("tie_window_days")), coefficient("tie_min_days")
    cells: Cells = {}
    for scope, places, period in yearly(ground):
        often = {
            person
            for (place, person), dates in days.items()
            if place in places
            and sum(period.end - window <= day < period.end for day in dates) >= least
        }
        if often:
            tied = {person for pair in ties_of(ground)[scope, period.id] for person in pair}
            cells[scope, period.id, "all", "all"] = Cell(len(often - tied), len(often), len(often))
    return cells


OPINIONS: dict[str, Callable[[Ground], Cells]] = {
    opinion.__name__: opinion for opinion in (recurring_ties_per_100, bridging_ratio, no_tie_share)
}
