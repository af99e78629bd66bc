"""What TOML files declare: the parts of a place, and how a fault is said in the file's words."""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails, PydanticKnownError

from flows.errors import ConfigurationError
from flows.language import N_, _
from flows.reference import programmes
from flows.spelling import LOOSE, closest, did_you_mean


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


@dataclass(frozen=True)
class KeyFault:
    """What is wrong with one key of a file, in the words of the file."""

    path: tuple[int | str, ...]
    """Where the key stands; empty when it is the file as a whole."""
    what: str
    remedy: str
    is_missing: bool

    @property
    def key(self) -> str:
        return ".".join(map(str, self.path))


def key_fault(broken: ValidationError, model: type[Declared]) -> KeyFault:
    """The first fault that pydantic found in what should be this model.

    An unknown key comes before a missing one: it is often the same key, with a slip.
    """
    fault = min(broken.errors(), key=lambda one: one["type"] != "extra_forbidden")
    path = tuple(part for part in fault["loc"] if part != "folder")
    is_missing = fault["type"] == "missing"
    if fault["type"] == "extra_forbidden":
        what, remedy = _("unknown key"), nearest(str(path[-1]), known_keys(model, path))
    elif is_missing:
        what, remedy = _("this key is missing"), _("add it")
    else:
        what = misdeclared(fault)
        remedy = _("correct the key") if path else _("correct the file")
    return KeyFault(path, what, remedy, is_missing)


def configuration_error(
    file: Path, broken: ValidationError, model: type[Declared]
) -> ConfigurationError:
    """The first fault that pydantic found in a file of this model."""
    fault = key_fault(broken, model)
    where = _("{file}, key {key}").format(file=file, key=fault.key) if fault.path else str(file)
    return ConfigurationError(fault.what, where=where, remedy=fault.remedy)


FAULTS_OF_A_KEY = (
    N_("Input should be {expected}"),
    N_("Input should be a valid string"),
    N_("Input should be a valid integer"),
    N_("Input should be a valid integer, got a number with a fractional part"),
    N_("Input should be a valid number"),
    N_("Input should be a finite number"),
    N_("Input should be a valid boolean"),
    N_("Input should be a valid date"),
    N_("Input should be a valid list"),
    N_("Input should be a valid dictionary"),
    N_("Input should be a valid dictionary or instance of {class_name}"),
    N_("Input should be greater than or equal to {ge}"),
    N_("Input should be less than or equal to {le}"),
    N_("Input should be greater than {gt}"),
    N_("Input should be less than {lt}"),
    N_("String should match pattern '{pattern}'"),
)
"""What Pydantic says of a value that the models here can refuse."""


def misdeclared(fault: ErrorDetails) -> str:
    """What is wrong with one key of a file, as Pydantic found it."""
    if fault["type"] == "value_error":  # a sentence of ours
        return fault["msg"].removeprefix("Value error, ")
    values = fault.get("ctx", {})
    kind: Any = fault["type"]
    template = PydanticKnownError(kind, values).message_template
    if template not in FAULTS_OF_A_KEY:
        return fault["msg"]
    return _(template).format(**values).replace(" or ", _(" or "))


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
    """Advice for a misspelt key."""
    return did_you_mean(
        word, known, _("the keys are: {keys}").format(keys=", ".join(sorted(known)))
    )


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
        near = closest(code, programmes(), LOOSE)
        hint = _("; did you mean {near!r}?").format(near=near) if near else "."
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


def refuse_secret_in(address: str) -> None:
    """Raises ValueError for `user:password@` in an address."""
    if ":" in address.partition("://")[2].partition("/")[0].rpartition("@")[0]:
        raise ValueError(_("an address holds no secret: name it with `token`"))


class Contact(Declared):
    """Whom to ask: a function, not a person."""

    role: str = ""
    email: str = ""
