"""The ledger: one line per attempt to load a batch, which must account for every row."""

import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime

import duckdb
import polars as pl

from flows.errors import ImpactError
from flows.intake.landing import Batch


@dataclass
class Attempt:
    """The ledger line of one attempt to load one batch, filled while it goes on."""

    batch: Batch
    as_of: datetime
    attempt_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    rows_in: int = 0
    loaded: int = 0
    unchanged: int = 0
    superseded: int = 0
    duplicates: int = 0
    tombstoned: int = 0
    quarantined: int = 0
    ignored: int = 0
    removed: int = 0
    """Records that were there before and that this delivery no longer holds: not of the balance."""

    def imbalance(self) -> int:
        return self.rows_in - (
            self.loaded + self.unchanged + self.superseded + self.duplicates
            + self.tombstoned + self.quarantined + self.ignored
        )  # fmt: skip


def one_row(
    connection: duckdb.DuckDBPyConnection, sql: str, values: list[object] | None = None
) -> tuple[int, ...]:
    """The row of counts that an aggregate always gives."""
    row = connection.execute(sql, values or []).fetchone()
    assert row is not None
    return row


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
        "SELECT count(DISTINCT (sheet, row_number)) FROM ledger.quarantine WHERE attempt_id = ?",
        [attempt.attempt_id],
    )[0]
    if attempt.imbalance():
        raise ImpactError(
            f"{attempt.imbalance()} of {attempt.rows_in} rows are not accounted for",
            where=f"{batch.place_id}, {batch.file_name}",
            remedy="nothing was loaded; report this fault with the ledger line",
        )
    write_attempt(connection, attempt, outcome="accepted", reason="")
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


def write_attempt(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, *, outcome: str, reason: str
) -> None:
    """The batch, once, and one line for this attempt."""
    batch = asdict(attempt.batch)
    del batch["payload"]
    known = one_row(
        connection, "SELECT count(*) FROM ledger.batch WHERE batch_id = ?", [attempt.batch.batch_id]
    )[0]
    if not known:
        marks = ", ".join("?" for _ in batch)
        connection.execute(f"INSERT INTO ledger.batch VALUES ({marks})", list(batch.values()))
    connection.execute(
        "INSERT INTO ledger.attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            attempt.attempt_id, attempt.batch.batch_id, datetime.now(UTC), attempt.as_of,
            outcome, reason, attempt.rows_in, attempt.loaded, attempt.unchanged,
            attempt.superseded, attempt.duplicates, attempt.tombstoned, attempt.quarantined,
            attempt.ignored, attempt.removed,
        ],
    )  # fmt: skip
