"""Rows become facts: the later version of a record wins and nothing counts twice.

One batch is one transaction. Its pages are appended as they come; when all are there, one look at
the identifiers that stand more than once settles which version stays.
"""

from collections.abc import Iterator, Sequence

import duckdb
import polars as pl

from flows.intake.landing import Batch
from flows.intake.ledger import Attempt, one_row
from flows.intake.mapping import PERSONAL_COLUMNS
from flows.intake.shared_addresses import is_not_shared
from flows.records import PAGES
from flows.sources import Source
from schemas import CONTRACTS, FEEDS
from schemas.codes import SENSITIVE_SERVICES
from schemas.record import stored_columns

WHO = ("person_key", "identity_kind")
SERVICE_COLUMNS = ("service_code", "space_code")
KEPT_BY_TOMBSTONES = (
    "place_id", "source_id", "record_id", "deleted", "updated_at", "version_at", "attempt_id",
)  # fmt: skip


def known_records(connection: duckdb.DuckDBPyConnection, place_id: str, source: Source) -> set[str]:
    """Numbers of the records of a source that are not deleted."""
    rows = connection.execute(
        f"SELECT record_id FROM record.{source.feed} "
        "WHERE place_id = ? AND source_id = ? AND NOT deleted",
        [place_id, source.id],
    ).fetchall()
    return {number for (number,) in rows}


def append_page(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, good: pl.DataFrame, source: Source
) -> None:
    """Add one page of good rows to `record.<feed>`, whatever is known of these records.

    What a replacing delivery holds is as late as the delivery itself, and so is what a system was
    asked for: a later pull of it is right, also when only the mapping has changed.
    """
    if good.is_empty():
        return
    batch = attempt.batch
    received_at = pl.lit(batch.received_at).dt.cast_time_unit("us")
    is_replacing = source.delivery != "append" or batch.file_name.endswith(PAGES)
    version_at = received_at if is_replacing else pl.coalesce("updated_at", received_at)
    rows = good.select(
        pl.lit(batch.place_id).alias("place_id"),
        pl.lit(batch.source_id).alias("source_id"),
        *stored_columns(CONTRACTS[batch.feed]),
        version_at.alias("version_at"),
        pl.lit(attempt.attempt_id).alias("attempt_id"),
    )
    # not `register`: its view would keep each page in memory until the transaction ends
    table = blank_tombstones(rows, batch.feed).to_arrow(compat_level=pl.CompatLevel.newest())
    pages = connection.from_arrow(table)
    pages.insert_into(f"record.{batch.feed}")


def blank_tombstones(rows: pl.DataFrame, feed: str) -> pl.DataFrame:
    """A deleted record keeps its key and its time, nothing else."""
    if not rows["deleted"].any():
        return rows
    kept = (*KEPT_BY_TOMBSTONES, FEEDS[feed].event, FEEDS[feed].day)
    return rows.with_columns(
        pl.when(~pl.col("deleted")).then(pl.col(name)).alias(name)
        for name in rows.columns
        if name not in kept
    )


def content(columns: list[str], table: str) -> str:
    """A record's content as one comparable SQL value."""
    return "(" + ", ".join(f"{table}.{name}" for name in columns) + ")"


def resolve_versions(
    connection: duckdb.DuckDBPyConnection,
    attempt: Attempt,
    identities_kept: Sequence[str] = (),
) -> None:
    """Leave one version of each record; adds what was dropped to the attempt's counts.

    With `identities_kept`, the strongest first, a record stays with the person that it was of.

    The latest version wins, inside one pull by `updated_at`; equal ones are settled by a hash of
    their content, so that the order of arrival does not matter; but a batch that is read again
    replaces what its earlier reading made of the same record. Of rows with the winner's content the
    one that the warehouse knew stays: the new one is then *unchanged*; without one it is a
    *duplicate*; any other content is *superseded*.
    """
    batch = attempt.batch
    table = f"record.{batch.feed}"
    columns = list(stored_columns(CONTRACTS[batch.feed]))
    find_contested(connection, attempt, table)
    if not one_row(connection, "SELECT count(*) FROM contested")[0]:
        return
    if identities_kept:
        keep_people(connection, attempt, identities_kept)
    connection.execute(
        versions(table, content(columns, "t")),
        [attempt.attempt_id, batch.batch_id, batch.place_id, batch.source_id],
    )
    counts = one_row(
        connection,
        """
        SELECT count(*) FILTER (WHERE has_winning_content AND was_known),
               count(*) FILTER (WHERE has_winning_content AND NOT was_known),
               count(*) FILTER (WHERE NOT has_winning_content)
        FROM versions WHERE is_new AND NOT stays
        """,
    )
    attempt.unchanged, attempt.duplicates, attempt.superseded = counts
    connection.execute(
        f"DELETE FROM {table} WHERE rowid IN (SELECT position FROM versions WHERE NOT stays)"
    )


def keep_people(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, identities: Sequence[str]
) -> None:
    """Each contested record is of the person whom its strongest identity named, in any version.

    Whoever deletes an account at the source is not known there any more, or by a number alone. That
    must make nobody fewer, and nobody two. A deleted record is of nobody, and a group of no one.
    """
    batch = attempt.batch
    columns = stored_columns(CONTRACTS[batch.feed])
    told = [name for name in PERSONAL_COLUMNS if name in columns and name not in WHO]
    fields = ", ".join(f"{name} := {name}" for name in (*WHO, *told))
    of_one = "AND t.headcount = 1" if "headcount" in columns else ""
    connection.execute(
        f"""
        UPDATE record.{batch.feed} AS t
        SET {", ".join(f"{name} = k.known.{name}" for name in WHO)},
            {", ".join(f"{name} = coalesce(t.{name}, k.known.{name})" for name in told)}
        FROM (
            SELECT record_id,
                   min(list_position($identities, identity_kind)) AS rank,
                   max_by(
                       struct_pack({fields}),
                       (-list_position($identities, identity_kind), version_at, person_key)
                   ) AS known
            FROM record.{batch.feed}
            WHERE place_id = $place AND source_id = $source AND NOT deleted
              AND list_contains($identities, CAST(identity_kind AS VARCHAR))
              AND {is_not_shared("person_key")}
              AND record_id IN (SELECT record_id FROM contested)
            GROUP BY record_id
        ) AS k
        WHERE t.place_id = $place AND t.source_id = $source AND t.record_id = k.record_id
          AND NOT t.deleted {of_one} AND {is_not_sensitive(batch.feed, "t")}
          AND coalesce(list_position($identities, t.identity_kind), k.rank + 1) > k.rank
        """,
        {"identities": [*identities], "place": batch.place_id, "source": batch.source_id},
    )


def is_not_sensitive(feed: str, table: str) -> str:
    """Whether a row may be of somebody, as SQL: those of some services are of nobody."""
    column = next((name for name in SERVICE_COLUMNS if name in stored_columns(CONTRACTS[feed])), "")
    codes = ", ".join(f"'{code}'" for code in SENSITIVE_SERVICES)
    return f"coalesce({table}.{column} NOT IN ({codes}), true)" if column else "true"


def versions(table: str, row: str) -> str:
    """The statement that ranks all versions of the contested records of one source."""
    return f"""
        CREATE OR REPLACE TEMP TABLE versions AS
        SELECT v.*,
               row_number() OVER (
                   PARTITION BY v.record_id, v.has_winning_content ORDER BY v.is_new, v.position
               ) = 1 AND v.has_winning_content AS stays,
               bool_or(v.has_winning_content AND NOT v.is_new) OVER (PARTITION BY v.record_id)
                   AS was_known
        FROM (
            SELECT t.rowid AS position, t.record_id, t.attempt_id = ? AS is_new,
                   {row} IS NOT DISTINCT FROM first_value({row}) OVER (
                       PARTITION BY t.record_id
                       ORDER BY t.version_at DESC, t.updated_at DESC NULLS LAST,
                                t.attempt_id IN (
                                    SELECT attempt_id FROM ledger.attempt WHERE batch_id = ?
                                ),
                                md5(CAST({row} AS VARCHAR))
                   ) AS has_winning_content
            FROM {table} AS t
            WHERE t.place_id = ? AND t.source_id = ?
              AND t.record_id IN (SELECT record_id FROM contested)
        ) AS v
    """


def find_contested(connection: duckdb.DuckDBPyConnection, attempt: Attempt, table: str) -> None:
    """Identifiers that came twice, or that the warehouse knew before this attempt."""
    batch = attempt.batch
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE contested AS
        SELECT record_id FROM {table} WHERE attempt_id = ?
        GROUP BY record_id HAVING count(*) > 1
        """,
        [attempt.attempt_id],
    )
    earlier = "place_id = ? AND source_id = ? AND attempt_id <> ?"
    known: list[object] = [batch.place_id, batch.source_id, attempt.attempt_id]
    if one_row(connection, f"SELECT count(*) FROM {table} WHERE {earlier}", known)[0]:
        connection.execute(
            f"""
            INSERT INTO contested
            SELECT record_id FROM {table} WHERE {earlier}
              AND record_id IN (SELECT record_id FROM {table} WHERE attempt_id = ?)
            """,
            [*known, attempt.attempt_id],
        )


def digested_columns(feed: str) -> Iterator[str]:
    """What makes a row another row: an identifier of it holds from one version to the next."""
    for name, column in stored_columns(CONTRACTS[feed]).items():
        if name != "record_id" and column.metadata["kind"] != "local":
            yield name


def number_by_content(
    connection: duckdb.DuckDBPyConnection, batch: Batch, good: pl.DataFrame
) -> pl.DataFrame:
    """Give rows of a source without identifiers one made of their content.

    The second of two equal rows gets another number, so that two anonymous people stay two; half
    a file and then all of it give the same identifiers.
    """
    if good.is_empty():
        return good
    columns = list(digested_columns(batch.feed))
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


def note_doubts(attempt: Attempt, doubts: pl.DataFrame) -> None:
    """Count the cells of one page that were left out."""
    columns = ["header", "field", "rule", "sentence_fr", "sentence_en"]
    counted = doubts.group_by(columns).agg(pl.len().cast(pl.Int64).alias("cells"))
    for *reason, cells in counted.iter_rows():
        attempt.doubts[tuple(reason)] = attempt.doubts.get(tuple(reason), 0) + cells


def quarantine(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, sheet: str, rejects: pl.DataFrame
) -> None:
    """Keep the reasons of one page."""
    if rejects.is_empty():
        return
    batch = attempt.batch
    connection.register("refused", rejects.to_arrow())
    connection.execute(
        "INSERT INTO ledger.quarantine SELECT ?, ?, ?, ?, ?, ?, ?, *, NULL FROM refused",
        [attempt.attempt_id, batch.batch_id, batch.place_id, batch.feed, batch.source_id,
         batch.file_name, sheet],
    )  # fmt: skip
    connection.unregister("refused")
