"""The parts of a place's declaration: when it is open, which programmes it has, whom to ask."""

import difflib
from datetime import date, time
from typing import Self

from pydantic import BaseModel, ConfigDict, field_validator, model_validator

from flows.language import _
from flows.reference import programmes


class Declared(BaseModel):
    """Base of everything that a TOML file declares: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def hour_range(text: str) -> tuple[time, time]:
    """`09:00-12:30` → its two ends; raises ValueError when they are not that, or not in order."""
    first, _dash, last = text.partition("-")
    try:
        opens, closes = time.fromisoformat(first), time.fromisoformat(last)
    except ValueError:
        opens = closes = time()
    if opens >= closes:
        raise ValueError(_("{text!r} is not a range such as '09:00-12:30'").format(text=text))
    return opens, closes


class Closure(Declared):
    """Days, both included, on which the place said that it would be closed."""

    first_day: date
    last_day: date
    reason: str = ""

    @model_validator(mode="after")
    def days_are_in_order(self) -> Self:
        if self.last_day < self.first_day:
            raise ValueError(_("the last day of this closure is before the first"))
        return self


class Programme(Declared):
    """A programme that labels or pays the place."""

    code: str
    since: date | None = None
    until: date | None = None

    @field_validator("code")
    @classmethod
    def programme_exists(cls, code: str) -> str:
        if code not in programmes():
            near = difflib.get_close_matches(code, programmes(), n=1, cutoff=0.4)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            known = ", ".join(programmes())
            raise ValueError(f"no programme has the code {code!r}{hint} The codes are: {known}")
        return code


class Contact(Declared):
    """Whom to ask: a function, not a person."""

    role: str = ""
    email: str = ""
