"""Somebody who came to a place and asks to be forgotten there, whatever brought them.

First the list beside the keys names them, then what a home holds of them goes: from landing, from
the records and the refused rows, and with the bytes that DuckDB would leave in its file. Whatever
is stopped in between, and whatever a backup brings back, the next run of the place takes it up.
"""

import logging
from datetime import datetime

import duckdb

from flows.errors import ConfigurationError
from flows.intake import landing
from flows.intake.forgotten import (
    IsOf,
    Person,
    add_forgotten,
    pseudonyms_of,
    read_forgotten,
    refuse_older_list,
)
from flows.intake.ledger import receipts
from flows.intake.pseudonym import Pseudonym, pseudonymiser_of
from flows.intake.shared_addresses import known_addresses
from flows.language import _
from flows.places import Place
from flows.settings import Settings
from flows.stages.gone import Gone, erase_people, known_pseudonyms, note_receipts
from flows.stages.mentions import Mentions, mentions_of
from flows.stages.place_keys import known_key
from flows.warehouse.database import open_to_load, transaction
from flows.warehouse.rewrite import rewrite

logger = logging.getLogger("impact")


def forget(place: Place, settings: Settings, person: Person, as_of: datetime) -> Gone | None:
    """Forget somebody at a place; None, and no trace, where nothing is known of them.

    The caller is the only writer. Raises ConfigurationError where what they gave is no one's own.
    """
    finish_forgetting(place, settings, as_of)
    with open_to_load(settings) as warehouse:
        pseudonym = pseudonymiser_of(place, settings, known_key(warehouse, place, settings))
        asked = pseudonyms_of(person, place, pseudonym)
        refuse_nobody(warehouse, place, asked)
        there = mentions(warehouse, place, settings, pseudonym, asked.__contains__, as_of)
        theirs = asked | there.pseudonyms
        if not there.rows and not known_pseudonyms(warehouse, place, theirs.__contains__):
            return None
    add_forgotten(settings, place.id, theirs)
    return finish_forgetting(place, settings, as_of)


def refuse_nobody(warehouse: duckdb.DuckDBPyConnection, place: Place, asked: set[str]) -> None:
    """Raises ConfigurationError for no identity at all, and for an address of several people."""
    if not asked:
        raise ConfigurationError(
            _("nobody can be found by this"),
            where=place.id,
            remedy=_("give an address, a name with a birth date, or a number, as its files do"),
        )
    if asked & known_addresses(warehouse, place.id).known:
        raise ConfigurationError(
            _("several people have this address: it is nobody's own"),
            where=place.id,
            remedy=_("give the name and the birth date, or the number, and leave the address out"),
        )


def is_to_forget(warehouse: duckdb.DuckDBPyConnection, place: Place, settings: Settings) -> bool:
    """Is there somebody to forget, by the list and the ledger, or by the mark of a stopped run?

    Raises ConfigurationError for a list that lacks somebody whom the ledger knows to be forgotten.
    """
    people = read_forgotten(settings, place.id).people.keys()
    done = receipts(warehouse, place.id)
    refuse_older_list(settings, place.id, people, done)
    return bool(people - done) or settings.forgetting(place.id).exists()


def finish_forgetting(place: Place, settings: Settings, as_of: datetime) -> Gone | None:
    """Make a home forget all whom the list of a place names; None where it has.

    The caller is the only writer, and has the warehouse not open.
    """
    with open_to_load(settings) as warehouse:
        forgotten = read_forgotten(settings, place.id)
        is_of = forgotten.is_of()
        if not is_to_forget(warehouse, place, settings) or is_of is None:
            return None
        pending = sorted(forgotten.people.keys() - receipts(warehouse, place.id))
        mark = settings.forgetting(place.id)
        mark.parent.mkdir(exist_ok=True, mode=0o700)
        mark.touch(mode=0o600)
        settings.uncounted.touch(mode=0o600)
        pseudonym = pseudonymiser_of(place, settings, known_key(warehouse, place, settings))
        there = mentions(warehouse, place, settings, pseudonym, is_of, as_of)
        with transaction(warehouse):
            gone = erase_people(warehouse, place, there, pseudonym, is_of)
            note_receipts(warehouse, place, pending, gone, as_of)
    clear(place, settings, there)
    rewrite(settings)
    mark.unlink()
    logger.info("%s", gone.said(place.id))
    return gone


def mentions(
    warehouse: duckdb.DuckDBPyConnection, place: Place, settings: Settings, pseudonym: Pseudonym,
    is_of: IsOf, as_of: datetime,
) -> Mentions:  # fmt: skip
    """What of landing names who is looked for."""
    batches = landing.landed_of(settings.landing, place.id)
    return mentions_of(warehouse, place, batches, pseudonym, is_of, as_of)


def clear(place: Place, settings: Settings, there: Mentions) -> None:
    """Remove what landed and names them, or could; a pull that is to be gone on with is one."""
    for batch in [*there.batches, *there.unreadable]:
        landing.remove(batch)
    for unfinished in (settings.landing / place.id).glob("*/*.part"):
        unfinished.unlink()
