"""What a place declares of itself; a value that cannot be right is refused."""

import functools
import itertools
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Literal, Self, get_args
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, field_validator, model_validator

from flows.declaration import Closure, Contact, Declared, Programme, hour_range
from flows.language import _
from flows.reference import commune_changes, communes, luhn_is_valid, time_zone_of
from flows.settings import TIME_ZONE
from flows.sources import IdentityRule, Source
from flows.spelling import closest
from schemas.codes import Service

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = get_args(Weekday)


@functools.cache
def commune_index() -> dict[str, tuple[str, str, str]]:
    """Code of every commune → its name, its department and its EPCI (empty where it has none).

    A former code stands for the commune that it has become.
    """
    kept = communes().select("commune_code", "name", "departement_code", "epci_code")
    index = {code: (name, dep, epci or "") for code, name, dep, epci in kept.iter_rows()}
    return {old: index[new] for old, new in commune_changes().items()} | index


class PublicTeam(Declared):
    """Somebody decided that everybody may know how many the team are."""

    decided_by: str = Field(pattern=r"\S")
    decided_on: date


class Place(Declared):
    """One tiers-lieu. `opened_on` absent: it is not open yet and no figure is expected."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    name: str
    is_synthetic: bool = False
    """True when its records are generated for demonstration."""
    commune_code: str
    epci_code: str | None = None
    siret: str | None = None
    legal_form: str | None = None
    opened_on: date | None = None
    closed_on: date | None = None
    closures: list[Closure] = []
    labels: list[str] = []
    programmes: list[Programme] = []
    services: list[Service] = []
    time_zone: str | None = None
    """Such as `Indian/Reunion`; without it, that of the commune. See `zone`."""
    seats: int | None = Field(default=None, ge=1)
    opening_hours: dict[Weekday, list[str]] = {}
    campus_weekly_hours: float | None = Field(default=None, gt=0, le=60)
    """Presence that the place's campus connecté asks for; without it, the national rule."""
    catchment_communes: list[str] = []
    contact: Contact = Contact()
    identity_order: list[IdentityRule] = ["email", "name_birth", "source_id"]
    """Which identity wins when a row has several; the same for all sources of the place."""
    tolerated_quarantine_share: float = Field(default=0.02, ge=0, le=1)
    public_team: PublicTeam | None = None
    """With it, the jobs of the team by year are published as they are, not in bands."""
    sources: list[Source] = []
    folder: Path = Field(default=Path(), exclude=True)

    @field_validator("commune_code")
    @classmethod
    def commune_exists(cls, code: str) -> str:
        if code not in commune_index():
            near = closest(code, commune_index())
            hint = ""
            if len(code) == 5 and code.isdigit():  # the nearest code would be a commune far away
                hint = _("; the INSEE code is wanted, not the postal code")
            elif near:
                hint = _("; the nearest code is {code} ({name})").format(
                    code=near, name=commune_index()[near][0]
                )
            raise ValueError(
                _("no commune has the code {code!r}{hint}").format(code=code, hint=hint)
            )
        return code

    @field_validator("catchment_communes")
    @classmethod
    def communes_exist(cls, codes: list[str]) -> list[str]:
        return [cls.commune_exists(code) for code in codes]

    @field_validator("siret")
    @classmethod
    def siret_is_valid(cls, siret: str | None) -> str | None:
        if siret is not None and not luhn_is_valid(siret):
            raise ValueError(
                _("{siret!r} is not a SIRET: 14 digits whose Luhn sum is right").format(siret=siret)
            )
        return siret

    @field_validator("time_zone")
    @classmethod
    def zone_exists(cls, name: str | None) -> str | None:
        if name is not None and name not in available_timezones():
            raise ValueError(
                _("there is no time zone {name!r}: write it like Indian/Reunion").format(name=name)
            )
        return name

    @field_validator("opening_hours")
    @classmethod
    def hours_are_ranges(cls, hours: dict[Weekday, list[str]]) -> dict[Weekday, list[str]]:
        for weekday, ranges in hours.items():
            spans = sorted((*hour_range(text), text) for text in ranges)
            for (_from, closes, earlier), (opens, _to, later) in itertools.pairwise(spans):
                if opens < closes:
                    raise ValueError(
                        _("on {weekday}, {earlier!r} and {later!r} overlap").format(
                            weekday=weekday, earlier=earlier, later=later
                        )
                    )
        return hours

    @field_validator("closures")
    @classmethod
    def closures_do_not_overlap(cls, closures: list[Closure]) -> list[Closure]:
        """A day that stands in two of them is a slip in a date."""
        in_order = sorted(closures, key=lambda closure: closure.first_day)
        for earlier, later in itertools.pairwise(in_order):
            if later.first_day <= earlier.last_day:
                raise ValueError(
                    _(
                        "the closure that ends on {ends} and the one that begins on {begins} "
                        "overlap: correct a date, or make them one"
                    ).format(ends=earlier.last_day, begins=later.first_day)
                )
        return closures

    @model_validator(mode="after")
    def closes_after_opening(self) -> Self:
        if self.closed_on and self.opened_on and self.closed_on < self.opened_on:
            raise ValueError(_("closed_on is before opened_on"))
        return self

    @model_validator(mode="after")
    def closures_are_while_it_is_open(self) -> Self:
        """A closure may end after the last day, or begin before the first, but not miss them."""
        for closure in self.closures:
            is_before = self.opened_on is not None and closure.last_day < self.opened_on
            is_after = self.closed_on is not None and closure.first_day > self.closed_on
            if is_before or is_after:
                raise ValueError(
                    _(
                        "the closure from {first} to {last} is not between opened_on and "
                        "closed_on: correct a date, or leave it out"
                    ).format(first=closure.first_day, last=closure.last_day)
                )
        return self

    @model_validator(mode="after")
    def has_one_clock(self) -> Self:
        if self.time_zone is None and time_zone_of(self.commune_code) is None:
            raise ValueError(_("this commune has no time zone of its own: give `time_zone`"))
        return self

    @property
    def zone(self) -> str:
        """The time zone of its clocks: what is written without one is meant so."""
        return self.time_zone or time_zone_of(self.commune_code) or TIME_ZONE

    def source(self, source_id: str) -> Source:
        return next(source for source in self.sources if source.id == source_id)

    def days_of_use(self, source: Source) -> tuple[date | None, date | None]:
        """First and last day for which a source speaks; None where nothing bounds it."""
        next_starts = [s.from_day for s in self.sources if s.replaces == source.id and s.from_day]
        return source.from_day, (
            min(next_starts) - timedelta(1) if next_starts else source.until_day
        )

    def is_in_use(self, source: Source, day: date) -> bool:
        first, last = self.days_of_use(source)
        return (first is None or day >= first) and (last is None or day <= last)

    def is_closure(self, day: date) -> bool:
        """Did the place say that it would be closed on this day?"""
        return any(c.first_day <= day <= c.last_day for c in self.closures)

    def expected_days(self, first: date, last: date) -> Iterator[date]:
        """The days of a range, both included, on which the place is open to the public."""
        if self.opened_on is None:
            return
        weekday_hours = {str(name): hours for name, hours in self.opening_hours.items()}
        day = max(first, self.opened_on)
        last = min(last, self.closed_on or last)
        while day <= last:
            is_opening_day = not self.opening_hours or bool(
                weekday_hours.get(WEEKDAYS[day.weekday()])
            )
            if is_opening_day and not self.is_closure(day):
                yield day
            day += timedelta(days=1)

    def open_slots(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """From when to when the place is open on one of its expected days, in its time zone."""
        for text in self.opening_hours.get(WEEKDAYS[day.weekday()], []):  # type: ignore[call-overload]
            opens, _dash, closes = text.partition("-")
            yield (
                datetime.combine(day, time.fromisoformat(opens), ZoneInfo(self.zone)),
                datetime.combine(day, time.fromisoformat(closes), ZoneInfo(self.zone)),
            )
