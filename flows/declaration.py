"""What TOML files declare: the parts of a place, and how a fault is said in the file's words."""

import difflib
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date, time
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from flows.errors import ConfigurationError, misdeclared
from flows.language import _
from flows.reference import programmes


class Declared(BaseModel):
    """Base of everything that a TOML file declares: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def read_toml(file: Path) -> dict[str, Any]:
    """The content of a file; raises ConfigurationError when it is no TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ConfigurationError(
            _("the file cannot be read: {fault}").format(fault=fault),
            where=str(file),
            remedy=_("correct it and run again"),
        ) from fault


def configuration_error(
    file: Path, broken: ValidationError, model: type[Declared]
) -> ConfigurationError:
    """The first fault that pydantic found in a file of this model, in the words of the file."""
    fault = broken.errors()[0]
    path = [part for part in fault["loc"] if part != "folder"]
    key = ".".join(str(part) for part in path)
    reason = misdeclared(fault)
    remedy = _("correct the key") if key else _("correct the file")
    if fault["type"] == "extra_forbidden":
        reason = _("unknown key")
        remedy = nearest(str(path[-1]), known_keys(model, path))
    elif fault["type"] == "missing":
        written = [f["loc"][-1] for f in broken.errors() if f["type"] == "extra_forbidden"]
        instead = difflib.get_close_matches(key, [str(name) for name in written], n=1)
        reason = _("this key is missing")
        remedy = _("add it")
        if instead:
            remedy = _("add it, or correct {key!r}").format(key=instead[0])
    where = _("{file}, key {key}").format(file=file, key=key) if key else str(file)
    return ConfigurationError(reason, where=where, remedy=remedy)


def known_keys(model: type[Declared], path: Sequence[Any]) -> list[str]:
    """The keys that could stand where `path` ends."""
    for part in path[:-1]:
        for name, key in model.model_fields.items():
            if part in (name, key.alias):
                model = next(declared_in(key.annotation), model)
    return [key.alias or name for name, key in model.model_fields.items() if name != "folder"]


def declared_in(annotation: Any) -> Iterator[type[Declared]]:
    """The models in a type such as `list[Closure]`."""
    if isinstance(annotation, type) and issubclass(annotation, Declared):
        yield annotation
    for argument in get_args(annotation):
        yield from declared_in(argument)


def nearest(word: str, known: Sequence[str]) -> str:
    """Advice for a misspelt word."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
    if close:
        return _("did you mean {near!r}?").format(near=close[0])
    return _("the keys are: {keys}").format(keys=", ".join(sorted(known)))


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


def known_programme(code: str) -> str:
    """The code, if a programme has it; raises ValueError with the nearest one."""
    if code not in programmes():
        near = difflib.get_close_matches(code, programmes(), n=1, cutoff=0.4)
        hint = _("; did you mean {near!r}?").format(near=near[0]) if near else "."
        raise ValueError(
            _("no programme has the code {code!r}{hint} The codes are: {known}").format(
                code=code, hint=hint, known=", ".join(programmes())
            )
        )
    return code


class Programme(Declared):
    """A programme that labels or pays the place."""

    code: str
    since: date | None = None
    until: date | None = None

    @field_validator("code")
    @classmethod
    def programme_exists(cls, code: str) -> str:
        return known_programme(code)


class Secret(Declared):
    """Where a secret is: an environment variable, or a file beside the TOML. Never the secret."""

    env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    file: str | None = None

    @model_validator(mode="after")
    def is_one_of_the_two(self) -> Self:
        if (self.env is None) == (self.file is None):
            raise ValueError(_('write { env = "NAME" } or { file = "path" }'))
        return self

    @property
    def name(self) -> str:
        return self.env or self.file or ""


class Contact(Declared):
    """Whom to ask: a function, not a person."""

    role: str = ""
    email: str = ""
