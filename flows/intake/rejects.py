"""Refused rows that wait: until their record comes again, or until somebody sets them aside."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime

import duckdb

from flows.errors import ConfigurationError
from flows.intake.ledger import Attempt, one_row
from flows.language import _
from flows.sources import Source
from flows.spelling import did_you_mean


def close_rejects(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, source: Source, days: Iterable[date]
) -> None:
    """Close what was refused before and came again, and count the rows that are now good.

    A row with an identifier of its own comes again with its record, in any file of the source; a
    row without one, with a file of the same name, or of a source that appends with one that holds
    all good rows of its delivery. A snapshot speaks for all rows, a delivery of a period for those
    of its `days`; and the same row of another delivery is the same. A row that is refused again has
    its reject in this attempt, and that one stays open. To be called before versions are settled: a
    record that says what was known before is still there then.
    """
    batch = attempt.batch
    is_whole = source.delivery == "snapshot" and not (batch.window_from or batch.window_to)
    is_open = (
        "q.place_id = $place AND q.source_id = $source AND q.attempt_id <> $attempt "
        "AND q.closed_by IS NULL"
    )
    connection.execute(
        f"""
        WITH seen AS (
            -- few are open, whatever the size of the file: its identifiers stay on the disk
            SELECT t.record_id FROM record.{batch.feed} AS t
            WHERE t.attempt_id = $attempt
              AND t.record_id IN (SELECT q.record_id FROM ledger.quarantine AS q WHERE {is_open})
            UNION
            SELECT r.record_id FROM ledger.quarantine AS r WHERE r.attempt_id = $attempt
        )
        UPDATE ledger.quarantine AS q SET closed_by = $attempt
        FROM ledger.batch AS b
        WHERE b.batch_id = q.batch_id AND b.received_at <= $received_at AND {is_open}
          AND ($is_whole OR coalesce(list_contains($days, q.day), false) OR CASE
                  WHEN q.record_id IS NULL
                      THEN q.name_digest = $name_digest
                      OR list_contains($held_whole, q.batch_id)
                  ELSE q.record_id IN (SELECT s.record_id FROM seen AS s)
              END)
        """,
        {
            "attempt": attempt.attempt_id, "received_at": batch.received_at,
            "place": batch.place_id, "source": batch.source_id, "name_digest": attempt.name_digest,
            "held_whole": held_whole(connection, attempt), "is_whole": is_whole,
            "days": [*days] if source.delivery == "period" else [],
        },
    )  # fmt: skip
    close_same_rows(connection, attempt)
    if source.delivery == "append":
        note_held(connection, attempt)
    attempt.closed_rejects = count_closed(connection, attempt)


def held_whole(connection: duckdb.DuckDBPyConnection, attempt: Attempt) -> list[str]:
    """Batches with open rejects of which this delivery holds every record."""
    batch = attempt.batch
    rows = connection.execute(
        f"""
        WITH held AS (
            SELECT h.* FROM ledger.held AS h
            INNER JOIN ledger.batch AS b ON b.batch_id = h.batch_id
            WHERE b.place_id = $place AND b.source_id = $source
        )
        SELECT h.batch_id FROM held AS h
        GROUP BY h.batch_id
        HAVING bool_and(h.record_id IN (
            SELECT t.record_id FROM record.{batch.feed} AS t
            WHERE t.attempt_id = $attempt AND t.record_id IN (SELECT a.record_id FROM held AS a)
        ))
        """,
        {"place": batch.place_id, "source": batch.source_id, "attempt": attempt.attempt_id},
    ).fetchall()
    return [batch_id for (batch_id,) in rows]


def close_same_rows(connection: duckdb.DuckDBPyConnection, attempt: Attempt) -> None:
    """What was closed stands in other deliveries too: there it is the same row, and closed."""
    batch = attempt.batch
    connection.execute(
        """
        UPDATE ledger.quarantine AS q SET closed_by = $attempt
        FROM ledger.batch AS b
        WHERE b.batch_id = q.batch_id AND b.received_at <= $received_at
          AND q.place_id = $place AND q.source_id = $source AND q.closed_by IS NULL
          AND q.digest IN (
              SELECT c.digest FROM ledger.quarantine AS c WHERE c.closed_by = $attempt
              EXCEPT
              SELECT r.digest FROM ledger.quarantine AS r WHERE r.attempt_id = $attempt
          )
        """,
        {
            "attempt": attempt.attempt_id, "received_at": batch.received_at,
            "place": batch.place_id, "source": batch.source_id,
        },
    )  # fmt: skip


def note_held(connection: duckdb.DuckDBPyConnection, attempt: Attempt) -> None:
    """Keep what a delivery holds while rows of it wait that only one with all of it can correct."""
    batch_id = attempt.batch.batch_id
    waits = "SELECT q.batch_id FROM ledger.quarantine AS q WHERE q.record_id IS NULL"
    connection.execute(
        f"""
        DELETE FROM ledger.held AS h
        WHERE h.batch_id = ?
           OR h.batch_id NOT IN ({waits} AND q.is_record AND q.closed_by IS NULL)
        """,
        [batch_id],
    )
    connection.execute(
        f"""
        INSERT INTO ledger.held
        SELECT $batch, t.record_id FROM record.{attempt.batch.feed} AS t
        WHERE t.attempt_id = $attempt
          AND EXISTS ({waits} AND q.is_record AND q.attempt_id = $attempt)
        """,
        {"batch": batch_id, "attempt": attempt.attempt_id},
    )


def count_closed(connection: duckdb.DuckDBPyConnection, attempt: Attempt) -> int:
    """Rows that this attempt closed and did not refuse again.

    Rows without an identifier move when a line above them goes: they are compared by number alone.
    """
    rows = "count(DISTINCT (q.batch_id, q.sheet, q.row_number))"
    corrected, before, again = one_row(
        connection,
        f"""
        WITH refused AS (SELECT * FROM ledger.quarantine WHERE attempt_id = $attempt)
        SELECT {rows} FILTER (
                   q.record_id IS NOT NULL
                   AND q.record_id NOT IN (SELECT coalesce(record_id, '') FROM refused)
               ),
               {rows} FILTER (q.record_id IS NULL),
               (SELECT {rows} FROM refused AS q WHERE q.record_id IS NULL)
        FROM ledger.quarantine AS q
        WHERE q.closed_by = $attempt
        """,
        {"attempt": attempt.attempt_id},
    )
    return corrected + max(0, before - again)


def set_aside(
    connection: duckdb.DuckDBPyConnection, batch_ids: Sequence[str], reason: str, said_by: str
) -> int:
    """Note who sets the open rejects of these batches aside, when and why; how many rows they are.

    Raises ConfigurationError for a batch that has none: nothing is noted of the others then.
    """
    rows = connection.execute("SELECT DISTINCT batch_id FROM ledger.open_reject").fetchall()
    waiting = {batch_id for (batch_id,) in rows}
    for batch_id in batch_ids:
        if batch_id not in waiting:
            raise ConfigurationError(
                _("no row of the batch {batch_id!r} is to be corrected").format(batch_id=batch_id),
                remedy=did_you_mean(
                    batch_id, sorted(waiting), _("take a batch that `impact rejects` shows")
                ),
            )
    (count,) = one_row(
        connection,
        "SELECT count(DISTINCT (batch_id, sheet, row_number)) FROM ledger.open_reject "
        "WHERE list_contains(?, batch_id)",
        [[*batch_ids]],
    )
    for batch_id in dict.fromkeys(batch_ids):
        connection.execute(
            "INSERT INTO ledger.set_aside VALUES (?, ?, ?, ?)",
            [batch_id, datetime.now(UTC), said_by, reason],
        )
    return count


def drop_old(connection: duckdb.DuckDBPyConnection, before: datetime) -> int:
    """Of rows that were refused before an instant, drop what nobody needs any more; count lines.

    A line that was corrected goes. One that is open stays, since its row is still lost and its
    number finds it when it comes again; the shape of its cell goes. The caller holds the
    transaction.
    """
    old = "attempt_id IN (SELECT a.attempt_id FROM ledger.attempt AS a WHERE a.attempted_at < $at)"
    gone = connection.execute(
        f"DELETE FROM ledger.quarantine WHERE {old} AND (closed_by IS NOT NULL OR NOT is_record) "
        "RETURNING 1",
        {"at": before},
    ).fetchall()
    emptied = connection.execute(
        f"UPDATE ledger.quarantine SET mask = NULL WHERE {old} AND mask IS NOT NULL RETURNING 1",
        {"at": before},
    ).fetchall()
    return len(gone) + len(emptied)
