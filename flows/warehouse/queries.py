"""What the operator asks of the warehouse: status, coverage, refused rows, headline figures."""

from datetime import date, datetime

import duckdb
import polars as pl

from flows.errors import ConfigurationError
from flows.language import _
from flows.records import COLUMN_STEP, place_in_file
from flows.settings import Settings
from flows.spelling import did_you_mean
from flows.warehouse.database import open_warehouse
from schemas import CONTRACTS

RECORDS = " UNION ALL ".join(
    f"SELECT place_id, source_id, deleted FROM record.{feed}" for feed in CONTRACTS
)
COUNTED = ", ".join(
    f"CAST(coalesce(sum(a.{name}), 0) AS BIGINT) AS {name}"
    for name in (
        "loaded", "unchanged", "superseded", "duplicates", "tombstoned", "quarantined", "ignored",
        "not_records", "not_asked",
    )
)  # fmt: skip
"""What became of the rows of all deliveries: together they are all that was received."""
STATUS = f"""
    SELECT
        s.place_id, s.feed, s.source_id,
        count(a.batch_id) AS batches,
        CAST(coalesce(sum(a.rows_in), 0) AS BIGINT) AS received,
        {COUNTED},
        max(coalesce(r.records, 0)) AS records,
        max(coalesce(q.refused_rows, 0)) AS open_rejects,
        max(c.recorded_days) AS recorded_days,
        max(c.expected_days) AS expected_days,
        max(c.last_record) AS last_record
    FROM registry.source AS s
    LEFT JOIN ledger.batch AS b ON b.place_id = s.place_id AND b.source_id = s.source_id
    LEFT JOIN ledger.last_attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
    LEFT JOIN (
        SELECT c.place_id, c.source_id,
               CAST(sum(c.recorded_days) AS BIGINT) AS recorded_days,
               CAST(sum(c.expected_days) AS BIGINT) AS expected_days,
               max(c.last_recorded_on) AS last_record
        FROM core.coverage AS c
        GROUP BY c.place_id, c.source_id
    ) AS c ON c.place_id = s.place_id AND c.source_id = s.source_id
    LEFT JOIN (
        SELECT r.place_id, r.source_id, count(*) AS records
        FROM (
            {RECORDS}
        ) AS r
        WHERE NOT r.deleted
        GROUP BY r.place_id, r.source_id
    ) AS r ON r.place_id = s.place_id AND r.source_id = s.source_id
    LEFT JOIN (
        -- a row that came in several deliveries is one
        SELECT m.place_id, m.source_id, CAST(sum(m.copies) AS BIGINT) AS refused_rows
        FROM (
            SELECT n.place_id, n.source_id, n.digest, max(n.copies) AS copies
            FROM (
                SELECT o.place_id, o.source_id, o.batch_id,
                       coalesce(o.digest, concat_ws('/', o.batch_id, o.sheet, o.row_number))
                           AS digest,
                       count(DISTINCT (o.sheet, o.row_number)) AS copies
                FROM ledger.open_reject AS o
                GROUP BY ALL
            ) AS n
            GROUP BY n.place_id, n.source_id, n.digest
        ) AS m
        GROUP BY m.place_id, m.source_id
    ) AS q ON q.place_id = s.place_id AND q.source_id = s.source_id
    GROUP BY s.place_id, s.feed, s.source_id
    ORDER BY s.place_id, s.feed, s.source_id
"""

SHOWN_MONTHS = 13
"""A month and the same month of the year before are both in sight."""

# a running month is not there: what is not due yet would look as if it were missing
COVERAGE = f"""
    SELECT s.place_id, s.source_id, s.feed, s.period_id AS month,
           CASE s.state WHEN 'no_open_day' THEN 'closed' ELSE s.state END AS state,
           s.expected_days, s.recorded_days
    FROM core.source_month AS s
    WHERE (? IS NULL OR s.place_id = ?)
      AND s.starts_on IN (
          SELECT p.starts_on FROM core.period AS p
          WHERE p.period_type = 'month' AND p.is_ended
          ORDER BY p.starts_on DESC
          LIMIT {SHOWN_MONTHS}
      )
    ORDER BY s.place_id, s.source_id, s.starts_on
"""

KNOWN_PLACES = """
    SELECT l.place_id FROM registry.place AS l
    UNION
    SELECT b.place_id FROM ledger.batch AS b
    ORDER BY ALL
"""

REJECTS = """
    SELECT q.place_id, q.feed, q.file_name, q.sheet, q.row_number, q.header, q.rule, q.mask,
           q.sentence_fr, q.sentence_en, CAST(b.received_at AS DATE) AS received_on, q.batch_id
    FROM ledger.open_reject AS q
    INNER JOIN ledger.batch AS b ON b.batch_id = q.batch_id
    WHERE ? IS NULL OR q.place_id = ?
    ORDER BY q.place_id, q.file_name, q.row_number, q.rule
"""

WHOLE_FILE = "whole_file"
"""Stands for a rule where all of a file was refused."""

REFUSED_FILES = f"""
    SELECT b.place_id, b.feed, b.file_name, '' AS sheet, '' AS header, '{WHOLE_FILE}' AS rule,
           '' AS mask, a.reason AS sentence_fr, a.reason AS sentence_en,
           CAST(b.received_at AS DATE) AS received_on, b.batch_id
    FROM ledger.batch AS b
    INNER JOIN ledger.last_attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'refused'
    WHERE (? IS NULL OR b.place_id = ?)
      AND NOT EXISTS (
          SELECT 1 FROM ledger.batch AS n
          INNER JOIN ledger.attempt AS m ON m.batch_id = n.batch_id AND m.outcome = 'accepted'
          WHERE n.place_id = b.place_id AND n.source_id = b.source_id
            AND n.received_at > b.received_at
      )
    ORDER BY b.place_id, b.received_at, b.batch_id
"""

REFUSALS = """
    SELECT q.place_id, q.source_id, q.header, q.rule, q.sentence_fr, q.sentence_en,
           count(DISTINCT (q.batch_id, q.sheet, q.row_number)) AS refused_rows
    FROM ledger.quarantine AS q
    INNER JOIN ledger.attempt AS a ON a.attempt_id = q.attempt_id
    WHERE a.as_of = ? AND q.is_record
    GROUP BY ALL
    ORDER BY refused_rows DESC, q.place_id, q.source_id, q.rule
"""

DELIVERIES = """
    SELECT b.source_id AS source, count(DISTINCT b.batch_id) AS batches,
           CAST(sum(a.rows_in) AS BIGINT) AS rows_in,
           CAST(sum(a.loaded + a.unchanged) AS BIGINT) AS loaded,
           CAST(sum(a.quarantined) AS BIGINT) AS quarantined
    FROM ledger.batch AS b
    INNER JOIN ledger.last_attempt AS a ON a.batch_id = b.batch_id
    WHERE b.place_id = ? AND b.received_at >= ?
    GROUP BY b.source_id
    ORDER BY b.source_id
"""

LAST_DAYS = """
    SELECT p.place_id, p.source_id, max(p.day) AS last_day
    FROM ledger.proof AS p
    WHERE p.is_recorded
    GROUP BY p.place_id, p.source_id
"""

PLACE_NAME = "SELECT l.name FROM registry.place AS l WHERE l.place_id = ? AND l.place_id = ?"

SHOWN_PLACES = 12
"""So many places the end of a run shows side by side; where there are more, the network alone."""
HEADLINES = f"""
    SELECT v.indicator_id, i.label_fr AS label, i.unit, v.scope_id, l.name,
           v.period_id, v.value, v.status
    FROM indicator.value AS v
    INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
    LEFT JOIN registry.place AS l ON l.place_id = v.scope_id
    WHERE i.headline AND v.period_type = 'month' AND v.is_ended AND v.breakdown = 'all'
          AND v.scope_type = CASE
              WHEN (SELECT count(*) FROM registry.place) <= {SHOWN_PLACES} THEN 'place'
              ELSE 'network'
          END
    QUALIFY v.starts_on = coalesce(
        max(v.starts_on) FILTER (WHERE v.value IS NOT NULL) OVER (), max(v.starts_on) OVER ()
    )
    ORDER BY v.indicator_id, v.scope_id
"""


def ask(settings: Settings, sql: str, place_id: str | None = None) -> pl.DataFrame:
    """The answer of the closed warehouse; with a place, the question names it twice.

    Raises ConfigurationError when that place is not known, or nothing was computed yet.
    """
    with open_warehouse(settings, read_only=True) as warehouse:
        try:
            if place_id is not None:
                check_place(warehouse, place_id)
            return warehouse.execute(sql, [place_id, place_id] if "?" in sql else []).pl()
        except (duckdb.CatalogException, duckdb.BinderException) as fault:
            raise ConfigurationError(
                _("nothing was computed yet, or by an earlier version of this program"),
                where=str(settings.warehouse),
                remedy=_("run `impact run`"),
            ) from fault


def check_place(warehouse: duckdb.DuckDBPyConnection, place_id: str) -> None:
    """Raises ConfigurationError with the nearest id for a place that no run has seen."""
    known = [row[0] for row in warehouse.execute(KNOWN_PLACES).fetchall()]
    if place_id not in known:
        raise ConfigurationError(
            _("no run has seen a place called {place_id!r}").format(place_id=place_id),
            remedy=did_you_mean(
                place_id, known, _("they are: {known}").format(known=", ".join(known))
            ),
        )


REFUSED = """
    SELECT b.batch_id, a.reason
    FROM ledger.last_attempt AS a
    INNER JOIN ledger.batch AS b ON b.batch_id = a.batch_id
    WHERE a.outcome = 'refused' AND a.attempted_at > now() - INTERVAL 30 DAY
      AND NOT EXISTS (
          SELECT 1 FROM ledger.last_attempt AS l
          INNER JOIN ledger.batch AS o ON o.batch_id = l.batch_id
          WHERE l.outcome = 'accepted' AND o.place_id = b.place_id AND o.source_id = b.source_id
            AND o.file_name = b.file_name AND l.attempted_at > a.attempted_at
      )
    ORDER BY b.place_id, b.source_id, b.received_at
"""
"""Deliveries of a month that are refused as a whole, and that none of their name replaced."""


def refused_deliveries(settings: Settings) -> list[tuple[str, str]]:
    """Each with its reason."""
    rows = ask(settings, REFUSED)
    return [(batch_id, reason) for batch_id, reason in rows.iter_rows()]


def status_rows(settings: Settings) -> pl.DataFrame:
    """One row per place and source: counts of its batches, days proven, last record."""
    return ask(settings, STATUS)


def coverage_rows(settings: Settings, place_id: str | None) -> pl.DataFrame:
    """One row per place, source and ended month: how much of what the place declared came."""
    return ask(settings, COVERAGE, place_id)


def reject_rows(settings: Settings, place_id: str | None) -> pl.DataFrame:
    """One row per reason of refusal that no later delivery has answered.

    Where a cell was a record of its own, `row_number` names it, `C12`, and all are text.
    """
    rows = ask(settings, REJECTS, place_id)
    if not (rows["row_number"] >= COLUMN_STEP).any():
        return rows
    return rows.with_columns(pl.col("row_number").map_elements(place_in_file, pl.String))


def rows_and_files_to_correct(settings: Settings, place_id: str | None) -> pl.DataFrame:
    """The same, and before them the files that were refused whole and that none came after."""
    rows, files = reject_rows(settings, place_id), ask(settings, REFUSED_FILES, place_id)
    return pl.concat(
        [files.with_columns(row_number=None).select(rows.columns), rows], how="vertical_relaxed"
    )


def refusals(settings: Settings, as_of: object) -> pl.DataFrame:
    """Why rows were refused in the attempts of one run, and how many; the most frequent first."""
    with open_warehouse(settings, read_only=True) as warehouse:
        return warehouse.execute(REFUSALS, [as_of]).pl()


def deliveries_since(settings: Settings, place_id: str, since: datetime) -> pl.DataFrame:
    """What each source of a place brought since then."""
    with open_warehouse(settings, read_only=True) as warehouse:
        return warehouse.execute(DELIVERIES, [place_id, since]).pl()


def last_days(settings: Settings) -> dict[tuple[str, str], date]:
    """Place and source → the last day for which a delivery brought or proved something."""
    with open_warehouse(settings, read_only=True) as warehouse:
        return {(p, s): day for p, s, day in warehouse.execute(LAST_DAYS).fetchall()}


def place_name(settings: Settings, place_id: str) -> str:
    """The name of a place as the public knows it; its id when it is declared no more."""
    names = ask(settings, PLACE_NAME, place_id)
    return str(names.item()) if len(names) else place_id


def headline_rows(settings: Settings) -> pl.DataFrame:
    """Exact headline figures, one row per indicator and place, of the latest month that has any.

    A network of more than `SHOWN_PLACES` places is one row per indicator, without a name.
    """
    return ask(settings, HEADLINES)
