"""Rows become facts: the later version of a record wins, nothing counts twice, the sum balances.

One batch is one transaction: either all of it is in the warehouse, with a ledger line that
balances, or nothing is.
"""

import uuid
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime

import duckdb
import polars as pl

from flows.errors import ImpactError
from flows.intake.landing import Batch
from flows.intake.mapping import EVENT_COLUMN
from schemas import CONTRACTS
from schemas.record import stored_columns

KEPT_BY_TOMBSTONES = ("record_id", "deleted", "updated_at")


@dataclass
class Attempt:
    """The ledger line of one attempt to load one batch, filled while it goes on."""

    batch: Batch
    as_of: datetime
    attempt_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    rows_in: int = 0
    loaded: int = 0
    unchanged: int = 0
    superseded: int = 0
    duplicates: int = 0
    tombstoned: int = 0
    quarantined: int = 0
    ignored: int = 0

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


def upsert(connection: duckdb.DuckDBPyConnection, attempt: Attempt, good: pl.DataFrame) -> None:
    """Bring one page of good rows into `record.<feed>`; adds to the attempt's counts."""
    if good.is_empty():
        return
    batch = attempt.batch
    columns = list(stored_columns(CONTRACTS[batch.feed]))
    rows = good.select(columns).with_columns(
        pl.coalesce("updated_at", pl.lit(batch.received_at).dt.cast_time_unit("us")).alias(
            "version_at"
        )
    )
    connection.register("page", blank_tombstones(rows, batch.feed).to_arrow())
    connection.execute("CREATE OR REPLACE TEMP TABLE incoming AS SELECT * FROM page")
    connection.unregister("page")
    if rows["record_id"].is_duplicated().any():
        keep_last_versions(connection, attempt, columns)
    meet_known_records(connection, attempt, columns)


def blank_tombstones(rows: pl.DataFrame, feed: str) -> pl.DataFrame:
    """A deleted record keeps its key and its time, nothing else."""
    if not rows["deleted"].any():
        return rows
    kept = (*KEPT_BY_TOMBSTONES, EVENT_COLUMN[feed], "version_at")
    return rows.with_columns(
        pl.when(~pl.col("deleted")).then(pl.col(name)).alias(name)
        for name in rows.columns
        if name not in kept
    )


def content(columns: list[str], table: str) -> str:
    """A record's content as one comparable SQL value."""
    return "(" + ", ".join(f"{table}.{name}" for name in columns) + ")"


def keep_last_versions(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, columns: list[str]
) -> None:
    """Inside one page only the last version of a record goes on; equal ones are duplicates."""
    row = content(columns, "i")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE ranked AS
        SELECT i.*,
               row_number() OVER w AS place_in_line,
               {row} IS NOT DISTINCT FROM first_value({row}) OVER w AS is_same
        FROM incoming AS i
        WINDOW w AS (
            PARTITION BY i.record_id ORDER BY i.version_at DESC, md5(CAST({row} AS VARCHAR))
        )
    """)
    lost = one_row(
        connection,
        "SELECT count(*) FILTER (WHERE is_same), count(*) FILTER (WHERE NOT is_same) "
        "FROM ranked WHERE place_in_line > 1",
    )
    attempt.duplicates += lost[0]
    attempt.superseded += lost[1]
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE incoming AS
        SELECT * EXCLUDE (place_in_line, is_same) FROM ranked WHERE place_in_line = 1
    """)
    connection.execute("DROP TABLE ranked")


def meet_known_records(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, columns: list[str]
) -> None:
    """Compare the page with what the warehouse knows, then replace and insert."""
    batch = attempt.batch
    table = f"record.{batch.feed}"
    key = [batch.place_id, batch.source_id]
    here, there = content(columns, "i"), content(columns, "t")
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE met AS
        SELECT i.record_id,
               t.attempt_id = ? AS is_of_this_attempt,
               CASE WHEN {here} IS NOT DISTINCT FROM {there} THEN 'same'
                    WHEN i.version_at > t.version_at THEN 'replaces'
                    WHEN i.version_at = t.version_at
                     AND md5(CAST({here} AS VARCHAR)) < md5(CAST({there} AS VARCHAR))
                     THEN 'replaces'
                    ELSE 'older' END AS verdict
        FROM {table} AS t
        JOIN incoming AS i ON i.record_id = t.record_id
        WHERE t.place_id = ? AND t.source_id = ?
        """,
        [attempt.attempt_id, *key],
    )
    counts = one_row(
        connection,
        """
        SELECT count(*) FILTER (WHERE verdict = 'same' AND is_of_this_attempt),
               count(*) FILTER (WHERE verdict = 'same' AND NOT is_of_this_attempt),
               count(*) FILTER (
                   WHERE verdict = 'older' OR verdict = 'replaces' AND is_of_this_attempt
               ),
               count(*)
        FROM met
    """,
    )
    attempt.duplicates += counts[0]
    attempt.unchanged += counts[1]
    attempt.superseded += counts[2]
    if counts[3]:
        connection.execute(
            f"""
            DELETE FROM {table}
            WHERE place_id = ? AND source_id = ?
              AND record_id IN (SELECT record_id FROM met WHERE verdict = 'replaces')
            """,
            key,
        )
    new = "WHERE record_id NOT IN (SELECT record_id FROM met WHERE verdict <> 'replaces')"
    connection.execute(
        f"INSERT INTO {table} SELECT ?, ?, *, ? FROM incoming {new if counts[3] else ''}",
        [*key, attempt.attempt_id],
    )


def number_by_content(
    connection: duckdb.DuckDBPyConnection, batch: Batch, good: pl.DataFrame
) -> pl.DataFrame:
    """Give rows of a source without identifiers one made of their content.

    The second of two equal rows gets another number, so that two anonymous people stay two; half
    a file and then all of it give the same identifiers.
    """
    if good.is_empty():
        return good
    columns = [name for name in stored_columns(CONTRACTS[batch.feed]) if name != "record_id"]
    connection.execute(
        "CREATE TEMP TABLE IF NOT EXISTS content_seen (digest VARCHAR, times BIGINT)"
    )
    connection.register("page", good.to_arrow())
    row = content(columns, "p")
    numbered = connection.execute(f"""
        WITH digests AS (
            SELECT p.row_number, md5(CAST({row} AS VARCHAR)) AS digest FROM page AS p
        )
        SELECT d.row_number, d.digest,
               coalesce(s.times, 0)
                   + row_number() OVER (PARTITION BY d.digest ORDER BY d.row_number) AS times
        FROM digests AS d
        LEFT JOIN (SELECT digest, max(times) AS times FROM content_seen GROUP BY digest) AS s
            ON s.digest = d.digest
    """).pl()
    connection.unregister("page")
    connection.register("numbered", numbered.to_arrow())
    connection.execute("INSERT INTO content_seen SELECT digest, times FROM numbered")
    connection.unregister("numbered")
    identifiers = numbered.select(
        "row_number",
        pl.concat_str(pl.lit("c:"), "digest", pl.lit("-"), "times").alias("record_id"),
    )
    return good.drop("record_id").join(identifiers, on="row_number", how="left")


def quarantine(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, sheet: str, rejects: pl.DataFrame
) -> None:
    """Keep the reasons of one page."""
    if rejects.is_empty():
        return
    batch = attempt.batch
    connection.register("refused", rejects.to_arrow())
    connection.execute(
        "INSERT INTO ledger.quarantine SELECT ?, ?, ?, ?, ?, ?, ?, * FROM refused",
        [attempt.attempt_id, batch.batch_id, batch.place_id, batch.feed, batch.source_id,
         batch.file_name, sheet],
    )  # fmt: skip
    connection.unregister("refused")


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
    attempt.loaded, attempt.tombstoned = live
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
        "INSERT INTO ledger.attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            attempt.attempt_id, attempt.batch.batch_id, datetime.now(UTC), attempt.as_of,
            outcome, reason, attempt.rows_in, attempt.loaded, attempt.unchanged,
            attempt.superseded, attempt.duplicates, attempt.tombstoned, attempt.quarantined,
            attempt.ignored,
        ],
    )  # fmt: skip
