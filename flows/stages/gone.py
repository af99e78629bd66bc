"""What goes of somebody in the warehouse: records become tombstones, refused rows are deleted."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

import duckdb
import polars as pl

from flows.intake.erasure import FOR_EVER
from flows.intake.forgotten import IsOf
from flows.intake.inbox import WAITING
from flows.intake.pseudonym import Pseudonym, canonical_source_id
from flows.intake.removal import into_tombstones
from flows.language import _
from flows.places import Place
from flows.sources import Source
from flows.stages.mentions import Mentions
from schemas import CONTRACTS


@dataclass
class Gone:
    """What went of somebody, without saying of whom."""

    attempt_id: uuid.UUID
    """Of the tombstones."""
    records: int = 0
    tombstones: int = 0
    """Of the records; of the others the list alone is left."""
    reasons: int = 0
    batches: int = 0
    others: int = 0
    """Rows of other people in the landed batches that went: nobody can read them again."""
    unread: int = 0
    """Of the batches, those that no run had loaded yet."""

    def said(self, place_id: str) -> str:
        return _(
            "{place}: somebody asked to be forgotten; erased: {records} records, {reasons} reasons "
            "of refusal, {batches} landed batches"
        ).format(place=place_id, records=self.records, reasons=self.reasons, batches=self.batches)


def note_receipts(
    warehouse: duckdb.DuckDBPyConnection, place: Place, pending: list[str], gone: Gone,
    as_of: datetime,
) -> None:  # fmt: skip
    """Attempts without a batch, whose rows are the tombstones: the next build sees a change.

    What goes because a stopped forgetting is taken up is a line that names no one at all.
    """
    for number, receipt in enumerate(pending or [f"erasure-{gone.attempt_id.hex[:16]}"]):
        count = gone.tombstones if number == 0 else 0
        warehouse.execute(
            "INSERT INTO ledger.attempt "
            "VALUES (?, ?, ?, ?, 'accepted', ?, ?, 0, 0, 0, 0, ?, 0, 0, 0, 0, 0)",
            [gone.attempt_id if number == 0 else uuid.uuid4(), receipt, datetime.now(UTC), as_of,
             gone.said(place.id), count, count],
        )  # fmt: skip


def known_pseudonyms(warehouse: duckdb.DuckDBPyConnection, place: Place, is_of: IsOf) -> list[str]:
    """The pseudonyms in the records of a place that are looked for."""
    each = " UNION ".join(
        f"SELECT person_key FROM record.{feed} WHERE place_id = $place" for feed in CONTRACTS
    )
    rows = warehouse.execute(each, {"place": place.id}).fetchall()
    return [key for (key,) in rows if key is not None and is_of(key)]


def erase_people(
    warehouse: duckdb.DuckDBPyConnection, place: Place, there: Mentions, pseudonym: Pseudonym,
    is_of: IsOf,
) -> Gone:  # fmt: skip
    """Take them out of records and refused rows; the caller holds the transaction.

    A tombstone keeps the number of its record and its time. Where the number was made of what the
    row says, or is that of the person, the whole row goes: the list alone keeps it away.
    """
    batches = [*there.batches, *there.unreadable]
    unread = sum((batch.payload.parent / WAITING).exists() for batch in batches)
    gone = Gone(uuid.uuid4(), batches=len(batches), others=there.others, unread=unread)
    keys = known_pseudonyms(warehouse, place, is_of)
    personal = [source for source in place.sources if numbers_people(source)]
    records = there.records | numbers_refused(warehouse, place, personal, pseudonym, is_of)
    with_table(warehouse, "theirs", [*records], ["source_id", "record_id"])
    for feed in CONTRACTS:
        rows = warehouse.execute(
            f"{into_tombstones(feed)} WHERE place_id = $place AND version_at < $version_at "
            "AND (list_contains($keys, person_key) "
            "OR (source_id, record_id) IN (SELECT t.source_id, t.record_id FROM theirs AS t)) "
            "RETURNING source_id, record_id",
            {"place": place.id, "version_at": FOR_EVER, "attempt": gone.attempt_id, "keys": keys},
        ).fetchall()
        records |= {*rows}
        deleted = warehouse.execute(
            f"DELETE FROM record.{feed} WHERE attempt_id = ? "
            "AND (starts_with(record_id, 'c:') OR list_contains(?, source_id)) RETURNING 1",
            [gone.attempt_id, [source.id for source in personal]],
        ).fetchall()
        gone.records += len(rows)
        gone.tombstones += len(rows) - len(deleted)
    with_table(warehouse, "theirs", [*records], ["source_id", "record_id"])
    gone.reasons = drop_refused(warehouse, place, there)
    warehouse.execute("DROP TABLE theirs")
    return gone


def numbers_people(source: Source) -> bool:
    """Is the number of a record that of a person?"""
    own, given = source.identity.source_id, source.columns.get("record_id", [])
    return bool(own) and own in ([given] if isinstance(given, str) else given)


def numbers_refused(
    warehouse: duckdb.DuckDBPyConnection, place: Place, personal: list[Source],
    pseudonym: Pseudonym, is_of: IsOf,
) -> set[tuple[str, str]]:  # fmt: skip
    """Numbers of refused rows that are those of somebody who is looked for."""
    found = set()
    for source in personal:
        rows = warehouse.execute(
            "SELECT DISTINCT record_id FROM ledger.quarantine "
            "WHERE place_id = ? AND source_id = ? AND record_id IS NOT NULL",
            [place.id, source.id],
        ).fetchall()
        numbers = pl.DataFrame(
            {source.identity.source_id: [number for (number,) in rows]},
            schema={str(source.identity.source_id): pl.String},
        )
        for number, own in zip(rows, canonical_source_id(numbers, source), strict=True):
            if own is not None and is_of(pseudonym(f"source_id|{own}")):
                found.add((source.id, number[0]))
    return found


def drop_refused(warehouse: duckdb.DuckDBPyConnection, place: Place, there: Mentions) -> int:
    """Delete the reasons of their refused rows, and what is noted of which delivery held them."""
    with_table(warehouse, "theirs_refused", [*there.rows], ["batch_id", "sheet", "row_number"])
    rows = warehouse.execute(
        """
        DELETE FROM ledger.quarantine AS q
        WHERE q.place_id = ? AND (
            (q.source_id, q.record_id) IN (SELECT t.source_id, t.record_id FROM theirs AS t)
            OR (q.batch_id, q.sheet, q.row_number) IN (
                SELECT r.batch_id, r.sheet, r.row_number FROM theirs_refused AS r
            ))
        RETURNING 1
        """,
        [place.id],
    ).fetchall()
    warehouse.execute(
        """
        DELETE FROM ledger.held AS h WHERE (h.batch_id, h.record_id) IN (
            SELECT b.batch_id, t.record_id FROM theirs AS t
            INNER JOIN ledger.batch AS b ON b.source_id = t.source_id AND b.place_id = ?
        )
        """,
        [place.id],
    )
    warehouse.execute("DROP TABLE theirs_refused")
    return len(rows)


def with_table(
    warehouse: duckdb.DuckDBPyConnection, name: str, rows: list[tuple[object, ...]],
    columns: list[str],
) -> None:  # fmt: skip
    """A temporary table of these rows."""
    kinds = {column: pl.Int64 if column == "row_number" else pl.String for column in columns}
    table = pl.DataFrame(rows, schema=kinds, orient="row").to_arrow()
    warehouse.register("given", table)
    warehouse.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM given")
    warehouse.unregister("given")
