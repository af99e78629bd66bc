"""What all opinions stand on: places, periods, people and presences, read anew in plain Python.

Nothing of `flows` and no SQL is used here: two opinions that share a mistake are one.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from tests.second_opinion.atlas import ATLAS
from tests.second_opinion.world import World, first_month

OBSERVED = {"seen", "checked_in", "ticketed"}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
AGES = ("moins_de_douze", "douze_dix_huit", "dix_huit_vingt_quatre", "vingt_cinq_trente_neuf",
        "quarante_cinquante_neuf", "soixante_soixante_neuf", "soixante_dix_plus")  # fmt: skip
GENDERS = ("feminin", "masculin")
STATUSES = ("scolarise", "sans_emploi", "en_emploi", "retraite")
RANKS = {"age_band": AGES, "gender": GENDERS, "social_status": STATUSES}


class Period(NamedTuple):
    id: str
    kind: str
    start: date
    end: date
    """The day after the last."""

    def holds(self, day: date) -> bool:
        return self.start <= day < self.end


class Cell(NamedTuple):
    """One figure before it is divided; `observed` is the seen part of what it is set against."""

    numerator: float | None
    denominator: float | None = None
    persons: int | None = None
    observed: float | None = None


Key = tuple[str, str, str, str]
"""Scope, period, breakdown, category."""
Cells = dict[Key, Cell]


class Event(NamedTuple):
    """A visit or a use of a service."""

    place: str
    person: str | None
    day: date
    start: datetime
    end: datetime | None
    heads: int
    is_observed: bool
    row: dict[str, Any]


class Contract(NamedTuple):
    """First and last day are those for which a source speaks of it."""

    place: str
    person: str
    """The pseudonym; a contract without one is a person of its own."""
    first: date
    last: date
    row: dict[str, Any]

    def touches(self, period: Period) -> bool:
        return self.first < period.end and self.last >= period.start


class Ground:
    """One world, read: visits, uses, contracts, scopes, periods."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.today = world.today
        self.places = {place["id"]: place for place in world.places}
        self.sources = {
            (place["id"], source["id"]): self.days_of_use(place, source)
            for place in world.places
            for source in place["sources"]
        }
        is_user = lambda row: row["role"] == "usager" and row["attendance_status"] == "present"  # noqa: E731
        self.presences = [
            self.event(row, "checked_in_at", row["checked_out_at"])
            for row in world.attendance
            if self.counts(row, self.local_day(row, "checked_in_at"))
        ]
        self.visits = [event for event in self.presences if is_user(event.row)]
        self.uses = [
            self.event(row, "occurred_at", None)
            for row in world.service_usage
            if self.counts(row, self.local_day(row, "occurred_at"))
        ]

    @staticmethod
    def days_of_use(place: dict[str, Any], source: dict[str, Any]) -> tuple[date, date]:
        after = [s["from"] for s in place["sources"] if s.get("replaces") == source["id"]]
        last = min(after) - timedelta(1) if after else source.get("until", date.max)
        return source.get("from", date.min), last

    def counts(self, row: dict[str, Any], day: date) -> bool:
        """Not deleted, and on a day for which its source speaks."""
        first, last = self.sources[row["place_id"], row["source_id"]]
        return not row["deleted"] and first <= day <= last

    def zone(self, place_id: str) -> ZoneInfo:
        """The clock of a place: Paris has another."""
        return ZoneInfo(self.places[place_id].get("time_zone") or "Europe/Paris")

    def local_day(self, row: dict[str, Any], moment: str) -> date:
        return row[moment].astimezone(self.zone(row["place_id"])).date()

    def event(self, row: dict[str, Any], start: str, end: datetime | None) -> Event:
        return Event(
            row["place_id"], row["person_key"], self.local_day(row, start), row[start], end,
            row["headcount"], row["evidence"] in OBSERVED, row,
        )  # fmt: skip

    @cached_property
    def contracts(self) -> list[Contract]:
        """Contracts and commitments, on the days for which a source speaks of them."""
        found = []
        for row in self.world.employment:
            first, last = self.sources[row["place_id"], row["source_id"]]
            first = max(first, row["started_on"])
            last = min(last, row["ended_on"] or date.max)
            if not row["deleted"] and first <= last:
                person = row["person_key"] or "/".join(
                    ("nobody", row["place_id"], row["source_id"], row["record_id"])
                )
                found.append(Contract(row["place_id"], person, first, last, row))
        return found

    def known_by_one_tool(self) -> set[tuple[str, str]]:
        """Place and feed in which some people are known by a tool's own number alone."""
        rows = {
            "attendance": [visit.row for visit in self.visits],
            "service_usage": [use.row for use in self.uses],
            "employment": [row for row in self.world.employment if not row["deleted"]],
        }
        return {
            (row["place_id"], feed)
            for feed, every in rows.items()
            for row in every
            if row["identity_kind"] == "source_id"
        }

    @cached_property
    def scopes(self) -> dict[str, tuple[str, frozenset[str]]]:
        """Id → its kind and its places."""
        found: dict[tuple[str, str], set[str]] = defaultdict(set)
        for id, place in self.places.items():
            commune = ATLAS.rows[place["commune_code"]]
            found["place", id].add(id)
            if commune["epci_code"]:
                found["epci", "epci:" + commune["epci_code"]].add(id)
            found["departement", "departement:" + commune["departement_code"]].add(id)
            found["network", "network"].add(id)
        for id, members in self.world.portfolios.items():
            found["portfolio", "portfolio:" + id] |= set(members)
        return {id: (kind, frozenset(places)) for (kind, id), places in found.items()}

    @cached_property
    def first(self) -> date:
        """No period is computed that ends before."""
        return first_month(self.world.proofs, self.world.conventions, self.today)

    @cached_property
    def periods(self) -> list[Period]:
        found: dict[str, Period] = {}
        month = self.first
        while month <= self.today:
            year, quarter = month.year, (month.month + 2) // 3
            following = (month + timedelta(32)).replace(day=1)
            begins = date(year, 3 * quarter - 2, 1)
            for period in (
                Period(f"{month:%Y-%m}", "month", month, following),
                Period(f"{year}-T{quarter}", "quarter", begins,
                       (begins + timedelta(95)).replace(day=1)),
                Period(str(year), "year", date(year, 1, 1), date(year + 1, 1, 1)),
            ):  # fmt: skip
                found[period.id] = period
            month = following
        for id, (start, end) in self.world.conventions.items():
            found[id] = Period(id, "convention", start, end)
        return list(found.values())

    def grid(self) -> Iterator[tuple[str, frozenset[str], Period]]:
        for scope, (_kind, places) in self.scopes.items():
            for period in self.periods:
                yield scope, places, period

    @cached_property
    def split_visits(self) -> dict[tuple[str, str], list[Event]]:
        return self.split(self.visits)

    @cached_property
    def split_uses(self) -> dict[tuple[str, str], list[Event]]:
        return self.split(self.uses)

    def split(self, events: list[Event]) -> dict[tuple[str, str], list[Event]]:
        """The events of each scope and period."""
        found: dict[tuple[str, str], list[Event]] = defaultdict(list)
        for event in events:
            scopes = [s for s, (_, places) in self.scopes.items() if event.place in places]
            for period in self.periods:
                if period.holds(event.day):
                    for scope in scopes:
                        found[scope, period.id].append(event)
        return found

    def people(self, scope: str, period: Period) -> dict[str, "Person"]:
        """Everybody who came or used a service, with what was last known of each."""
        key = (scope, period.id)
        if key not in self._people:
            events = self.split_visits.get(key, []) + self.split_uses.get(key, [])
            found: dict[str, Person] = {}
            for event in events:
                if event.person is not None:
                    found.setdefault(event.person, Person()).learn(event)
            self._people[key] = found
        return self._people[key]

    @cached_property
    def _people(self) -> dict[tuple[str, str], dict[str, "Person"]]:
        return {}

    def open_days(self, place_id: str) -> list[date]:
        """The days on which a place is open, as far as the program looks, to the eve of today."""
        place = self.places[place_id]
        first, last = place.get("opened_on"), place.get("closed_on", date.max)
        hours, closures = place["opening_hours"], place.get("closures", [])
        days = (self.first + timedelta(n) for n in range((self.today - self.first).days))
        return [
            day
            for day in days
            if first is not None
            and first <= day <= last
            and (not hours or hours.get(WEEKDAYS[day.weekday()]))
            and not any(c["first_day"] <= day <= c["last_day"] for c in closures)
        ]

    def slots(self, place_id: str, day: date) -> list[tuple[datetime, datetime]]:
        hours = self.places[place_id]["opening_hours"].get(WEEKDAYS[day.weekday()], [])
        ends = [[time.fromisoformat(text) for text in span.split("-")] for span in hours]
        return [
            tuple(datetime.combine(day, end, self.zone(place_id)).astimezone(UTC) for end in span)
            for span in ends
        ]


class Person:
    """What is last known of somebody in a scope and period."""

    def __init__(self) -> None:
        self.is_observed = False
        self._latest: dict[str, tuple[date, int | str, str]] = {}

    def learn(self, event: Event) -> None:
        self.is_observed |= event.is_observed
        for name, codes in RANKS.items():
            code = event.row[name]
            if code in codes:
                self._keep(name, (event.day, codes.index(code), code))
        home = event.row["home_commune"]
        if home in ATLAS.current:
            self._keep("home", (event.day, home, home))

    def _keep(self, name: str, said: tuple[date, int | str, str]) -> None:
        if name not in self._latest or said > self._latest[name]:
            self._latest[name] = said

    def known(self, name: str) -> str | None:
        """Of the latest day; of several things said on it, the one later in its list."""
        said = self._latest.get(name)
        return said[2] if said else None
