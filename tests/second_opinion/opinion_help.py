"""What people are helped with, and what comes of it: from the definitions of docs/indicators.md."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from tests.second_opinion.atlas import coefficient
from tests.second_opinion.ground import Cell, Cells, Event, Ground
from tests.second_opinion.opinion_cohesion import ACCOMPANIMENTS, ALL, UNKNOWN, share


def multi_service_share(ground: Ground) -> Cells:
    cells: Cells = {}
    for (scope, period), uses in ground.split_uses.items():
        services: dict[str, set[str]] = defaultdict(set)
        for use in uses:
            if use.person:
                services[use.person].add(use.row["service_code"])
        seen = {use.person for use in uses if use.is_observed}
        several = coefficient("multi_service_min_services")
        many = {person for person, codes in services.items() if len(codes) >= several}
        if services:
            cells[(scope, period, *ALL)] = share(many, set(services), seen)
    return cells


def collective_share(ground: Ground) -> Cells:
    cells: Cells = {}
    for (scope, period), uses in ground.split_uses.items():
        known = [u for u in uses if u.row["service_code"] in ACCOMPANIMENTS and u.row["mode"]]
        if known:
            cells[(scope, period, *ALL)] = Cell(
                sum(use.heads for use in known if use.row["mode"] == "collectif"),
                sum(use.heads for use in known),
                None,
                sum(use.heads for use in known if use.is_observed),
            )
    return cells


def on_site_resolution_rate(ground: Ground) -> Cells:
    cells: Cells = {}
    for (scope, period), uses in ground.split_uses.items():
        demands: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for use in uses:
            row = use.row
            known = row["outcome"] not in (None, UNKNOWN)
            if row["service_code"] == "france_services" and known:
                demands[ALL].append(use)
                demands["operator", row["operator_code"] or UNKNOWN].append(use)
        for group, members in demands.items():
            cells[(scope, period, *group)] = Cell(
                sum(use.row["outcome"] == "resolu_sur_place" for use in members),
                len(members),
                len({use.person for use in members}) if all(u.person for u in members) else None,
                sum(use.is_observed for use in members),
            )
    return cells


LEVELS = ("entierement_accompagne", "partiellement_autonome", "autonome")


def autonomy_gain_rate(ground: Ground) -> Cells:
    window = timedelta(coefficient("autonomy_window_days"))
    cells: Cells = {}
    for scope, places, period in ground.grid():
        rated: dict[str, list[tuple[object, int, bool]]] = defaultdict(list)
        for use in ground.uses:
            row = use.row
            is_rated = row["service_code"] == "mediation_numerique" and row["autonomy"]
            is_mine = use.place in places and period.end - window <= use.day < period.end
            if is_rated and is_mine and row["mode"] == "individuel" and use.person:
                level = LEVELS.index(row["autonomy"])
                rated[use.person].append((use.start, level, use.is_observed))
        enough = coefficient("autonomy_min_ratings")
        base, gained, seen = set(), set(), set()
        for person, ratings in rated.items():
            first, last = min(ratings)[1], max(ratings)[1]
            if len(ratings) >= enough and first < len(LEVELS) - 1:
                base.add(person)
                if last > first:
                    gained.add(person)
                if all(is_seen for *_, is_seen in ratings):
                    seen.add(person)
        if base:
            cells[(scope, period.id, *ALL)] = share(gained, base, seen)
    return cells


def campus_attendance_rate(ground: Ground) -> Cells:
    weeks = list(student_weeks(ground))
    cells: Cells = {}
    for scope, places, period in ground.grid():
        mine = [w for w in weeks if w[0] in places and period.holds(w[2])]
        if mine:
            cells[(scope, period.id, *ALL)] = Cell(
                sum(is_there for *_, is_there, _ in mine),
                len(mine),
                len({person for _, person, *_ in mine}),
                sum(is_seen for *_, is_seen in mine),
            )
    return cells


def student_weeks(ground: Ground) -> Iterable[tuple[str, str, date, bool, bool]]:
    """Place, person, Thursday, came long enough, nothing of it booked or declared."""
    found: set[tuple[str, str, date]] = set()
    for use in ground.uses:
        first, last = use.row["enrolled_from"], use.row["enrolled_to"] or ground.today
        if use.row["service_code"] != "campus_connecte" or not use.person or not first:
            continue
        monday = first + timedelta(-first.weekday() % 7)
        while monday + timedelta(6) <= min(last, ground.today - timedelta(1)):
            found.add((use.place, use.person, monday))
            monday += timedelta(7)
    open_days = {place: set(ground.open_days(place)) for place in ground.places}
    for place, person, monday in found:
        week = {monday + timedelta(n) for n in range(7)}
        if not week & open_days[place]:
            continue
        stays = [
            visit
            for visit in ground.visits
            if (visit.place, visit.person) == (place, person)
            and visit.day in week
            and visit.row["space_code"] == "campus_connecte"
        ]
        lengths = [stay.end - stay.start for stay in stays if stay.end]
        minutes = sum(length.total_seconds() for length in lengths) / 60
        hours = ground.places[place].get("campus_weekly_hours")
        asked = round(hours * 60) if hours else coefficient("campus_weekly_minutes")
        is_seen = all(stay.is_observed for stay in stays)
        yield place, person, monday + timedelta(3), minutes >= asked, is_seen


def campus_success_rate(ground: Ground) -> Cells:
    told = ("annee_validee", "annee_non_validee", "abandonne")
    cells: Cells = {}
    for (scope, period), uses in ground.split_uses.items():
        known = [
            use for use in uses
            if use.row["service_code"] == "campus_connecte" and use.person
            and use.row["outcome"] in told
        ]  # fmt: skip
        if known:
            passed = {use.person for use in known if use.row["outcome"] == "annee_validee"}
            seen = {use.person for use in known if use.is_observed}
            cells[(scope, period, *ALL)] = share(passed, {use.person for use in known}, seen)
    return cells


OPINIONS: dict[str, Callable[[Ground], Cells]] = {
    opinion.__name__: opinion
    for opinion in (
        multi_service_share, collective_share, on_site_resolution_rate, autonomy_gain_rate,
        campus_attendance_rate, campus_success_rate,
    )
}  # fmt: skip
