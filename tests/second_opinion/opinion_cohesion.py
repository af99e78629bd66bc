"""Who comes, comes back, is helped: from the definitions of docs/indicators.md."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from tests.second_opinion.atlas import ATLAS, FRR, coefficient
from tests.second_opinion.ground import AGES, STATUSES, Cell, Cells, Event, Ground, Person

ACCOMPANIMENTS = ("france_services", "mediation_numerique", "incubation")
PROFILE = ("age_band", "gender", "social_status")
ALL = ("all", "all")
UNKNOWN = "non_communique"


def volume(
    split: dict[tuple[str, str], list[Event]],
    amount: Callable[[Event], float | None],
    breakdowns: dict[str, str] | None = None,
) -> Cells:
    """A sum over events; an event without amount is not there, what is not known has a category."""
    sums: dict[tuple[str, str, str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for (scope, period), events in split.items():
        for event in events:
            size = amount(event)
            if size is None:
                continue
            said = {name: event.row[column] for name, column in (breakdowns or {}).items()}
            for breakdown, category in {"all": "all", **said}.items():
                total = sums[scope, period, breakdown, category or UNKNOWN]
                total[0] += size
                total[1] += size * event.is_observed
    return {key: Cell(all_of_it, None, None, seen) for key, (all_of_it, seen) in sums.items()}


def visits(ground: Ground) -> Cells:
    columns = {"service": "space_code", "evidence": "evidence"}
    return volume(ground.split_visits, lambda visit: visit.heads, columns)


def accompaniments(ground: Ground) -> Cells:
    columns = {"service": "service_code", "operator": "operator_code", "theme": "theme_code",
               "mode": "mode", "location": "location", "evidence": "evidence"}  # fmt: skip
    return volume(
        ground.split_uses,
        lambda use: use.heads if use.row["service_code"] in ACCOMPANIMENTS else None,
        columns,
    )


def groups(
    people: dict[str, Person], names: Iterable[str]
) -> Iterable[tuple[tuple[str, str], dict[str, Person]]]:
    """Everybody, then those of each category; of whom it is not known, a category too."""
    yield ALL, people
    for name in names:
        found: dict[str, dict[str, Person]] = defaultdict(dict)
        for key, person in people.items():
            found[person.known(name) or UNKNOWN][key] = person
        for category, members in found.items():
            yield (name, category), members


def persons_reached(ground: Ground) -> Cells:
    return {
        (scope, period.id, *group): Cell(
            len(people), None, len(people), sum(p.is_observed for p in people.values())
        )
        for scope, _places, period in ground.grid()
        for group, people in groups(ground.people(scope, period), PROFILE)
        if people
    }


def share(hits: set[str], base: set[str], seen: set[str]) -> Cell:
    """Persons of whom something is true ÷ persons."""
    return Cell(len(hits & base), len(base), len(base), len(seen & base))


def returning_share(ground: Ground) -> Cells:
    window = timedelta(coefficient("returning_window_days"))
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    for visit in ground.visits:
        if visit.person:
            days[visit.place, visit.person].add(visit.day)
    cells: Cells = {}
    for (scope, period_id), events in ground.split_visits.items():
        period = next(p for p in ground.periods if p.id == period_id)
        known = [event for event in events if event.person]
        users = {event.person for event in known}
        back = {
            event.person
            for event in known
            if any(
                period.start - window <= day < period.start
                for day in days[event.place, event.person]
            )
        }
        seen = {event.person for event in known if event.is_observed}
        everybody = ground.people(scope, period)
        for group, members in groups(everybody, PROFILE):
            base = users & members.keys()
            if base:
                cells[(scope, period_id, *group)] = share(back, base, seen)
    return cells


def newcomer_return_90d(ground: Ground) -> Cells:
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    seen_in: set[tuple[str, str, date]] = set()
    for visit in ground.visits:
        if visit.person:
            days[visit.place, visit.person].add(visit.day)
            if visit.is_observed:
                seen_in.add((visit.place, visit.person, visit.day.replace(day=1)))
    last = coefficient("newcomer_return_days")
    cells: Cells = {}
    for scope, places, period in ground.grid():
        new, back, seen = set(), set(), set()
        for (place, person), dates in days.items():
            first = min(dates)
            if place not in places or not period.holds(first):
                continue
            new.add(person)
            if any(1 <= (day - first).days <= last for day in dates):
                back.add(person)
            if (place, person, first.replace(day=1)) in seen_in:
                seen.add(person)
        if new:
            cells[(scope, period.id, *ALL)] = share(back, new, seen)
    return cells


def visit_days_median(ground: Ground) -> Cells:
    cells: Cells = {}
    for (scope, period), events in ground.split_visits.items():
        days: dict[str, set[tuple[str, date]]] = defaultdict(set)
        seen = set()
        for event in events:
            if event.person:
                days[event.person].add((event.place, event.day))
                if event.is_observed:
                    seen.add(event.person)
        if days:
            middle = statistics.median(len(each) for each in days.values())
            cells[(scope, period, *ALL)] = Cell(middle, 1, len(days), len(seen) / len(days))
    return cells


def is_too_unknown(known: int, people: int) -> bool:
    return people > 0 and known / people < 1 - coefficient("unknown_share_max")


def served(ground: Ground, places: Iterable[str]) -> tuple[set[str], int]:
    """The communes that some places serve, and how many people live there, each counted once."""
    codes = {code for place in places for code in ground.places[place]["catchment_communes"]}
    whole = {ATLAS.current[c] for c in codes if ATLAS.kind.get(c) != "arrondissement"}
    parts = {
        c for c in codes
        if ATLAS.kind.get(c) == "arrondissement" and ATLAS.current[c] not in whole
    }  # fmt: skip
    return {ATLAS.current[c] for c in codes}, sum(ATLAS.population[c] for c in whole | parts)


def reach_per_1000(ground: Ground) -> Cells:
    cells: Cells = {}
    for scope, places, period in ground.grid():
        communes, population = served(ground, places)
        if not communes:
            continue
        people = ground.people(scope, period).values()
        homes = [(p, p.known("home")) for p in people if p.known("home")]
        near = [p for p, home in homes if ATLAS.current[home] in communes]
        cells[(scope, period.id, *ALL)] = Cell(
            None if is_too_unknown(len(homes), len(people)) else 1000 * len(near),
            population,
            len(near),
            population * sum(p.is_observed for p in near) / len(near) if near else None,
        )
    return cells


def is_frr(home: str | None) -> bool | None:
    return FRR.get(ATLAS.current[home]) if home else None


def frr_resident_share(ground: Ground) -> Cells:
    cells: Cells = {}
    for scope, _places, period in ground.grid():
        people = ground.people(scope, period)
        known = {key: p for key, p in people.items() if is_frr(p.known("home")) is not None}
        if known:
            inside = sum(bool(is_frr(p.known("home"))) for p in known.values())
            seen = sum(p.is_observed for p in known.values())
            cells[(scope, period.id, *ALL)] = Cell(inside, len(known), len(known), seen)
    return cells


def women_share(ground: Ground) -> Cells:
    cells: Cells = {}
    for scope, _places, period in ground.grid():
        for group, people in groups(ground.people(scope, period), ("age_band", "social_status")):
            known = [p for p in people.values() if p.known("gender")]
            if known:
                women = sum(p.known("gender") == "feminin" for p in known)
                seen = sum(p.is_observed for p in known)
                cells[(scope, period.id, *group)] = Cell(women, len(known), len(known), seen)
    return cells


def shannon(counts: Iterable[int]) -> float:
    """How hard it is to guess somebody's group: 0 when all are in one."""
    sizes = [count for count in counts if count]
    whole = sum(sizes)
    return -sum(n / whole * math.log(n / whole) for n in sizes) + 0.0


def blau(counts: Iterable[int]) -> float:
    """How likely two draws are of different groups."""
    sizes = [count for count in counts if count]
    whole = sum(sizes)
    return 1 - sum((n / whole) ** 2 for n in sizes)


def mix(ground: Ground, name: str, most: float, measure: Callable[[Iterable[int]], float]) -> Cells:
    cells: Cells = {}
    for scope, _places, period in ground.grid():
        people = ground.people(scope, period).values()
        if not people:
            continue
        known = [p for p in people if p.known(name)]
        counts = Counter(p.known(name) for p in known)
        cells[(scope, period.id, *ALL)] = Cell(
            None if is_too_unknown(len(known), len(people)) else measure(counts.values()),
            most,
            len(known),
            most * sum(p.is_observed for p in known) / len(known) if known else None,
        )
    return cells


def age_mix_index(ground: Ground) -> Cells:
    assert coefficient("age_bands_count") == len(AGES)
    return mix(ground, "age_band", math.log(len(AGES)), shannon)


def status_mix_index(ground: Ground) -> Cells:
    assert coefficient("social_statuses_count") == len(STATUSES)
    return mix(ground, "social_status", 1 - 1 / len(STATUSES), blau)


OPINIONS: dict[str, Callable[[Ground], Cells]] = {
    opinion.__name__: opinion
    for opinion in (
        visits, accompaniments, persons_reached, returning_share, newcomer_return_90d,
        visit_days_median, reach_per_1000, frr_resident_share, women_share, age_mix_index,
        status_mix_index,
    )
}  # fmt: skip
