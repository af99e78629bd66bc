"""What a network declares beside its places: portfolios, grants, targets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, Self

from pydantic import Field, field_validator, model_validator

from flows.declaration import Declared, known_programme
from flows.language import _

ID = r"^[a-z][a-z0-9-]{0,62}$"
"""It begins with a letter, so that the id of a convention is never that of a month."""
Counting = Literal["cumulative", "average", "at_end"]
Scope = tuple[Literal["place", "portfolio", "network"], str]
"""Type and id of a scope, as in `core.scope`."""


class Portfolio(Declared):
    """Places that are looked at together, such as those that one funder supports."""

    id: str = Field(pattern=ID)
    name: str
    places: list[str]

    @field_validator("places")
    @classmethod
    def places_are_told_apart(cls, places: list[str]) -> list[str]:
        if not places:
            raise ValueError(_("a portfolio has one place or more"))
        twice = [place for place in places if places.count(place) > 1]
        if twice:
            raise ValueError(_("the place {id!r} stands twice").format(id=twice[0]))
        return places


class Days(Declared):
    """Base of what has a first and a last day, both included."""

    first_day: date | None
    last_day: date | None

    @model_validator(mode="after")
    def days_are_in_order(self) -> Self:
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError(_("`last_day` is before `first_day`"))
        return self


class Grant(Days):
    """Money that a funder gives to one place or to the places of a portfolio."""

    id: str = Field(pattern=ID)
    place: str | None = None
    portfolio: str | None = None
    programme: str
    funder: str
    amount_eur: float = Field(gt=0, allow_inf_nan=False)
    """For all its days together."""
    first_day: date
    last_day: date
    convention: bool = False
    """Its days are a period for which every indicator is computed."""

    @field_validator("programme")
    @classmethod
    def programme_exists(cls, code: str) -> str:
        return known_programme(code)

    @model_validator(mode="after")
    def goes_to_one(self) -> Self:
        if (self.place is None) == (self.portfolio is None):
            raise ValueError(_("a grant has either `place` or `portfolio`"))
        return self

    @model_validator(mode="after")
    def convention_has_whole_months(self) -> Self:
        if self.convention and not is_whole_months(self.first_day, self.last_day):
            raise ValueError(
                _(
                    "a convention begins on the first day of a month and ends on the last of one, "
                    "not from {first} to {last}: correct the days, or leave `convention` out"
                ).format(first=self.first_day, last=self.last_day)
            )
        return self

    @property
    def ends_before(self) -> date:
        return self.last_day + timedelta(1)

    @property
    def scope(self) -> Scope:
        return ("place", self.place) if self.place else ("portfolio", f"portfolio:{self.portfolio}")


class Target(Days):
    """What an indicator is to reach."""

    id: str = Field(pattern=ID)
    grant: str | None = None
    place: str | None = None
    portfolio: str | None = None
    """Without place and portfolio: those of the grant; without a grant, the whole network."""
    indicator: str
    target: float = Field(allow_inf_nan=False)
    baseline: float | None = Field(default=None, allow_inf_nan=False)
    first_day: date | None = None
    last_day: date | None = None
    """Without both: the days of the grant."""
    counting: Counting

    @model_validator(mode="after")
    def is_of_one_scope(self) -> Self:
        if self.place and self.portfolio:
            raise ValueError(_("a target has `place` or `portfolio`, not both"))
        return self

    @model_validator(mode="after")
    def has_days(self) -> Self:
        if (self.first_day is None) != (self.last_day is None):
            raise ValueError(_("give `first_day` and `last_day`, or neither"))
        if self.first_day is None and self.grant is None:
            raise ValueError(_("give `first_day` and `last_day`, or the `grant` whose days count"))
        return self

    def days(self, grants: dict[str, Grant]) -> tuple[date, date]:
        """First and last day, both included."""
        if self.first_day and self.last_day:
            return self.first_day, self.last_day
        grant = grants[self.grant or ""]
        return grant.first_day, grant.last_day

    def scope(self, grants: dict[str, Grant]) -> Scope:
        if self.place:
            return "place", self.place
        if self.portfolio:
            return "portfolio", f"portfolio:{self.portfolio}"
        return grants[self.grant].scope if self.grant else ("network", "network")


class PortfolioFile(Declared):
    portfolios: list[Portfolio] = []


class GrantFile(Declared):
    grants: list[Grant] = []


class TargetFile(Declared):
    targets: list[Target] = []


@dataclass(frozen=True)
class Commitments:
    """Everything that the three files declare, by id."""

    portfolios: dict[str, Portfolio]
    grants: dict[str, Grant]
    targets: dict[str, Target]

    def conventions(self) -> Iterator[tuple[str, str, date, date]]:
        """Grants whose days are a period, as rows of `registry.period`."""
        for grant in self.grants.values():
            if grant.convention:
                yield f"convention:{grant.id}", "convention", grant.first_day, grant.ends_before


def is_whole_months(first: date, last: date) -> bool:
    return first.day == 1 and (last + timedelta(1)).day == 1
