"""Rows become facts: the later version of a record wins and nothing counts twice.

One batch is one transaction. Its pages are appended as they come; when all are there, one look at
the identifiers that stand more than once settles which version stays.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

import duckdb
import polars as pl

from flows.errors import BatchRefused
from flows.intake.accounts import keep_people
from flows.intake.landing import Batch
from flows.intake.ledger import Attempt, one_row
from flows.language import _
from flows.records import PAGES
from flows.sources import Source
from schemas import CONTRACTS, FEEDS
from schemas.record import stored_columns

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


def knows_any(connection: duckdb.DuckDBPyConnection, place_id: str, source: Source) -> bool:
    """Is there any record of a source, be it a deleted one? Of its first pull there is none."""
    known = connection.execute(
        f"SELECT 1 FROM record.{source.feed} WHERE place_id = ? AND source_id = ? LIMIT 1",
        [place_id, source.id],
    )
    return known.fetchone() is not None


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
    rows = good.select(*stored_columns(CONTRACTS[batch.feed]), version_at.alias("version_at"))
    # not `register`: its view would keep each page in memory until the transaction ends
    table = blank_tombstones(rows, batch.feed).to_arrow(compat_level=pl.CompatLevel.newest())
    constant = duckdb.ConstantExpression
    page = connection.from_arrow(table).select(
        constant(batch.place_id),
        constant(batch.source_id),
        duckdb.StarExpression(),
        constant(UUID(attempt.attempt_id)),
    )
    page.insert_into(f"record.{batch.feed}")


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


def refuse_numbers_of_several(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, source: Source
) -> None:
    """Raises BatchRefused for rows of two pages that differ under one number.

    Those of one page are refused alone, by the rule `number_of_several`.
    """
    row = content(list(stored_columns(CONTRACTS[attempt.batch.feed])), "t")
    [count] = one_row(
        connection,
        f"""
        SELECT count(*) FROM (
            SELECT t.record_id FROM record.{attempt.batch.feed} AS t WHERE t.attempt_id = ?
            GROUP BY t.record_id HAVING count(*) > 1 AND count(DISTINCT {row}) > 1
        )
        """,
        [attempt.attempt_id],
    )
    if count:
        raise BatchRefused(
            _(
                "{count} numbers stand on rows that differ, and nothing says which is the later"
            ).format(count=count),
            where=_("{where}, column {header}").format(
                where=attempt.batch.shown, header=repr(source.columns["record_id"])
            ),
            remedy=_("number each record, or map updated_at in the TOML"),
        )


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
    attempt.unchanged = drop_unchanged(connection, attempt, columns)
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
    attempt.unchanged += counts[0]
    attempt.duplicates, attempt.superseded = counts[1:]
    connection.execute(
        f"DELETE FROM {table} WHERE rowid IN (SELECT position FROM versions WHERE NOT stays)"
    )


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


def drop_unchanged(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, columns: list[str]
) -> int:
    """Drop what came once and as it was known, and contest it no more; returns how many it were.

    That is most of a pull which asks again, and it would come out of the ranking as it is here.
    """
    table, batch = f"record.{attempt.batch.feed}", attempt.batch
    is_same = " AND ".join(f"n.{name} IS NOT DISTINCT FROM k.{name}" for name in columns)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE unchanged AS
        SELECT n.rowid AS position, n.record_id
        FROM {table} AS n
        INNER JOIN {table} AS k ON k.record_id = n.record_id AND {is_same}
        WHERE n.attempt_id = $attempt AND k.attempt_id <> $attempt
          AND k.place_id = $place AND k.source_id = $source
          AND n.record_id IN (SELECT record_id FROM contested)
          AND n.record_id NOT IN (
              SELECT record_id FROM {table} WHERE attempt_id = $attempt
              GROUP BY record_id HAVING count(*) > 1
          )
        """,
        {"attempt": attempt.attempt_id, "place": batch.place_id, "source": batch.source_id},
    )
    connection.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT position FROM unchanged)")
    connection.execute("DELETE FROM contested WHERE record_id IN (SELECT record_id FROM unchanged)")
    return int(one_row(connection, "SELECT count(*) FROM unchanged")[0])


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
        "INSERT INTO ledger.quarantine "
        "SELECT ?, ?, ?, ?, ?, ?, ?, * EXCLUDE (day, until_day, digest, is_record), NULL, "
        "day, until_day, digest, is_record, ? FROM refused",
        [attempt.attempt_id, batch.batch_id, batch.place_id, batch.feed, batch.source_id,
         batch.shown, sheet, attempt.name_digest],
    )  # fmt: skip
    connection.unregister("refused")
