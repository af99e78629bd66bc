"""A delivery that replaces another: what it no longer holds becomes a tombstone.

A source that says `delivery = "snapshot"` sends all it has each time; with `"period"` a delivery
holds all there is of the days that it proves. With `"append"` nothing vanishes by absence, but for
what a connector knows to have asked for whole: all of some days, or all parts of a record.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import duckdb
import polars as pl

from flows.errors import BatchRefused, ConfigurationError
from flows.intake.ledger import Attempt, one_row
from flows.intake.load import KEPT_BY_TOMBSTONES
from flows.language import _
from flows.records import Page
from flows.sources import Source
from schemas import CONTRACTS, FEEDS
from schemas.record import stored_columns

LARGEST_SHARE = 0.3
"""A delivery that would remove more than this share of the records waits for a yes."""
LARGEST_SHARE_UNSEEN = 0.02
"""The same where the system may keep records from us: what is missing may only be hidden."""
A_FEW = 5
"""So many records a system takes back without a yes: of a small place they are a large share."""


@dataclass
class Whole:
    """What the pages of a delivery said that they hold all of: see `Page`."""

    knows_any: bool
    """Whether anything of the source was known before: if not, nothing can have vanished."""
    first_day: date | None = None
    is_of_its_days: bool = False
    is_told: bool = False

    def take(self, connection: duckdb.DuckDBPyConnection, page: Page) -> None:
        self.first_day, self.is_of_its_days = page.whole_from, page.is_whole_on_its_days
        if self.knows_any and page.told is not None:
            self.is_told = True
            note(connection, "told", "record", pl.Series(page.told, dtype=pl.String))


def note_delivered(connection: duckdb.DuckDBPyConnection, record_ids: pl.Series) -> None:
    """Remember, until the batch is settled, which records a page of it speaks of."""
    note(connection, "delivered", "record_id", record_ids)


def note(connection: duckdb.DuckDBPyConnection, table: str, column: str, texts: pl.Series) -> None:
    connection.execute(f"CREATE TEMP TABLE IF NOT EXISTS {table} ({column} VARCHAR)")
    connection.from_arrow(texts.to_frame(column).to_arrow()).insert_into(table)


def remove_vanished(
    connection: duckdb.DuckDBPyConnection,
    attempt: Attempt,
    source: Source,
    proof: dict[date, bool],
    whole: Whole,
) -> None:
    """Turn into tombstones the records that the delivery should hold and does not.

    To be called when all pages are there and before versions are settled: what was known stands
    beside what is new then. An older delivery than one that was accepted removes nothing, nor does
    one with a line that hides which record it is. Raises BatchRefused when more would go than the
    delivery may remove without a yes; a record that came without one of its parts is a yes.
    """
    if not whole.knows_any or (source.delivery == "append" and whole.first_day is None):
        return
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS delivered (record_id VARCHAR)")
    connection.execute("CREATE TEMP TABLE IF NOT EXISTS told (record VARCHAR)")
    if not is_older_than_another(connection, attempt):
        if whole.is_told:
            find_vanished(connection, attempt, None, whole)
            attempt.removed = count_vanished(connection)
            bury(connection, attempt)
        elif not hides_a_record(connection, attempt, source):
            days = list(proof) if source.delivery == "period" else None
            find_vanished(connection, attempt, days, whole)
            ask_when_many(connection, attempt, source)
            bury(connection, attempt)
    connection.execute("DROP TABLE delivered")
    connection.execute("DROP TABLE told")


def is_older_than_another(connection: duckdb.DuckDBPyConnection, attempt: Attempt) -> bool:
    batch = attempt.batch
    later = one_row(
        connection,
        """
        SELECT count(*) FROM ledger.batch AS b
        INNER JOIN ledger.attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
        WHERE b.place_id = ? AND b.source_id = ? AND b.received_at > ?
        """,
        [batch.place_id, batch.source_id, batch.received_at],
    )
    return later[0] > 0


def hides_a_record(connection: duckdb.DuckDBPyConnection, attempt: Attempt, source: Source) -> bool:
    """Is there a refused line that could be any record of a source which has identifiers?

    Records without identifiers would then stay beside their corrections: such a source removes
    all the same.
    """
    if "record_id" not in source.columns:
        return False
    unnamed = one_row(
        connection,
        """
        SELECT count(*) FROM ledger.quarantine
        WHERE attempt_id = ? AND record_id IS NULL AND is_record
        """,
        [attempt.attempt_id],
    )
    return unnamed[0] > 0


def find_vanished(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, days: list[date] | None, whole: Whole
) -> None:
    """What was there of the days that the delivery speaks for: is each record in it?"""
    batch = attempt.batch
    day = local_day(batch.feed)
    first = max(batch.window_from or date.min, whole.first_day or date.min)
    last = batch.window_to or date.max
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE expected AS
        SELECT t.rowid AS position, {day} AS day,
               t.record_id NOT IN (SELECT record_id FROM delivered WHERE record_id IS NOT NULL)
                   AS has_vanished
        FROM record.{batch.feed} AS t
        WHERE t.place_id = $place AND t.source_id = $source AND t.attempt_id <> $attempt
          AND NOT t.deleted
          AND {day} BETWEEN $first AND $last
          AND ($days IS NULL OR list_contains($days, {day}))
          AND (NOT $is_of_its_days OR {day} IN (
              SELECT {day} FROM record.{batch.feed} AS t WHERE t.attempt_id = $attempt
          ))
          AND (NOT $is_told OR split_part(t.record_id, '-', 1) IN (SELECT record FROM told))
        """,
        {
            "place": batch.place_id, "source": batch.source_id, "days": days,
            "first": first, "last": last, "attempt": attempt.attempt_id, "is_told": whole.is_told,
            "is_of_its_days": whole.is_of_its_days,
        },
    )  # fmt: skip


def count_vanished(connection: duckdb.DuckDBPyConnection) -> int:
    return one_row(connection, "SELECT count(*) FILTER (has_vanished) FROM expected")[0]


def ask_when_many(connection: duckdb.DuckDBPyConnection, attempt: Attempt, source: Source) -> None:
    """Count what would go; raises BatchRefused when it is much and nobody has accepted it."""
    batch = attempt.batch
    attempt.removed, expected, accepted = one_row(
        connection,
        """
        SELECT count(*) FILTER (has_vanished), count(*),
               (SELECT count(*) FROM ledger.accepted_removal WHERE batch_id = ?)
        FROM expected
        """,
        [batch.batch_id],
    )
    share = LARGEST_SHARE if attempt.is_whole else LARGEST_SHARE_UNSEEN
    few = A_FEW if source.delivery == "append" else 0
    if attempt.removed > max(few, share * expected) and not accepted:
        what = _("{removed} of the {expected} records that it replaces are not in it").format(
            removed=attempt.removed, expected=expected
        )
        if not attempt.is_whole:
            what += _("; an access rule of the system may hide them from our account")
        remedy = _("send it complete, or say that this is right: impact accept {batch_id}")
        if source.delivery == "snapshot" and (days := days_of_one_period(connection, attempt)):
            what += _(
                "; it goes from {first} to {last} alone, like a delivery of one period"
            ).format(first=days[0], last=days[1])
            remedy = _(
                'write delivery = "period" if it is one, or send it complete, or say that this is '
                "right: impact accept {batch_id}"
            )
        raise BatchRefused(
            what,
            where=f"{batch.place_id}, {batch.shown}",
            remedy=remedy.format(batch_id=batch.batch_id),
        )


def days_of_one_period(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt
) -> tuple[date, date] | None:
    """First and last day of the delivery, when what is there covers more than twice as long."""
    feed = attempt.batch.feed
    row = connection.execute(
        f"""
        SELECT min(d.day), max(d.day),
               2 * (date_diff('day', min(d.day), max(d.day)) + 1)
                   < (SELECT date_diff('day', min(e.day), max(e.day)) + 1 FROM expected AS e)
        FROM (SELECT {local_day(feed)} AS day FROM record.{feed} AS t WHERE t.attempt_id = ?) AS d
        """,
        [attempt.attempt_id],
    ).fetchone()
    return (row[0], row[1]) if row and row[2] else None


def local_day(feed: str) -> str:
    """The day of a record `t` of a feed, as SQL."""
    return f"CAST(t.{FEEDS[feed].day} AS DATE)"


def accept_removal(connection: duckdb.DuckDBPyConnection, batch_id: str) -> None:
    """The next run may load this batch, whatever it removes.

    Raises ConfigurationError for a batch that does not wait.
    """
    waiting = connection.execute(
        "SELECT count(*) FROM ledger.last_attempt WHERE batch_id = ? AND outcome = 'refused'",
        [batch_id],
    ).fetchone()
    if waiting is None or not waiting[0]:
        raise ConfigurationError(
            _("no batch {batch_id!r} waits for a yes").format(batch_id=batch_id),
            remedy=_("take the batch that the run named: impact accept BATCH"),
        )
    connection.execute(
        "INSERT INTO ledger.accepted_removal VALUES (?, ?)", [batch_id, datetime.now(UTC)]
    )


def bury(connection: duckdb.DuckDBPyConnection, attempt: Attempt) -> None:
    """What has vanished is as late as the delivery that no longer holds it."""
    batch = attempt.batch
    connection.execute(
        f"{into_tombstones(batch.feed)} "
        "WHERE rowid IN (SELECT position FROM expected WHERE has_vanished)",
        {"version_at": batch.received_at, "attempt": attempt.attempt_id},
    )


def into_tombstones(feed: str) -> str:
    """An UPDATE without its WHERE: a tombstone keeps the key and the time of its record."""
    kept = {*KEPT_BY_TOMBSTONES, FEEDS[feed].event, FEEDS[feed].day}
    columns = stored_columns(CONTRACTS[feed])
    emptied = ", ".join(f"{name} = NULL" for name in columns if name not in kept)
    return (
        f"UPDATE record.{feed} "
        f"SET deleted = true, version_at = $version_at, attempt_id = $attempt, {emptied}"
    )
