"""Records of days that a network keeps no longer: they go, and no delivery brings them back."""

from datetime import date

import duckdb

from flows.intake.ledger import Attempt
from schemas import CONTRACTS, FEEDS


def leave_out_old(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, proof: dict[date, bool],
    keep_from: date | None,
) -> dict[date, bool]:  # fmt: skip
    """Take records of days that are not kept any more out again; the proof of the other days.

    They count as not asked for.
    """
    if keep_from is None:
        return proof
    feed = attempt.batch.feed
    rows = connection.execute(
        f"DELETE FROM record.{feed} "
        f"WHERE attempt_id = ? AND NOT deleted AND {is_old(feed)} RETURNING 1",
        [attempt.attempt_id, keep_from],
    ).fetchall()
    attempt.ignored += len(rows)
    attempt.not_asked += len(rows)
    return {day: seen for day, seen in proof.items() if day >= keep_from}


def drop_old_records(connection: duckdb.DuckDBPyConnection, keep_from: date) -> int:
    """Records of days before this one, and the proof of those days; how many records went.

    Without its proof a day is unknown, not empty: no figure takes it for a zero.
    """
    gone = 0
    for feed in CONTRACTS:
        rows = connection.execute(
            f"DELETE FROM record.{feed} WHERE {is_old(feed)} RETURNING 1", [keep_from]
        )
        gone += len(rows.fetchall())
    for table, day in (("proof", "day"), ("dated", "until_day"), ("quarantine", "day")):
        connection.execute(f"DELETE FROM ledger.{table} WHERE {day} < ?", [keep_from])
    return gone


def is_old(feed: str) -> str:
    """Whether a record was over before a day, as SQL; what lasts and has no end is not."""
    return f"CAST({FEEDS[feed].ends or FEEDS[feed].day} AS DATE) < ?"
