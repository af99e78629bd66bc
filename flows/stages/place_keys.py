"""The key that makes the pseudonyms of a place, checked against the warehouse."""

from datetime import UTC, datetime

import duckdb

from flows.intake.pseudonym import fingerprint, make_public_key, place_key
from flows.places import Place
from flows.settings import Settings


def known_key(warehouse: duckdb.DuckDBPyConnection, place: Place, settings: Settings) -> bytes:
    """The place's key, checked against the one that the warehouse knows."""
    row = warehouse.execute(
        "SELECT key_fingerprint FROM ledger.place_key WHERE place_id = ?", [place.id]
    ).fetchone()
    if row is None and place.is_synthetic and settings.person_key == "place":
        make_public_key(settings.key_file(place.id), place.id)
    key = place_key(settings.key_file(place.id), place.id, row[0] if row else None)
    if row is None:
        warehouse.execute(
            "INSERT INTO ledger.place_key VALUES (?, ?, ?)",
            [place.id, fingerprint(key), datetime.now(UTC)],
        )
    return key
