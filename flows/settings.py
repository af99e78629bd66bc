"""Where everything is: read once from environment and folder, passed down, never changed."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from flows.errors import ConfigurationError
from flows.language import _

PROJECT = Path(__file__).resolve().parent.parent
TIME_ZONE = "Europe/Paris"
MARKER = "impact.toml"
"""The file at the root of a network; it says where the keys are, and for whom there is one."""
NETWORK_KEY = "_network"
"""Name of the key of a whole network: no place can have it."""

PersonKey = Literal["place", "network"]
"""A person of two places counts twice, or once."""


class Retention(NamedTuple):
    """For how long what could name or describe people is kept (`[retention]`)."""

    landing_days: int = 30
    """A received file that is loaded and has no row left to correct."""
    open_landing_days: int = 90
    """Any other one: it can be read again for longer."""
    refused_days: int = 90
    """The shape of a refused cell, and all of a refused row that was corrected meanwhile."""
    records_months: int | None = None
    """Records of people, counted in whole months before the current one; None: without end."""

    log_months: int = 12
    """What the service writes of itself: no name, no pseudonym."""
    backup_days: int = 30
    """An archive of this network, from its making."""

    def records_from(self, today: date) -> date | None:
        """The first day whose records are kept."""
        return months_before(today, self.records_months) if self.records_months else None

    def logs_from(self, today: date) -> date:
        """The first day whose logs are kept."""
        return months_before(today, self.log_months)


def months_before(day: date, months: int) -> date:
    """The first day of the month that is so many before."""
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, 1)


AS_LONG_AS_USUAL = Retention()


@dataclass(frozen=True)
class Settings:
    """The folders of one network. Several networks on one machine differ by these alone."""

    home: Path
    """State: landing, warehouse, releases, Prefect's database (`IMPACT_HOME`)."""
    places: Path
    """Configuration: one TOML file per tiers-lieu (`IMPACT_PLACES`)."""
    keys: Path
    """Pseudonym keys, outside `home` so that a copied home reveals nobody (`IMPACT_KEYS`)."""
    person_key: PersonKey = "place"
    """One pseudonym key a place, or one for the whole network (`person_key` in the marker)."""
    retention: Retention = AS_LONG_AS_USUAL
    sql: Path = PROJECT / "sql"
    reference: Path = PROJECT / "data" / "reference"

    @property
    def beside_places(self) -> Path:
        """Where a network may declare portfolios, grants and targets; each file may be absent."""
        return self.places.parent

    @property
    def own_reference(self) -> Path:
        """Reference data that the network supplies itself, beside its places; it may be absent."""
        return self.beside_places / "reference"

    def key_file(self, place_id: str) -> Path:
        """Where the key is that makes the pseudonyms of a place."""
        owner = NETWORK_KEY if self.person_key == "network" else place_id
        return self.keys / f"{owner}.key"

    def forgotten_file(self, place_id: str) -> Path:
        """Who asked a place to be forgotten: beside the keys, which no restored home replaces."""
        return self.keys / f"{place_id}.forgotten"

    def forgetting(self, place_id: str) -> Path:
        """A mark: of somebody who asked this place, bytes may be left in the home."""
        return self.home / "forgetting" / place_id

    @property
    def secret_file(self) -> Path:
        """Where the secret is by which published figures are rounded."""
        return self.keys / "_secret.key"

    @property
    def landing(self) -> Path:
        return self.home / "landing"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def preview(self) -> Path:
        return self.home / "preview.duckdb"

    @property
    def published(self) -> Path:
        return self.home / "published"

    @property
    def current_release(self) -> Path:
        return self.published / "current.duckdb"

    @property
    def site(self) -> Path:
        """The pages of the current release."""
        return self.published / "site"

    @property
    def scratch(self) -> Path:
        return self.home / "scratch"

    @property
    def uncounted(self) -> Path:
        """A mark: something was collected that no figure and no release knows yet."""
        return self.home / "uncounted"

    @property
    def lock(self) -> Path:
        return self.home / "writer.lock"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from `IMPACT_HOME`, `IMPACT_PLACES` and `IMPACT_KEYS`, each with its default.

    The default is the network that the current directory is in, else the demonstration. The keys
    go with the home. Raises ConfigurationError when the marker of the network cannot be read.
    """
    network = network_around(Path.cwd())
    if network is None:
        own_home, own_places = PROJECT / "data" / "local", PROJECT / "data" / "places"
    else:
        own_home, own_places = network / "home", network / "places"
    home = Path(environment.get("IMPACT_HOME") or own_home).absolute()
    places = Path(environment.get("IMPACT_PLACES") or own_places).absolute()
    marker = read_marker(network) if network else Marker(None, "place")
    own_keys = marker.keys if home == own_home else None
    keys = environment.get("IMPACT_KEYS") or own_keys or home.with_name(home.name + ".keys")
    return Settings(home, places, Path(keys).absolute(), marker.person_key, marker.retention)


def network_around(folder: Path) -> Path | None:
    """The nearest folder, this one or one above, that holds a marker."""
    return next((f for f in (folder, *folder.parents) if (f / MARKER).is_file()), None)


class Marker(NamedTuple):
    """What the file at the root of a network says."""

    keys: Path | None
    person_key: PersonKey
    retention: Retention = AS_LONG_AS_USUAL


def read_marker(network: Path) -> Marker:
    """The folder of the keys, as the marker says it from its own folder, and who has a key."""
    marker = network / MARKER
    try:
        content = tomllib.loads(marker.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ConfigurationError(
            _("the file cannot be read: {fault}").format(fault=fault),
            where=str(marker),
            remedy=_("correct it"),
        ) from fault
    keys, person_key = content.get("keys"), content.get("person_key", "place")
    others = {"person_key", "retention"}
    if set(content) - others != {"keys"} or not isinstance(keys, str) or not keys:
        raise ConfigurationError(
            _(
                "this file has a key `keys`, with the folder of the keys, and may have "
                "`person_key` and `[retention]`"
            ),
            where=str(marker),
            remedy=_('write it like keys = "../mon-reseau.keys"'),
        )
    if person_key not in get_args(PersonKey):
        raise ConfigurationError(
            _("`person_key` is neither place nor network"),
            where=str(marker),
            remedy=_('write person_key = "place", or leave it out'),
        )
    retention = read_retention(content.get("retention", {}), marker)
    return Marker(Path(os.path.normpath(network / keys)), person_key, retention)


def read_retention(content: object, marker: Path) -> Retention:
    """Raises ConfigurationError for another key, no number of days, or a file gone too soon."""
    given = content if isinstance(content, dict) else {"": content}
    if unknown := given.keys() - {*Retention._fields}:
        raise ConfigurationError(
            _("unknown key {key} in [retention]").format(key=", ".join(sorted(unknown))),
            where=str(marker),
            remedy=_("the keys are {known}").format(known=", ".join(Retention._fields)),
        )
    for name, days in given.items():
        if type(days) is not int or days < 1:
            what = _("`{name}` is no number of days")
            if name.endswith("_months"):
                what = _("`{name}` is no number of months")
            raise ConfigurationError(
                what.format(name=name),
                where=str(marker),
                remedy=_("write a whole number like 30, or leave it out"),
            )
    retention = Retention(**given)
    if retention.open_landing_days < retention.landing_days:
        raise ConfigurationError(
            _("files with rows to correct would go before the others"),
            where=str(marker),
            remedy=_("let `open_landing_days` be at least `landing_days`"),
        )
    return retention
