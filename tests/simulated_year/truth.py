"""What truly happened in a few invented places: their calendars, their tools, their records."""

from __future__ import annotations

import random
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any

YEAR = 2025
MONTHS = [date(YEAR, month, 1) for month in range(1, 13)]
SERVICES = ("france_services", "mediation_numerique", "incubation", "coworking")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday")
HEADERS = {
    "attendance": {
        "checked_in_at": "Arrivée", "headcount": "Nombre", "attendance_status": "Statut",
    },
    "service_usage": {
        "occurred_at": "Quand", "headcount": "Nombre", "service_code": "Service",
        "outcome": "Suite",
    },
    "employment": {
        "started_on": "Début", "ended_on": "Fin", "relation": "Lien", "contract_type": "Contrat",
        "weekly_minutes": "Heures",
    },
}  # fmt: skip
"""Column of the contract → header, as all invented tools but the kit write it."""
VERSION_HEADERS = {"updated_at": "Modifié", "deleted": "Annulé"}


def last_day(month: date) -> date:
    return next_month(month) - timedelta(1)


def next_month(month: date) -> date:
    return (month.replace(day=1) + timedelta(32)).replace(day=1)


def add_months(month: date, count: int) -> date:
    years, index = divmod(month.month - 1 + count, 12)
    return date(month.year + years, index + 1, 1)


@dataclass(frozen=True)
class Style:
    """How a tool exports: what a file replaces, which days it proves, what its rows say."""

    delivery: str
    coverage: str
    has_numbers: bool = True
    has_versions: bool = False
    template: str = ""

    @property
    def replaces(self) -> bool:
        return self.delivery != "append"


STYLES = {
    "log of changes": Style("append", "months", has_versions=True),
    "numbered log": Style("append", "span"),
    "log without numbers": Style("append", "months", has_numbers=False),
    "daily log": Style("append", "days", has_numbers=False),
    "dated dump": Style("snapshot", "until_file_date"),
    "dump without numbers": Style("snapshot", "span", has_numbers=False),
    "monthly sheet": Style("period", "months", has_numbers=False),
    "dated sheet": Style("period", "until_file_date"),
    "kit": Style("append", "months", template="presences"),
}


@dataclass(frozen=True)
class Line:
    """One record as its tool knows it in the end, or a false version of it."""

    number: str
    day: date
    cells: dict[str, str]
    """Column of the contract → text, but for number, person and version."""
    person: str = ""
    is_deleted: bool = False
    is_old: bool = False
    """Changed before the final version was."""
    is_ragged: bool = False

    @property
    def changed_at(self) -> datetime:
        return datetime.combine(self.day, time(20)) + timedelta(days=0 if self.is_old else 1)


@dataclass
class Tool:
    """One source of a place, its true records, and the months that are ever delivered."""

    id: str
    feed: str
    style: Style
    identity: str = "email"
    lines: list[Line] = field(default_factory=list)
    delivered: list[date] = field(default_factory=list)
    """The last month of each delivery."""
    months_each: int = 1
    sends_past: bool = False
    """Its first delivery holds all that was before."""
    sent_until: date = date.max
    """The last day of which anything is ever sent, in the middle of a month."""
    used: dict[str, Any] = field(default_factory=dict)
    """What its TOML says of its first and last day: `from`, `until`, `replaces`."""

    def known_in(self, month: date) -> list[Line]:
        """What a clean delivery made at the end of a month holds."""
        end = last_day(month)
        if self.style.delivery == "snapshot":
            return [as_known(line, end) for line in self.lines if line.day <= end]
        first = self.first_day(month)
        return [line for line in self.lines if first <= line.day <= min(end, self.sent_until)]

    def first_day(self, month: date) -> date:
        """The first day of which the delivery that ends with a month speaks."""
        if self.sends_past and month == self.delivered[0]:
            return self.lines[0].day
        return add_months(month, 1 - self.months_each)


def as_known(line: Line, day: date) -> Line:
    """A contract that ends later has no end yet."""
    end = line.cells.get("ended_on", "")
    if end and datetime.strptime(end, "%d/%m/%Y").date() > day:
        return replace(line, cells={**line.cells, "ended_on": ""})
    return line


@dataclass
class SimulatedPlace:
    id: str
    commune_code: str
    opened_on: date | None = date(2019, 3, 4)
    closed_on: date | None = None
    closures: list[tuple[date, date]] = field(default_factory=list)
    weekdays: tuple[str, ...] = WEEKDAYS
    services: tuple[str, ...] = ()
    tools: list[Tool] = field(default_factory=list)

    def is_open(self, day: date) -> bool:
        if self.opened_on is None or day < self.opened_on:
            return False
        if self.closed_on and day > self.closed_on:
            return False
        names = (*WEEKDAYS, "saturday", "sunday")
        return names[day.weekday()] in self.weekdays and not any(
            first <= day <= last for first, last in self.closures
        )

    def open_days(self, first: date, last: date) -> list[date]:
        days = [first + timedelta(n) for n in range((last - first).days + 1)]
        return [day for day in days if self.is_open(day)]

    def declared(self) -> dict[str, Any]:
        """What its TOML says."""
        declared: dict[str, Any] = {
            "id": self.id, "name": f"Lieu {self.id}", "commune_code": self.commune_code,
            "is_synthetic": True, "services": list(self.services),
            "tolerated_quarantine_share": 1.0,
            "opening_hours": {day: ["09:00-18:00"] for day in self.weekdays},
            "closures": [{"first_day": a, "last_day": b} for a, b in self.closures],
        }  # fmt: skip
        for key in ("opened_on", "closed_on"):
            if getattr(self, key):
                declared[key] = getattr(self, key)
        return {**declared, "sources": [self.declared_source(tool) for tool in self.tools]}

    def declared_source(self, tool: Tool) -> dict[str, Any]:
        style = tool.style
        suffix = "xlsx" if style.template else "csv"
        source = {
            "id": tool.id, "feed": tool.feed, "connector": "file", "rhythm": "monthly",
            "path": f"../exports/{self.id}/{tool.id}-*.{suffix}",
            "delivery": style.delivery, "coverage": style.coverage, **tool.used,
        }  # fmt: skip
        if style.template:
            return {**source, "template": style.template}
        columns = dict(HEADERS[tool.feed])
        columns |= {"record_id": "N°"} if style.has_numbers else {}
        columns |= VERSION_HEADERS if style.has_versions else {}
        identity = {tool.identity: "Courriel"} if tool.identity else {}
        return {**source, "columns": columns, **({"identity": identity} if identity else {})}


def invent(
    rng: random.Random, place: SimulatedPlace, tool: Tool, months: list[date], a_month: int
) -> None:
    """Fill a tool with the records of some months, among them the first and last open day of each.

    Tools that prove no more than the days of their records note something every day.
    """
    for month in months:
        days = place.open_days(month, last_day(month))
        if not days:
            continue
        some = [days[0], days[-1], *(rng.choice(days) for _ in range(a_month - 2))]
        every = days if tool.style.coverage == "days" else []
        for day in sorted([*some, *every]):
            tool.lines.append(invent_line(rng, place, tool, day, len(tool.lines) + 1))


def invent_line(
    rng: random.Random, place: SimulatedPlace, tool: Tool, day: date, number: int
) -> Line:
    at = f"{day:%d/%m/%Y} {rng.randint(9, 17):02}:{rng.choice(('00', '15', '30'))}"
    person = f"personne-{rng.randint(1, 7)}" if rng.random() < 0.8 and tool.identity else ""
    heads = 1 if person else rng.randint(1, 5)
    if tool.style.template:
        cells = {"checked_in_at": at}
    elif tool.feed == "attendance":
        status = rng.choice(("present", "present", "present", "present", "absent", "annule"))
        cells = {"checked_in_at": at, "headcount": str(heads), "attendance_status": status}
    else:
        service = rng.choice(place.services)
        outcome = rng.choice(("resolu_sur_place", "oriente", "non_communique", ""))
        cells = {"occurred_at": at, "headcount": str(heads), "service_code": service}
        cells["outcome"] = outcome if service == "france_services" else ""
    return Line(f"{tool.id[:1].upper()}-{number:04}", day, cells, person)


def invent_contracts(rng: random.Random, tool: Tool) -> None:
    """A few contracts, the first long before the year; one of them ends within it."""
    starts = [date(2021, 9, 1), date(2024, 2, 1), date(YEAR, rng.randint(2, 5), 12)]
    for number, day in enumerate(starts, 1):
        cells = {
            "started_on": f"{day:%d/%m/%Y}",
            "ended_on": f"30/{rng.randint(6, 9):02}/{YEAR}" if number == 2 else "",
            "relation": "structure_hebergee" if number == 3 else "equipe",
            "contract_type": rng.choice(("CDI", "CDD")),
            "weekly_minutes": rng.choice(("35", "28", "17,5")),
        }
        tool.lines.append(Line(f"C-{number}", day, cells, f"contrat-{number}"))
