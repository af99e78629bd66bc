"""An erasure that a tool asks for: understood at the door, carried out by the next run.

RDV Service Public is the one tool that asks. What it brought of a place goes; what the place knows
from elsewhere is not its to erase.
"""

import hashlib
import logging
from datetime import date, datetime

import duckdb
import polars as pl

from flows.connectors import rdv_service_public
from flows.intake import erasure, landing
from flows.intake.erasure import Erasure
from flows.intake.landing import Batch
from flows.intake.pseudonym import place_key, pseudonymise, pseudonymiser_of
from flows.intake.shared_addresses import Events
from flows.places import Place
from flows.settings import Settings
from flows.warehouse.database import transaction

logger = logging.getLogger("impact")

TOOL, CONNECTOR = "rdv-service-public", "rdv_service_public"


def asked_by_hook(
    body: bytes, model: str, data: object, at: datetime, place: Place, settings: Settings
) -> Erasure | None:
    """The request that a hook makes; who it is about is hashed here and goes no further.

    None for what is nothing of ours.
    Raises ValueError, KeyError or TypeError for a body of another shape.
    """
    wanted = rdv_service_public.to_erase(model, data)
    if wanted is None:
        return None
    digest = hashlib.sha256(f"{place.id}|".encode() + body).hexdigest()
    return Erasure(
        erasure_id=f"erasure-{digest[:16]}",
        place_id=place.id, tool=TOOL, connector=CONNECTOR, model=model, asked_at=at,
        name=wanted.name, record_ids=sorted(wanted.record_ids),
        person_keys=person_keys(wanted.person, place, settings, at.date()),
    )  # fmt: skip


def person_keys(
    person: dict[str, str | None], place: Place, settings: Settings, day: date
) -> list[str]:
    """Every pseudonym that a row about this person may have: one an identity and source.

    None where nobody has a pseudonym yet: the first run makes the key.
    """
    file = settings.key_file(place.id)
    if not person or not file.exists():
        return []
    pseudonym = pseudonymiser_of(place, settings, place_key(file, place.id, None))
    keys: set[str] = set()
    events = Events(pl.Series([day]))
    for source in place.sources:
        if source.connector != CONNECTOR:
            continue
        headers = source.identity.columns()
        row = pl.DataFrame(
            {header: [person.get(header)] for header in headers},
            schema=dict.fromkeys(headers, pl.String),
        )
        for identity in place.identity_order:
            alone = place.model_copy(update={"identity_order": [identity]})
            keys |= {
                *pseudonymise(row, alone, source, pseudonym, events)["person_key"].drop_nulls()
            }
    return sorted(keys)


def erase_what_was_asked(
    warehouse: duckdb.DuckDBPyConnection, place: Place, settings: Settings, as_of: datetime
) -> None:
    """Carry out what is asked of a place: in the warehouse, then in landing, then it is closed.

    A run that is stopped in between is taken up: what the ledger has is not done twice.
    """
    requests = erasure.open_requests(settings.landing, place.id)
    if not requests:
        return
    batches = landing.landed_by(settings.landing, place.id, CONNECTOR)
    there = [mentioned(batch, {request.name for request in requests}) for batch in batches]
    for request in requests:
        if not erasure.is_done(warehouse, request):
            found = [names[request.name] for names in there if request.name in names]
            with transaction(warehouse):
                said = erasure.erase(warehouse, request, (set().union(*found), len(found)), as_of)
            logger.info("%s", said)
    for batch, names in zip(batches, there, strict=True):
        if names:
            landing.remove(batch)
    for source in place.sources:
        if source.connector == CONNECTOR:  # a pull that waits to be gone on with is asked anew
            for unfinished in (settings.landing / place.id / source.id).glob("*.part"):
                unfinished.unlink()
    for request in requests:
        erasure.file_of(settings.landing, request).unlink()


def mentioned(batch: Batch, wanted: set[str]) -> dict[str, set[str]]:
    """Which of the names are in a batch, and the records that go with each.

    A batch that cannot be read could hold any.
    """
    there: dict[str, set[str]] = {}
    try:
        with batch.payload.open("rb") as stream:
            for name, record_id in rdv_service_public.mentions(stream):
                if name in wanted:
                    there.setdefault(name, set()).update(filter(None, [record_id]))
    except (ValueError, KeyError, TypeError, AttributeError, FileNotFoundError):
        return {name: there.get(name, set()) for name in wanted}
    return there
