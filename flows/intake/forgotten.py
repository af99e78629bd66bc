"""Who asked to be forgotten: keyed hashes beside the keys, which no home and no backup outlives.

Each place has one file, `PLACE.forgotten`, with a key of its own. What stands there are hashes of
pseudonyms: nobody is found by them who is not looked for, and rows of who is are not taken.
"""

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime

import polars as pl

from flows.errors import ConfigurationError
from flows.intake.pseudonym import KEY_BYTES, Pseudonym, pseudonymise
from flows.intake.shared_addresses import Events
from flows.language import _
from flows.places import Place
from flows.settings import Settings
from flows.sources import Source
from flows.whole_files import written_whole

IsOf = Callable[[str], bool]
"""Whether a pseudonym is that of somebody who is looked for."""


@dataclass(frozen=True)
class Forgotten:
    """The people of one place who asked: receipt → hashes of the pseudonyms of one of them."""

    key: bytes = b""
    people: dict[str, list[str]] = field(default_factory=dict)

    def digest(self, pseudonym: str) -> str:
        return hmac.new(self.key, pseudonym.encode(), hashlib.sha256).hexdigest()

    def is_of(self) -> IsOf | None:
        """Who is not to be taken; None where nobody asked, which costs nothing."""
        if not self.people:
            return None
        known = {digest for digests in self.people.values() for digest in digests}
        return lambda pseudonym: self.digest(pseudonym) in known


def read_forgotten(settings: Settings, place_id: str) -> Forgotten:
    """Nobody, where there is no file; raises ConfigurationError for a damaged one."""
    file = settings.forgotten_file(place_id)
    try:
        content = json.loads(file.read_text(encoding="ascii"))
        found = Forgotten(bytes.fromhex(content["key"]), dict(content["people"]))
    except FileNotFoundError:
        return Forgotten()
    except (ValueError, KeyError, TypeError) as fault:
        raise ConfigurationError(
            _("the list of those who asked to be forgotten is damaged"),
            where=str(file),
            remedy=_("put it back from your backup of the keys: without it they would come back"),
        ) from fault
    if len(found.key) != KEY_BYTES:
        raise ConfigurationError(
            _("the list of those who asked to be forgotten is damaged"),
            where=str(file),
            remedy=_("put it back from your backup of the keys: without it they would come back"),
        )
    return found


def add_forgotten(settings: Settings, place_id: str, pseudonyms: Iterable[str]) -> None:
    """One person more, on the disk when this ends; the first makes the key of the list."""
    known = read_forgotten(settings, place_id)
    key = known.key or secrets.token_bytes(KEY_BYTES)
    digests = sorted(map(Forgotten(key).digest, pseudonyms))
    people = {**known.people, f"forgotten/{place_id}/{uuid.uuid4()}": digests}
    file = settings.forgotten_file(place_id)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with written_whole(file) as unfinished:
        unfinished.write_text(json.dumps({"key": key.hex(), "people": people}, indent=1))


def refuse_older_list(settings: Settings, place_id: str, known: Set[str], done: Set[str]) -> None:
    """Raises ConfigurationError where the ledger knows of people whom the list does not name."""
    if done - known:
        raise ConfigurationError(
            _("the list of those who asked to be forgotten is older than the ledger"),
            where=str(settings.forgotten_file(place_id)),
            remedy=_("put back the latest of your backups of the keys: they would come back else"),
        )


@dataclass(frozen=True)
class Person:
    """Somebody as they name themselves, in memory only; empty is unknown."""

    email: str = ""
    last_name: str = ""
    first_name: str = ""
    birth_date: str = ""
    numbers: dict[str, str] = field(default_factory=dict)
    """Source → the number, of a card or an account, that it gives them."""

    def cells(self, source: Source) -> dict[str, str]:
        """What a row about them has under the headers of a source."""
        named = {
            "email": self.email, "last_name": self.last_name, "first_name": self.first_name,
            "birth_date": self.birth_date, "source_id": self.numbers.get(source.id, ""),
        }  # fmt: skip
        if not (source.identity.last_name and source.identity.first_name):
            whole = f"{self.last_name} {self.first_name}".strip()
            named |= {"last_name": whole, "first_name": whole}
        headers = source.identity.model_dump()
        return {headers[role]: said for role, said in named.items() if headers[role]}


def pseudonyms_of(person: Person, place: Place, pseudonym: Pseudonym) -> set[str]:
    """Every pseudonym that a row about this person may have: one an identity and source."""
    found: set[str] = set()
    events = Events(pl.Series([datetime.now(UTC).date()]))
    for source in place.sources:
        cells = person.cells(source)
        row = pl.DataFrame(
            {name: [said or None] for name, said in cells.items()},
            schema=dict.fromkeys(cells, pl.String),
        )
        for keys in keys_of(row, place, source, pseudonym, events):
            found |= {*keys.drop_nulls()}
    return found


def keys_of(
    rows: pl.DataFrame, place: Place, source: Source, pseudonym: Pseudonym, events: Events
) -> list[pl.Series]:
    """The pseudonyms that each row would have by each of its identities alone."""
    kinds = [kind for kind in place.identity_order if kind in source.identity.kinds()]
    if rows.is_empty():
        return []
    return [
        pseudonymise(
            rows, place.model_copy(update={"identity_order": [kind]}), source, pseudonym, events
        )["person_key"]
        for kind in kinds
    ]


def named(
    rows: pl.DataFrame, place: Place, source: Source, pseudonym: Pseudonym, events: Events,
    is_of: IsOf, shared: Set[str],
) -> pl.Series:  # fmt: skip
    """Which rows name somebody who is looked for, by whichever identity; a shared address names
    nobody.
    """
    found = pl.Series("is_named", [False]).new_from_index(0, len(rows))
    for keys in keys_of(rows, place, source, pseudonym, events):
        theirs = [k for k in keys.drop_nulls().unique() if k not in shared and is_of(k)]
        found = found | keys.is_in(theirs).fill_null(False)
    return found
