"""Who a row is about becomes a keyed hash here, and the identity goes no further.

The same person is written the same way before hashing, whatever the tool: `É. DUPONT ` and
`dupont é` give one key. Keys are made once, a place or a network, and live outside `IMPACT_HOME`.
"""

import hashlib
import os
import secrets
from collections.abc import Callable
from datetime import date
from pathlib import Path

import polars as pl

from flows.errors import ConfigurationError
from flows.intake.read_times import read_dates
from flows.intake.shared_addresses import Addresses, Events
from flows.intake.tool_numbers import numbers_of_people
from flows.language import _
from flows.names import name_parts
from flows.nothing import NO_MAILBOX, is_nobody
from flows.places import Place
from flows.settings import Settings
from flows.sources import Source

DOMAIN = "v1|lieu|"
KEY_BYTES = 32
PSEUDONYM_CHARACTERS = 32
OLDEST = "120y"
NO_BIRTH = date(1900, 1, 1)
NO_BIRTH_SHORT = date(2000, 1, 1)
"""`01/01/00` is how a spreadsheet shows the former, or somebody's birthday: nobody can tell."""
HASHED_AT_ONCE = 8192
PLAIN_ADDRESS = r"^[a-z0-9.!#$%&*+=?^_~-]+@[a-z0-9.-]*[a-z0-9]$"
IN_A_TEXT = r"[^\s<>()\[\],;:\"'/|@]+@[^\s<>()\[\],;:\"'/|@]+"
FOUR_DIGITS = r"\d{4}"
SHORT_YEAR = r"^\s*(\d{1,2})[-. ](\d{1,2})[-. ](\d{2})\s*$"

Pseudonym = Callable[[str], str]
"""Gives the pseudonym of a canonical identity."""


def make_public_key(file: Path, place_id: str) -> None:
    """For an invented place without a key, the one that is alike everywhere: nobody is behind it,
    and what is rounded by pseudonyms then has the same figures on every machine."""
    if not file.exists():
        write_key(file, hashlib.sha256(f"lieu inventé|{place_id}".encode()).hexdigest())


def write_key(file: Path, key: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(key + "\n")


def place_key(file: Path, place_id: str, known_fingerprint: str | None) -> bytes:
    """The secret key of a place, or of its network: made at the first use, then the same for ever.

    Raises ConfigurationError when the warehouse was filled with a key that is missing or other.
    """
    if not file.exists():
        if known_fingerprint is not None:
            raise ConfigurationError(
                _("the key of {place_id} is missing").format(place_id=place_id),
                where=str(file),
                remedy=_(
                    "put back the key of your backup (with another, people would count twice) and "
                    "`person_key` of impact.toml as it was"
                ),
            )
        write_key(file, secrets.token_hex(KEY_BYTES))
    try:
        key = bytes.fromhex(file.read_text().strip())
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise ConfigurationError(
            _("the key is damaged"), where=str(file), remedy=_("put back the key from your backup")
        )
    if known_fingerprint not in (None, fingerprint(key)):
        raise ConfigurationError(
            _("this is not the key that made the pseudonyms of {place_id}").format(
                place_id=place_id
            ),
            where=str(file),
            remedy=_(
                "put back the key from your backup and `person_key` of impact.toml as it was, or "
                "start with an empty IMPACT_HOME"
            ),
        )
    return key


def fingerprint(key: bytes) -> str:
    """What the warehouse keeps of a key: enough to recognise it, nothing to use."""
    return hashlib.sha256(b"fingerprint|" + key).hexdigest()[:16]


def pseudonymiser(key: bytes, sharing_place: str = "") -> Pseudonym:
    """Identity → HMAC-SHA256 under this key, as 32 hexadecimal characters.

    `sharing_place` is there when places share the key: the number that a tool of one place gives
    somebody says nothing at another place.

    The two halves of RFC 2104 are prepared once: `hmac` would take two thirds more time.
    """
    padded = key.ljust(hashlib.sha256().block_size, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in padded) + DOMAIN.encode())
    outer = hashlib.sha256(bytes(byte ^ 0x5C for byte in padded))

    def pseudonym(identity: str) -> str:
        if sharing_place and identity.startswith("source_id|"):
            identity = f"{sharing_place}|{identity}"
        inside, outside = inner.copy(), outer.copy()
        inside.update(identity.encode())
        outside.update(inside.digest())
        return outside.hexdigest()[:PSEUDONYM_CHARACTERS]

    return pseudonym


def pseudonymiser_of(place: Place, settings: Settings, key: bytes) -> Pseudonym:
    """The pseudonyms of a place, under its key or that of its network."""
    return pseudonymiser(key, place.id if settings.person_key == "network" else "")


def pseudonymise(
    rows: pl.DataFrame,
    place: Place,
    source: Source,
    pseudonym: Pseudonym,
    events: Events,
    addresses: Addresses | None = None,
) -> pl.DataFrame:
    """`person_key`, `identity_kind` and `birth_date` of each row, from its identity columns.

    The first identity of the place's order that a row has wins; a row without any is anonymous. An
    address that is known to be shared is none.
    """
    born = birth_dates(rows, source, events.days)
    names = names_of(rows, source)
    people = pl.DataFrame(
        {
            "email": canonical_email(rows, source),
            "name_birth": canonical_name_birth(names, born),
            "source_id": canonical_source_id(rows, source),
            "name": names,
            "born": born,
        }
    )
    who = strongest(people, place, pseudonym)
    if (
        addresses is not None
        and source.identity.email
        and (addresses.known or may_be_shared(source))
    ):
        is_shared = addresses.take(people, who, events, pseudonym)
        if is_shared.any():
            others = people.filter(is_shared).with_columns(pl.lit(None, pl.String).alias("email"))
            known = strongest(others, place, pseudonym)
            at = is_shared.arg_true()
            who = pl.DataFrame([who[name].scatter(at, known[name]) for name in who.columns])
    return who.with_columns(born.alias("birth_date"))


def may_be_shared(source: Source) -> bool:
    """Does a source say anything more of who has an address?"""
    return "email" in source.identity.kinds() and len(source.identity.kinds()) > 1


def strongest(people: pl.DataFrame, place: Place, pseudonym: Pseudonym) -> pl.DataFrame:
    """`person_key` and `identity_kind`: the first identity of the place's order that is there."""
    kind, text = pl.lit(None, pl.String), pl.lit(None, pl.String)
    for rule in reversed(place.identity_order):
        found = pl.col(rule).is_not_null()
        kind = pl.when(found).then(pl.lit(rule)).otherwise(kind)
        text = pl.when(found).then(pl.lit(f"{rule}|") + pl.col(rule)).otherwise(text)
    who = people.select(kind.alias("identity_kind"), text.alias("text"))
    key = hashed(who["text"], pseudonym).alias("person_key")
    return pl.DataFrame([key, who["identity_kind"]])


def hashed(identities: pl.Series, pseudonym: Pseudonym) -> pl.Series:
    """The pseudonym of each identity; a few at a time, so that memory is used again, not anew."""
    parts = [
        identities[at : at + HASHED_AT_ONCE] for at in range(0, len(identities), HASHED_AT_ONCE)
    ]
    return pl.concat(
        pl.Series([None if who is None else pseudonym(who) for who in part], dtype=pl.String)
        for part in map(pl.Series.to_list, parts or [identities])
    )


def written_alike(texts: pl.Series) -> pl.Series:
    """One way of writing: compatibility forms, lower case, no outer spaces; empty is absent."""
    is_plain = texts.str.len_bytes() == texts.str.len_chars()
    if not is_plain.all():  # compatibility forms are slow to look for, and ASCII has none
        others = texts.set(is_plain, None).str.normalize("NFKC").str.replace_all(r"\p{Cf}", "")
        texts = texts.zip_with(is_plain, others)
    alike = texts.str.strip_chars().str.to_lowercase()
    return alike.set(alike == "", None)


def canonical_email(rows: pl.DataFrame, source: Source) -> pl.Series:
    """The one address of a cell, whatever stands around it; two could be two people's."""
    if not source.identity.email:
        return absent(rows)
    email = written_alike(rows[source.identity.email])
    is_plain = email.is_null() | email.str.contains(PLAIN_ADDRESS)
    if not is_plain.all():
        others = email.set(is_plain, None)
        inside = others.str.extract_all(IN_A_TEXT).list.unique()
        one = inside.list.get(0, null_on_oob=True).str.strip_chars(".")
        email = email.zip_with(is_plain, one.set(inside.list.len().fill_null(0) != 1, None))
    return email.set(email.str.contains(NO_MAILBOX).fill_null(False), None)


def names_of(rows: pl.DataFrame, source: Source) -> pl.Series:
    """The parts of the name."""
    last, first = source.identity.last_name, source.identity.first_name
    if not (last or first) or not source.identity.birth_date:
        return absent(rows)
    return name_parts(rows[last] if last else None, rows[first] if first else None)


def canonical_name_birth(names: pl.Series, born: pl.Series) -> pl.Series:
    """The parts of the name and the ISO birth date."""
    known = pl.DataFrame([names.alias("parts"), born.dt.to_string("%Y-%m-%d").alias("born")])
    return known.select(pl.concat_str("parts", "born", separator="|")).to_series()


def canonical_source_id(rows: pl.DataFrame, source: Source) -> pl.Series:
    if not source.identity.source_id:
        return absent(rows)
    own = written_alike(rows[source.identity.source_id])
    own = numbers_of_people(own.set(is_nobody(own), None))
    return own.to_frame("own").select(pl.concat_str(pl.lit(f"{source.id}|"), "own")).to_series()


def birth_dates(rows: pl.DataFrame, source: Source, days: pl.Series) -> pl.Series:
    """Birth dates where the source has them; what cannot be one on that day is absent.

    `12/03/32` is 1932 for a visit of 2026. 1 January 1900 is what a form writes that knows none.
    """
    if not source.identity.birth_date:
        return absent(rows).cast(pl.Date)
    cells = rows[source.identity.birth_date].str.replace(SHORT_YEAR, "${1}/${2}/${3}")
    born = read_dates(cells)
    is_short = ~cells.str.contains(FOUR_DIGITS).fill_null(True)
    if is_short.any():
        is_late = (is_short & (born > days)).fill_null(False)
        born = born.zip_with(~is_late, born.dt.offset_by("-100y"))
        born = born.set((is_short & (born == NO_BIRTH_SHORT)).fill_null(False), None)
    is_possible = born.is_between(days.dt.offset_by(f"-{OLDEST}"), days) & (born != NO_BIRTH)
    return born.set(~is_possible.fill_null(False), None)


def absent(rows: pl.DataFrame) -> pl.Series:
    return pl.Series([None], dtype=pl.String).new_from_index(0, len(rows))
