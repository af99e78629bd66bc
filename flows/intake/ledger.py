"""The ledger: one line per attempt to load a batch, which must account for every row."""

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.errors import ImpactError
from flows.intake.landing import Batch
from flows.language import _
from flows.settings import TIME_ZONE
from flows.sources import Source

Dated = Counter[tuple[date, date | None]]
"""First and last day of rows → how many there are; a contract without an end has no last day."""


@dataclass
class Attempt:
    """The ledger line of one attempt to load one batch, filled while it goes on."""

    batch: Batch
    as_of: datetime
    attempt_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    name_digest: str = ""
    """Of the file's name: see `flows.shown_names`."""
    sheets: dict[str, str] = field(default_factory=dict)
    """What is shown of each sheet → its name, where these differ and rows of it were refused."""
    rows_in: int = 0
    loaded: int = 0
    unchanged: int = 0
    superseded: int = 0
    duplicates: int = 0
    tombstoned: int = 0
    quarantined: int = 0
    ignored: int = 0
    not_records: int = 0
    """Of the ignored, totals, headings and lines without content."""
    not_asked: int = 0
    """Of the ignored, rows of other days than those that were asked for."""
    dated: Dated = field(default_factory=Dated)
    """First and last day of rows that have them → how many."""
    removed: int = 0
    """Records that were there before and that this delivery no longer holds: not of the balance."""
    doubts: dict[tuple[str, str, str, str, str], int] = field(default_factory=dict)
    """Header, column, rule and its sentences → cells that were left out. Not of the balance."""
    shared_addresses: int = 0
    """Addresses that this delivery showed to be several people's. Not of the balance."""
    closed_rejects: int = 0
    """Rows refused before this attempt that came again in it and were good. Not of the balance."""
    outside: int = 0
    """Good rows of days for which the source does not speak: kept, not counted in any figure."""
    forgotten: int = 0
    """Of the ignored, rows of people who asked to be forgotten."""
    is_whole: bool = True
    """False where the system may keep records from our account without saying so."""
    is_part: bool = False
    """More of the same stands beside it, unread."""
    goes_on: bool = False
    """Is it a list of what goes on, without what had ended: of those employed now?"""
    on_closures: list[date] = field(default_factory=list)
    """Days with somebody there, though the place said that it would be closed."""

    def imbalance(self) -> int:
        return self.rows_in - (
            self.loaded + self.unchanged + self.superseded + self.duplicates
            + self.tombstoned + self.quarantined + self.ignored
        )  # fmt: skip


def one_row(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    values: list[object] | dict[str, object] | None = None,
) -> tuple[int, ...]:
    """The row of counts that an aggregate always gives."""
    row = connection.execute(sql, values or []).fetchone()
    assert row is not None
    return row


def accepted_name(connection: duckdb.DuckDBPyConnection, batch: Batch) -> str | None:
    """What is shown of the name under which this batch was accepted; None when it was not."""
    row = connection.execute(
        """
        SELECT b.file_name FROM ledger.batch AS b
        INNER JOIN ledger.attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
        WHERE b.batch_id = ? LIMIT 1
        """,
        [batch.batch_id],
    ).fetchone()
    return str(row[0]) if row else None


def receipts(warehouse: duckdb.DuckDBPyConnection, place_id: str) -> set[str]:
    """Who was forgotten at a place, by the ledger: it knows of them no more than that."""
    rows = warehouse.execute(
        "SELECT batch_id FROM ledger.attempt WHERE starts_with(batch_id, ?)",
        [f"forgotten/{place_id}/"],
    ).fetchall()
    return {receipt for (receipt,) in rows}


def accepted_of(connection: duckdb.DuckDBPyConnection, batch_ids: Iterable[str]) -> set[str]:
    """Those of these batches that were accepted."""
    asked = [*batch_ids]
    if not asked:
        return set()
    rows = connection.execute(
        "SELECT DISTINCT batch_id FROM ledger.attempt "
        "WHERE outcome = 'accepted' AND batch_id IN (SELECT unnest(?))",
        [asked],
    ).fetchall()
    return {batch_id for (batch_id,) in rows}


def last_pulls(
    connection: duckdb.DuckDBPyConnection, place_id: str, source: Source
) -> tuple[datetime | None, datetime | None]:
    """Since when a source has to be asked again: the start of the last pull that was loaded, and
    of the last one that asked for everything.

    Only pulls of the same declaration count, and none of days that somebody asked for. As if it
    were later than it was must not leave a gap: the earlier of the two instants counts.
    """
    row = connection.execute(
        r"""
        SELECT max(least(b.received_at, a.as_of)),
               max(least(b.received_at, a.as_of)) FILTER (
                   WHERE NOT regexp_matches(b.file_name, '\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d')
               )
        FROM ledger.batch AS b
        INNER JOIN ledger.attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
        WHERE b.place_id = ? AND b.source_id = ? AND starts_with(b.file_name, ?)
          AND b.window_from IS NULL AND b.window_to IS NULL
        """,
        [place_id, source.id, f"{source.connector}-{source.fingerprint}-"],
    ).fetchone()
    return (row[0], row[1]) if row else (None, None)


def last_pull(connection: duckdb.DuckDBPyConnection, place_id: str, source: Source) -> str:
    """The batch of the last pull of this declaration that was loaded; empty when there is none."""
    row = connection.execute(
        """
        SELECT b.batch_id FROM ledger.batch AS b
        INNER JOIN ledger.attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
        WHERE b.place_id = ? AND b.source_id = ? AND starts_with(b.file_name, ?)
          AND b.window_from IS NULL AND b.window_to IS NULL
        ORDER BY b.received_at DESC LIMIT 1
        """,
        [place_id, source.id, f"{source.connector}-{source.fingerprint}-"],
    ).fetchone()
    return str(row[0]) if row else ""


def waits_to_be_loaded(connection: duckdb.DuckDBPyConnection, batch: Batch) -> bool:
    """Has somebody said yes to what this batch removes, and it is not loaded yet?"""
    (accepted,) = one_row(
        connection,
        "SELECT count(*) FROM ledger.accepted_removal WHERE batch_id = ?",
        [batch.batch_id],
    )
    return accepted > 0 and accepted_name(connection, batch) is None


def settled_batches(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Batches that were accepted and have no row left to correct."""
    rows = connection.execute(
        """
        SELECT a.batch_id FROM ledger.last_attempt AS a WHERE a.outcome = 'accepted'
        EXCEPT
        SELECT q.batch_id FROM ledger.open_reject AS q
        """
    ).fetchall()
    return {batch_id for (batch_id,) in rows}


def settle(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, proof: dict[date, bool]
) -> None:
    """Count what the tables hold, check the balance, write the ledger.

    `rows_in` and `ignored` were counted while reading; `loaded`, `tombstoned` and `quarantined`
    are counted here from the tables themselves. Raises ImpactError when they do not balance.
    """
    batch = attempt.batch
    live = one_row(
        connection,
        "SELECT count(*) FILTER (WHERE NOT deleted), count(*) FILTER (WHERE deleted) "
        f"FROM record.{batch.feed} WHERE attempt_id = ?",
        [attempt.attempt_id],
    )
    attempt.loaded, attempt.tombstoned = live[0], live[1] - attempt.removed
    attempt.quarantined = one_row(
        connection,
        "SELECT count(DISTINCT (sheet, row_number)) FROM ledger.quarantine "
        "WHERE attempt_id = ? AND is_record",
        [attempt.attempt_id],
    )[0]
    if attempt.imbalance():
        raise ImpactError(
            _("{count} of {rows_in} rows are not accounted for").format(
                count=attempt.imbalance(), rows_in=attempt.rows_in
            ),
            where=f"{batch.place_id}, {batch.shown}",
            remedy=_("nothing was loaded; report this fault with the ledger line"),
        )
    write_attempt(connection, attempt, outcome="accepted", reason="")
    keep_dated(connection, attempt)
    connection.execute("DELETE FROM ledger.proof WHERE batch_id = ?", [batch.batch_id])
    days = pl.DataFrame(
        {"day": list(proof), "is_recorded": list(proof.values())},
        schema={"day": pl.Date, "is_recorded": pl.Boolean},
    )
    connection.register("days", days.to_arrow())
    connection.execute(
        "INSERT INTO ledger.proof SELECT ?, ?, ?, ?, * FROM days",
        [batch.batch_id, batch.place_id, batch.feed, batch.source_id],
    )
    connection.unregister("days")
    connection.execute("DROP TABLE IF EXISTS content_seen")


def keep_dated(connection: duckdb.DuckDBPyConnection, attempt: Attempt) -> None:
    """Keep the days of the rows where one was lost whose day is not known: it may be any."""
    batch_id = attempt.batch.batch_id
    connection.execute("DELETE FROM ledger.dated WHERE batch_id = ?", [batch_id])
    undated = one_row(
        connection,
        "SELECT count(*) FROM ledger.quarantine WHERE attempt_id = ? AND is_record AND day IS NULL",
        [attempt.attempt_id],
    )[0]
    if not undated:
        return
    days = pl.DataFrame(
        [(*span, rows) for span, rows in attempt.dated.items()],
        schema={"day": pl.Date, "until_day": pl.Date, "row_count": pl.Int64},
        orient="row",
    )
    connection.register("days", days.to_arrow())
    connection.execute("INSERT INTO ledger.dated SELECT ?, * FROM days", [batch_id])
    connection.unregister("days")


def write_attempt(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, *, outcome: str, reason: str
) -> None:
    """The batch, once, and one line for this attempt."""
    batch = asdict(attempt.batch)
    batch["file_name"] = attempt.batch.shown
    del batch["payload"], batch["payload_sha256"], batch["pattern"]
    known = one_row(
        connection, "SELECT count(*) FROM ledger.batch WHERE batch_id = ?", [attempt.batch.batch_id]
    )[0]
    if not known:
        received_on = attempt.batch.received_at.astimezone(ZoneInfo(TIME_ZONE)).date()
        values = [*batch.values(), received_on]
        marks = ", ".join("?" for _ in values)
        connection.execute(f"INSERT INTO ledger.batch VALUES ({marks})", values)
    else:  # what was refused may come again under its right name
        connection.execute(
            "UPDATE ledger.batch SET file_name = $name WHERE batch_id = $id AND file_name <> $name",
            {"name": attempt.batch.shown, "id": attempt.batch.batch_id},
        )
    connection.execute(
        "INSERT INTO ledger.attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            attempt.attempt_id, attempt.batch.batch_id, datetime.now(UTC), attempt.as_of,
            outcome, reason, attempt.rows_in, attempt.loaded, attempt.unchanged,
            attempt.superseded, attempt.duplicates, attempt.tombstoned, attempt.quarantined,
            attempt.ignored, attempt.removed, attempt.not_records, attempt.not_asked,
        ],
    )  # fmt: skip
    for reason_of_cell, cells in attempt.doubts.items():
        connection.execute(
            "INSERT INTO ledger.doubt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                attempt.attempt_id, attempt.batch.batch_id, attempt.batch.place_id,
                attempt.batch.feed, attempt.batch.source_id, *reason_of_cell, cells,
            ],
        )  # fmt: skip
