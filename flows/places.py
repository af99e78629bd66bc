"""Tiers-lieux and their sources: one TOML file each, refused when it cannot be right."""

import difflib
import functools
import tomllib
from collections.abc import Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from flows.errors import ConfigurationError
from flows.reference import communes, luhn_is_valid
from schemas.codes import Service

Feed = Literal["attendance", "employment", "service_usage"]
Rhythm = Literal["daily", "weekly", "monthly", "quarterly", "yearly", "occasional"]
Proof = Literal["span", "days", "days_with_presence", "months", "until_file_date"]
IdentityRule = Literal["email", "name_birth", "source_id"]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
LATE_AFTER_DAYS: dict[str, int | None] = {
    "daily": 3,
    "weekly": 10,
    "monthly": 45,
    "quarterly": 110,
    "yearly": 400,
    "occasional": None,
}
"""Age of the last proven day after which a source of each rhythm is late."""
WEEKDAYS: tuple[str, ...] = get_args(Weekday)


@functools.cache
def commune_index() -> dict[str, tuple[str, str, str]]:
    """Code of every commune → its name, its department and its EPCI (empty where it has none)."""
    kept = communes().select("commune_code", "name", "departement_code", "epci_code")
    return {code: (name, dep, epci or "") for code, name, dep, epci in kept.iter_rows()}


class Declared(BaseModel):
    """Base of everything that a TOML file declares: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Identity(Declared):
    """The source's own columns that say who a row is about; they never leave parse."""

    email: str | None = None
    last_name: str | None = None
    first_name: str | None = None
    birth_date: str | None = None
    source_id: str | None = None

    def columns(self) -> list[str]:
        return [name for name in self.model_dump().values() if name]


class Source(Declared):
    """One file, folder or system that delivers one feed of one place."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")
    feed: Feed
    connector: str
    path: str
    """A file, or a pattern such as `exports/cobot-*.csv`, from the folder of the TOML file."""
    rhythm: Rhythm
    coverage: Proof
    """What a delivery proves: see docs/places.md."""
    header_row: int = Field(default=1, ge=1)
    sheet: str | None = None
    columns: dict[str, str | list[str]] = {}
    """Contract column → the source's header (several are joined by a space)."""
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}
    """Contract column → the source's word → the code of the contract."""
    identity: Identity = Identity()

    def wanted_headers(self) -> dict[str, str]:
        """Every header that must be there → what it is for."""
        wanted = {header: "identity" for header in self.identity.columns()}
        for field, headers in self.columns.items():
            for header in [headers] if isinstance(headers, str) else headers:
                wanted[header] = field
        return wanted


class Closure(Declared):
    """Days, both included, on which the place said that it would be closed."""

    first_day: date
    last_day: date
    reason: str = ""


class Programme(Declared):
    """A programme that labels or pays the place."""

    code: str
    since: date | None = None
    until: date | None = None


class Contact(Declared):
    """Whom to ask: a function, not a person."""

    role: str = ""
    email: str = ""


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
    seats: int | None = Field(default=None, ge=1)
    opening_hours: dict[Weekday, list[str]] = {}
    catchment_communes: list[str] = []
    contact: Contact = Contact()
    identity_order: list[IdentityRule] = ["email", "name_birth", "source_id"]
    """Which identity wins when a row has several; the same for all sources of the place."""
    tolerated_quarantine_share: float = Field(default=0.02, ge=0, le=1)
    sources: list[Source] = []
    folder: Path = Field(default=Path(), exclude=True)

    @field_validator("commune_code")
    @classmethod
    def commune_exists(cls, code: str) -> str:
        if code not in commune_index():
            near = difflib.get_close_matches(code, commune_index(), n=1, cutoff=0.6)
            hint = (
                f"; the nearest code is {near[0]} ({commune_index()[near[0]][0]})" if near else ""
            )
            raise ValueError(f"no commune has the code {code!r}{hint}")
        return code

    @field_validator("catchment_communes")
    @classmethod
    def communes_exist(cls, codes: list[str]) -> list[str]:
        return [cls.commune_exists(code) for code in codes]

    @field_validator("siret")
    @classmethod
    def siret_is_valid(cls, siret: str | None) -> str | None:
        if siret is not None and not luhn_is_valid(siret):
            raise ValueError(f"{siret!r} is not a SIRET: 14 digits whose Luhn sum is right")
        return siret

    @field_validator("opening_hours")
    @classmethod
    def hours_are_ranges(cls, hours: dict[Weekday, list[str]]) -> dict[Weekday, list[str]]:
        for ranges in hours.values():
            for text in ranges:
                opens, _, closes = text.partition("-")
                try:
                    in_order = time.fromisoformat(opens) < time.fromisoformat(closes)
                except ValueError:
                    in_order = False
                if not in_order:
                    raise ValueError(f"{text!r} is not a range such as '09:00-12:30'")
        return hours

    def source(self, source_id: str) -> Source:
        return next(source for source in self.sources if source.id == source_id)

    def expected_days(self, first: date, last: date) -> Iterator[date]:
        """The days of a range, both included, on which the place is open to the public."""
        if self.opened_on is None:
            return
        day = max(first, self.opened_on)
        last = min(last, self.closed_on or last)
        while day <= last:
            is_closed = any(c.first_day <= day <= c.last_day for c in self.closures)
            is_opening_day = not self.opening_hours or WEEKDAYS[day.weekday()] in self.opening_hours
            if is_opening_day and not is_closed:
                yield day
            day += timedelta(days=1)


def read_places(folder: Path) -> dict[str, Place]:
    """All places of a network by id.

    Raises ConfigurationError naming file, key, reason and, for a misspelt key, the nearest one.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigurationError(
            "no place is declared",
            where=str(folder),
            remedy="put one TOML file per place there, or point IMPACT_PLACES at the right folder",
        )
    places: dict[str, Place] = {}
    origin: dict[str, Path] = {}
    for file in files:
        place = read_place(file)
        if place.id in places:
            raise ConfigurationError(
                f"the id {place.id!r} is already that of {origin[place.id].name}",
                where=f"{file}, key id",
                remedy="give each place an id of its own",
            )
        places[place.id], origin[place.id] = place, file
    return places


def read_place(file: Path) -> Place:
    """One place from its TOML file."""
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ConfigurationError(
            f"the file cannot be read: {fault}", where=str(file), remedy="correct it and run again"
        ) from fault
    try:
        place = Place.model_validate({**content, "folder": file.parent})
    except ValidationError as broken:
        raise configuration_error(file, broken) from broken
    check_sources(file, place)
    return place


def configuration_error(file: Path, broken: ValidationError) -> ConfigurationError:
    """The first fault that pydantic found, in the words of the TOML file."""
    fault = broken.errors()[0]
    path = [part for part in fault["loc"] if part != "folder"]
    key = ".".join(str(part) for part in path)
    reason = fault["msg"].removeprefix("Value error, ")
    remedy = "correct the key"
    if fault["type"] == "extra_forbidden":
        reason = "unknown key"
        remedy = nearest(str(path[-1]), known_keys(path))
    elif fault["type"] == "missing":
        reason, remedy = "this key is missing", "add it"
    return ConfigurationError(reason, where=f"{file}, key {key}", remedy=remedy)


def known_keys(path: list[Any]) -> list[str]:
    """The keys that could stand where `path` ends."""
    models: dict[str, type[Declared]] = {
        "sources": Source,
        "identity": Identity,
        "closures": Closure,
        "programmes": Programme,
        "contact": Contact,
    }
    owners = [part for part in path[:-1] if part in models]
    model: type[Declared] = models[owners[-1]] if owners else Place
    return [name for name in model.model_fields if name != "folder"]


def nearest(word: str, known: list[str]) -> str:
    """Advice for a misspelt word."""
    close = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
    return f"did you mean {close[0]!r}?" if close else f"the keys are: {', '.join(sorted(known))}"


def check_sources(file: Path, place: Place) -> None:
    """Faults that need the contracts or the whole place to be seen."""
    from schemas import CONTRACTS
    from schemas.record import stored_columns

    seen: set[str] = set()
    for number, source in enumerate(place.sources):
        where = f"{file}, key sources.{number}"
        if source.id in seen:
            raise ConfigurationError(
                f"two sources have the id {source.id!r}",
                where=f"{where}.id",
                remedy="give each source of a place an id of its own",
            )
        seen.add(source.id)
        columns = stored_columns(CONTRACTS[source.feed])
        mappable = [
            n for n, c in columns.items() if c.metadata["kind"] not in ("pseudonym", "flag")
        ]
        for table in ("columns", "constants", "values"):
            for field in getattr(source, table):
                if field not in mappable or field == "identity_kind":
                    raise ConfigurationError(
                        f"{source.feed} has no column {field!r}",
                        where=f"{where}.{table}.{field}",
                        remedy=nearest(field, mappable),
                    )
        check_codes(where, source, columns)
    if place.epci_code and place.epci_code != commune_index()[place.commune_code][2]:
        raise ConfigurationError(
            f"the commune {place.commune_code} is not in the EPCI {place.epci_code}",
            where=f"{file}, key epci_code",
            remedy=f"write {commune_index()[place.commune_code][2]!r} or leave the key out",
        )


def check_codes(where: str, source: Source, columns: dict[str, Any]) -> None:
    """Constants and mapped values must be codes of the contract."""
    for field, column in columns.items():
        allowed = next(
            (c.statistics["allowed_values"] for c in column.checks if c.name == "isin"), None
        )
        if allowed is None:
            continue
        given = {
            f"values.{field}.{word}": code for word, code in source.values.get(field, {}).items()
        }
        if field in source.constants:
            given[f"constants.{field}"] = source.constants[field]
        for key, value in given.items():
            if value not in allowed:
                raise ConfigurationError(
                    f"{value!r} is not a code of {field}",
                    where=f"{where}.{key}",
                    remedy=nearest(value, list(allowed)),
                )
