"""What is done and offered: coworking, machines, training, income, carbon."""

import math
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta

from tests.second_opinion.atlas import ATLAS, coefficient
from tests.second_opinion.ground import Cell, Cells, Event, Ground
from tests.second_opinion.opinion_cohesion import volume

WORKSHOPS = ("fablab", "makerspace", "atelier_partage")
CoworkingDay = tuple[str, str, date]


def coworking(ground: Ground) -> dict[CoworkingDay, list[Event]]:
    """Place, person and day → the visits of the coworking space."""
    found: dict[CoworkingDay, list[Event]] = defaultdict(list)
    for visit in ground.visits:
        if visit.person and visit.row["space_code"] == "coworking":
            found[visit.place, visit.person, visit.day].append(visit)
    return found


def sum_days(ground: Ground, amounts: dict[CoworkingDay, tuple[float, bool]]) -> Cells:
    cells: Cells = {}
    for scope, places, period in ground.grid():
        mine = [
            said
            for (place, _, day), said in amounts.items()
            if place in places and period.holds(day)
        ]
        if mine:
            cells[scope, period.id, "all", "all"] = Cell(
                sum(amount for amount, _ in mine), None, None,
                sum(amount for amount, is_seen in mine if is_seen),
            )  # fmt: skip
    return cells


def coworking_days(ground: Ground) -> Cells:
    seen = {key: any(v.is_observed for v in visits) for key, visits in coworking(ground).items()}
    return sum_days(ground, {key: (1, is_seen) for key, is_seen in seen.items()})


def coworking_occupancy_rate(ground: Ground) -> Cells:
    """Minutes; what was seen is the part of the taken minutes that was, of all that are offered."""
    taken: dict[tuple[str, date], list[float]] = {}
    for id, place in ground.places.items():
        visits = [
            v for v in ground.visits
            if v.place == id and v.end and v.row["space_code"] == "coworking"
        ]  # fmt: skip
        for day in ground.open_days(id) if place.get("seats") else []:
            for opens, closes in ground.slots(id, day):
                total = taken.setdefault((id, day), [0.0, 0.0, 0.0])
                total[0] += place["seats"] * (closes - opens).total_seconds() / 60
                for visit in visits:
                    stay = min(visit.end, closes) - max(visit.start, opens)  # type: ignore[type-var]
                    minutes = max(stay.total_seconds(), 0) / 60 * visit.heads
                    total[1] += minutes
                    total[2] += minutes * visit.is_observed
    cells: Cells = {}
    for scope, places, period in ground.grid():
        mine = [t for (id, day), t in taken.items() if id in places and period.holds(day)]
        if mine:
            offered, used, seen = (sum(column) for column in zip(*mine, strict=True))
            cells[scope, period.id, "all", "all"] = Cell(
                used, offered, None, offered * seen / used if used else None
            )
    return cells


def project_holders(ground: Ground) -> Cells:
    cells: Cells = {}
    for (scope, period), uses in ground.split_uses.items():
        known = [use for use in uses if use.row["service_code"] == "incubation" and use.person]
        people = {use.person for use in known}
        if people:
            seen = {use.person for use in known if use.is_observed}
            cells[scope, period, "all", "all"] = Cell(len(people), None, len(people), len(seen))
    return cells


def machine_hours(ground: Ground) -> Cells:
    def hours(use: Event) -> float | None:
        row = use.row
        is_machine = row["service_code"] in WORKSHOPS and row["unit"] == "heure"
        return row["quantity"] if is_machine else None

    return volume(ground.split_uses, hours, {"service": "service_code"})


def training_hours(ground: Ground) -> Cells:
    def hours(use: Event) -> float | None:
        minutes = use.row["duration_minutes"]
        is_training = use.row["service_code"] == "formation" and minutes is not None
        return minutes * use.heads / 60 if is_training else None

    return volume(ground.split_uses, hours, {"theme": "theme_code", "mode": "mode"})


def service_uses(ground: Ground) -> Cells:
    columns = {"service": "service_code", "mode": "mode", "location": "location",
               "evidence": "evidence"}  # fmt: skip
    return volume(ground.split_uses, lambda use: use.heads, columns)


def present(ground: Ground, role: str) -> list[Event]:
    return [
        event
        for event in ground.presences
        if event.row["role"] == role and event.row["attendance_status"] == "present"
    ]


def partner_sessions(ground: Ground) -> Cells:
    cells: Cells = {}
    for (scope, period), events in ground.split(present(ground, "intervenant")).items():
        sessions: dict[tuple[object, ...], bool] = defaultdict(bool)
        for event in events:
            row = event.row
            partner = (
                ("activity", row["activity_id"]) if row["activity_id"]
                else ("person", event.person) if event.person
                else ("row", row["source_id"], row["record_id"])
            )  # fmt: skip
            sessions[(event.place, event.day, *partner)] |= event.is_observed
        cells[scope, period, "all", "all"] = Cell(len(sessions), None, None, sum(sessions.values()))
    return cells


def volunteer_hours(ground: Ground) -> Cells:
    def hours(event: Event) -> float | None:
        stay = event.end - event.start if event.end else None
        return event.heads * stay.total_seconds() / 3600 if stay else None

    return volume(ground.split(present(ground, "benevole")), hours)


def creation_rate_12m(ground: Ground) -> Cells:
    delay = coefficient("creation_delay_days")
    helped: dict[tuple[str, str], list[Event]] = defaultdict(list)
    for use in ground.uses:
        if use.person and use.row["service_code"] == "incubation":
            helped[use.place, use.person].append(use)
    cells: Cells = {}
    for scope, places, period in ground.grid():
        end = period.end - timedelta(delay)
        start = end - timedelta(coefficient("creation_cohort_days"))
        base, created, seen = set(), set(), set()
        for (place, person), uses in helped.items():
            first = min(use.day for use in uses)
            if place not in places or not start <= first < end:
                continue
            base.add(person)
            if any(
                use.row["outcome"] == "entreprise_creee" and (use.day - first).days <= delay
                for use in uses
            ):
                created.add(person)
            if any(use.is_observed for use in uses if use.day == first):
                seen.add(person)
        if base:
            cells[scope, period.id, "all", "all"] = Cell(
                len(created), len(base), len(base), len(seen)
            )
    return cells


def own_income_share(ground: Ground) -> Cells:
    grants = [grant for grant in ground.world.grants if grant["place_id"]]
    cells: Cells = {}
    for scope, places, period in ground.grid():
        mine, granted = set(), 0.0
        for grant in grants:
            first, last = grant["starts_on"], grant["ends_before"]
            days = (min(last, period.end) - max(first, period.start)).days
            if grant["place_id"] in places and days > 0:
                mine.add(grant["place_id"])
                granted += grant["amount_eur_cents"] / 100 * days / (last - first).days
        if mine:
            income = sum(
                (use.row["amount_eur_cents"] or 0) / 100
                for use in ground.split_uses.get((scope, period.id), [])
                if use.place in mine
            )
            cells[scope, period.id, "all", "all"] = Cell(income, income + granted)
    return cells


def co2_avoided_kg(ground: Ground) -> Cells:
    amounts: dict[CoworkingDay, tuple[float, bool]] = {}
    for key, visits in coworking(ground).items():
        ways = [
            f"{v.row['home_commune']}>{v.row['usual_work_commune']}"
            for v in visits
            if v.row["home_commune"] and v.row["usual_work_commune"]
        ]
        if ways:
            home, _, work = max(ways).partition(">")
            kg = avoided(home, work, ground.places[key[0]]["commune_code"])
            amounts[key] = kg, any(v.is_observed for v in visits)
    return sum_days(ground, amounts)


def avoided(home: str, work: str, place: str) -> float:
    """kg for one day on which somebody goes to the place instead of to work."""
    at_home, at_work, at_place = ATLAS.place(home), ATLAS.place(work), ATLAS.place(place)
    if at_home is None or at_work is None or at_place is None:
        return 0.0
    spared = max(0.0, distance_km(at_home, at_work) - distance_km(at_home, at_place))
    return (
        spared * 2 * coefficient("road_detour_factor") * coefficient("car_commuter_share")
        * coefficient("car_emission_kg_per_km") * (1 - coefficient("telework_rebound_share"))
    )  # fmt: skip


def distance_km(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along a great circle, by the angle between two vectors."""
    vectors = []
    for latitude, longitude in (one, other):
        phi, theta = math.radians(latitude), math.radians(longitude)
        vectors.append(
            (math.cos(phi) * math.cos(theta), math.cos(phi) * math.sin(theta), math.sin(phi))
        )
    chord = math.dist(*vectors)
    return coefficient("earth_radius_km") * 2 * math.asin(min(1.0, chord / 2))


OPINIONS: dict[str, Callable[[Ground], Cells]] = {
    opinion.__name__: opinion
    for opinion in (
        coworking_days, coworking_occupancy_rate, project_holders, machine_hours, training_hours,
        service_uses, partner_sessions, volunteer_hours, creation_rate_12m, own_income_share,
        co2_avoided_kg,
    )
}  # fmt: skip
