"""What is held of one person at a place: their records, which delivery brought each, and when.

The right of access is theirs: rows of nobody else, and only what the warehouse and landing have.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from flows.intake.forgotten import Person, pseudonyms_of
from flows.intake.landing import Batch
from flows.intake.pseudonym import pseudonymiser_of
from flows.places import Place
from flows.settings import Settings
from flows.stages.forget import mentions, refuse_nobody
from flows.stages.gone import known_pseudonyms
from flows.stages.place_keys import known_key
from flows.warehouse.database import open_to_load
from schemas import CONTRACTS, FEEDS
from schemas.record import stored_columns


@dataclass(frozen=True)
class Held:
    """Feed → the person's records, oldest first; and the received files that name them."""

    records: dict[str, pl.DataFrame]
    files: list[Batch]

    @property
    def count(self) -> int:
        return sum(map(len, self.records.values()))


def held_of(place: Place, settings: Settings, person: Person, as_of: datetime) -> Held:
    """Raises ConfigurationError where what they gave is nothing, or no one's own.

    The caller is the only writer.
    """
    with open_to_load(settings) as warehouse:
        pseudonym = pseudonymiser_of(place, settings, known_key(warehouse, place, settings))
        asked = pseudonyms_of(person, place, pseudonym)
        refuse_nobody(warehouse, place, asked)
        there = mentions(warehouse, place, settings, pseudonym, asked.__contains__, as_of)
        keys = known_pseudonyms(warehouse, place, (asked | there.pseudonyms).__contains__)
        found = {
            feed: records_of(warehouse, place, feed, keys, sorted(there.records))
            for feed in CONTRACTS
        }
    return Held(found, there.batches)


def records_of(
    warehouse: duckdb.DuckDBPyConnection, place: Place, feed: str, keys: list[str],
    numbers: list[tuple[str, str]],
) -> pl.DataFrame:  # fmt: skip
    """What the contract says of each record but the pseudonym, and where it came from."""
    columns = [name for name in stored_columns(CONTRACTS[feed]) if name != "person_key"]
    cells = ", ".join(f"r.{name}" for name in columns)
    return warehouse.execute(
        f"""
        SELECT r.source_id, b.file_name, b.received_at, {cells}
        FROM record.{feed} AS r
        LEFT JOIN ledger.attempt AS a ON a.attempt_id = r.attempt_id
        LEFT JOIN ledger.batch AS b ON b.batch_id = a.batch_id
        WHERE r.place_id = $place AND NOT r.deleted
          AND (list_contains($keys, r.person_key)
               OR list_contains($numbers, r.source_id || '|' || r.record_id))
        ORDER BY r.{FEEDS[feed].event}, r.source_id, r.record_id
        """,
        {"place": place.id, "keys": keys, "numbers": ["|".join(one) for one in numbers]},
    ).pl()
