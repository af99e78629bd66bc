"""Which status every figure must have, from what truly happened and arrived, in plain Python.

Written from docs/fr/financeurs.md (the statuses), docs/places.md and the definitions of the indicators: it
reads no table of the warehouse and no SQL.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from flows.places import commune_index
from tests.simulated_year.truth import Line, SimulatedPlace, Tool, last_day, next_month

ATTENDANCE, USAGE, JOBS = ("attendance",), ("service_usage",), ("employment",)


@dataclass(frozen=True)
class Needs:
    """What a figure is made from, by its definition."""

    feeds: tuple[str, ...]
    services: tuple[str, ...] = ()
    is_people: bool = False
    days_before: int = 0


NEEDS = {
    "visits": Needs(ATTENDANCE),
    "persons_reached": Needs(ATTENDANCE + USAGE, is_people=True),
    # only presences count, not uses of services
    "returning_share": Needs(ATTENDANCE, is_people=True, days_before=365),
    "accompaniments": Needs(USAGE, ("france_services", "mediation_numerique", "incubation")),
    "on_site_resolution_rate": Needs(USAGE, ("france_services",)),
    "project_holders": Needs(USAGE, ("incubation",), is_people=True),
    "direct_fte": Needs(JOBS),
    "hosted_jobs_eop": Needs(JOBS, is_people=True),
}
NOT_COUNTED = ("not_open", "closed", "not_applicable")


def proven_days(place: SimulatedPlace, tool: Tool) -> set[date]:
    """Open days of which the place truly sent all that happened."""
    if not tool.delivered:
        return set()
    if tool.style.delivery == "snapshot":
        first, last = tool.lines[0].day, last_day(tool.delivered[-1])
        if tool.style.coverage == "span":
            last = max(line.day for line in tool.lines if line.day <= last)
        return set(place.open_days(first, last))
    days: set[date] = set()
    for month in tool.delivered:
        last = min(last_day(month), tool.sent_until)
        days |= set(place.open_days(tool.first_day(month), last))
    return days


def periods(first: date, today: date) -> dict[str, tuple[date, date]]:
    """Months, quarters and years that are not all before `first` and have begun."""
    found: dict[str, tuple[date, date]] = {}
    month = first.replace(day=1)
    while month <= today:
        quarter = (month.month - 1) // 3
        starts = date(month.year, 3 * quarter + 1, 1)
        found[f"{month:%Y-%m}"] = (month, next_month(month))
        ends = next_month(next_month(next_month(starts)))
        found[f"{month.year}-T{quarter + 1}"] = (starts, ends)
        found[f"{month.year}"] = (date(month.year, 1, 1), date(month.year + 1, 1, 1))
        month = next_month(month)
    return found


@dataclass
class Oracle:
    """The true status of everything, as of a day."""

    places: list[SimulatedPlace]
    today: date
    known: dict[tuple[str, Needs, date, date], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.proven = {
            (place.id, tool.id): proven_days(place, tool)
            for place in self.places
            for tool in place.tools
        }
        speaking = [
            days
            for place in self.places
            for tool in place.tools
            if tool.feed != "employment"
            for days in [self.proven[place.id, tool.id]]
            if days
        ]
        self.first = min(min(days) for days in speaking).replace(day=1)
        self.open = {place.id: place.open_days(self.first, self.today) for place in self.places}

    def of_place(self, place: SimulatedPlace, needs: Needs, starts: date, ends: date) -> str:
        key = (place.id, needs, starts, ends)
        if key not in self.known:
            self.known[key] = self.judge(place, needs, starts, ends)
        return self.known[key]

    def judge(self, place: SimulatedPlace, needs: Needs, starts: date, ends: date) -> str:
        if place.opened_on is None or place.opened_on >= ends:
            return "not_open"
        if place.closed_on and place.closed_on < starts:
            return "closed"
        tools = [tool for tool in place.tools if tool.feed in needs.feeds]
        speaking = [t for t in tools if not needs.is_people or t.identity or t.feed == "employment"]
        if not speaking or (needs.services and not {*needs.services} & {*place.services}):
            return "not_applicable"
        first, last = max(starts, self.first), min(ends, self.today) - timedelta(1)
        expected = recorded = 0
        days = {day for day in self.open[place.id] if first <= day <= last}
        for tool in tools:
            expected += len(days)
            recorded += len(days & self.proven[place.id, tool.id])
        if expected and not recorded:
            return "missing"
        if recorded < expected:
            return "partial"
        if (
            expected
            and needs.days_before
            and self.history(place, needs) > starts - timedelta(needs.days_before)
        ):
            return "too_early"
        by_number = any(tool.identity == "source_id" for tool in speaking)
        return "identified_per_source" if needs.is_people and by_number and expected else "ok"

    def history(self, place: SimulatedPlace, needs: Needs) -> date:
        """The day from which all feeds are known."""
        starts = []
        for feed in needs.feeds:
            days = [self.proven[place.id, t.id] for t in place.tools if t.feed == feed]
            known = [day for some in days for day in some if day >= self.first]
            starts += [min(known)] if known else []
        return max(starts)

    def of_scope(self, scope: str, needs: Needs, starts: date, ends: date) -> str:
        """A territory is as sure as the least sure of the places that count in it."""
        found = [self.of_place(p, needs, starts, ends) for p in self.in_scope(scope)]
        counted = [status for status in found if status not in NOT_COUNTED]
        if not counted:
            for only, status in (({"not_open"}, "not_open"), ({"not_open", "closed"}, "closed")):
                if {*found} <= only:
                    return status
            return "not_applicable"
        if {*counted} == {"missing"}:
            return "missing"
        if {"missing", "partial"} & {*counted}:
            return "partial"
        order = ("too_early", "identified_per_source", "ok")
        return next(status for status in order if status in counted)

    def in_scope(self, scope: str) -> list[SimulatedPlace]:
        return [place for place in self.places if scope in scopes(place)]

    def has_case(self, scope: str, indicator: str, starts: date, ends: date) -> bool:
        """Has a share anything to be a share of?"""
        is_case = {"returning_share": came, "on_site_resolution_rate": was_settled}[indicator]
        return any(
            starts <= line.day < ends and is_case(tool, line)
            for place in self.in_scope(scope)
            for tool in place.tools
            for line in tool.lines
        )

    def reasons(self) -> dict[tuple[str, str, str], str]:
        """Indicator, scope and period → status, or `no case` where that is why there is none."""
        found = {}
        for indicator, needs in NEEDS.items():
            for scope in {scope for place in self.places for scope in scopes(place)}:
                for period, (starts, ends) in periods(self.first, self.today).items():
                    status = self.of_scope(scope, needs, starts, ends)
                    is_share = indicator in ("returning_share", "on_site_resolution_rate")
                    if is_share and status in ("ok", "identified_per_source"):
                        status = (
                            status if self.has_case(scope, indicator, starts, ends) else "no case"
                        )
                    found[indicator, scope, period] = status
        return found


def scopes(place: SimulatedPlace) -> list[str]:
    _, departement, epci = commune_index()[place.commune_code]
    return [place.id, "network", f"departement:{departement}", *([f"epci:{epci}"] if epci else [])]


def came(tool: Tool, line: Line) -> bool:
    is_present = line.cells.get("attendance_status", "present") == "present"
    return tool.feed == "attendance" and is_present and bool(line.person)


def was_settled(tool: Tool, line: Line) -> bool:
    return line.cells.get("outcome", "") not in ("", "non_communique")
