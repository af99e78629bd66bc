"""What can be refused before anything changes."""

import logging

from flows.connectors import connector
from flows.intake.pseudonym import place_key
from flows.language import _
from flows.network.place_files import declared_place, read_places
from flows.places import Place
from flows.publication.release import fingerprints
from flows.publication.secret import check_secret
from flows.settings import Settings
from flows.stages.definitions import check_definitions
from flows.stages.publish import mend_release, take_down_what_readers_see
from flows.stages.site import renew_site
from flows.warehouse.commitment_files import read_commitments
from flows.warehouse.database import LOCK_WAIT_SECONDS, open_warehouse, writer_lock
from flows.warehouse.models import read_indicators
from flows.warehouse.reference_tables import check_reference

logger = logging.getLogger("impact")


def chosen(places: dict[str, Place], place_ids: list[str] | None) -> list[Place]:
    """The places asked for, or all; raises ConfigurationError for one that is not declared."""
    return [declared_place(places, place_id) for place_id in place_ids or places]


def check_before_starting(
    settings: Settings,
    place_ids: list[str] | None = None,
    *,
    wait_seconds: float = LOCK_WAIT_SECONDS,
) -> None:
    """Everything that can be refused before anything changes; an older warehouse is upgraded here,
    and a damaged release makes room for the last good one.

    Raises ConfigurationError for a place, a grant, a definition, reference data, a key or the
    secret of rounding that is wrong, Busy when another run writes for longer than these seconds.
    """
    check_reference(settings)
    check_secret(settings.secret_file, fingerprints(settings))
    places = read_places(settings.places)
    for place in chosen(places, place_ids):
        for source in place.sources:
            connector(
                source.connector,
                where=_("{place}, source {source}").format(place=place.id, source=source.id),
            )
    check_definitions(settings)
    read_commitments(settings, list(places.values()), read_indicators(settings.sql))
    if settings.warehouse.exists():
        with writer_lock(settings, wait_seconds), open_warehouse(settings) as warehouse:
            for place_id, known in warehouse.execute(
                "SELECT place_id, key_fingerprint FROM ledger.place_key"
            ).fetchall():
                place_key(settings.key_file(place_id), place_id, known)
            if said := mend_release(warehouse, settings):
                logger.warning(said)
                renew_site(settings)
            take_down_what_readers_see(warehouse, settings)
