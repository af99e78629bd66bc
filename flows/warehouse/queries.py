"""What the operator asks of the warehouse: status per feed, refused rows, headline figures."""

import polars as pl

from flows.settings import Settings
from flows.warehouse.database import open_warehouse

STATUS = """
    SELECT
        s.place_id, s.feed, s.source_id,
        count(a.batch_id) AS batches,
        CAST(coalesce(sum(a.rows_in), 0) AS BIGINT) AS received,
        CAST(coalesce(sum(a.loaded + a.unchanged), 0) AS BIGINT) AS loaded,
        CAST(coalesce(sum(a.superseded), 0) AS BIGINT) AS superseded,
        CAST(coalesce(sum(a.duplicates), 0) AS BIGINT) AS duplicates,
        CAST(coalesce(sum(a.quarantined), 0) AS BIGINT) AS quarantined,
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
    GROUP BY s.place_id, s.feed, s.source_id
    ORDER BY s.place_id, s.feed, s.source_id
"""

REJECTS = """
    SELECT q.place_id, q.feed, q.file_name, q.sheet, q.row_number, q.header, q.rule, q.mask,
           q.sentence_fr, q.sentence_en
    FROM ledger.quarantine AS q
    INNER JOIN ledger.last_attempt AS a ON a.attempt_id = q.attempt_id
    WHERE ? IS NULL OR q.place_id = ?
    ORDER BY q.place_id, q.file_name, q.row_number, q.rule
"""

HEADLINES = """
    SELECT v.indicator_id, i.label_fr AS label, i.unit, v.scope_id, l.name,
           v.period_id, v.value, v.status
    FROM indicator.value AS v
    INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
    INNER JOIN registry.place AS l ON l.place_id = v.scope_id
    WHERE i.headline AND v.period_type = 'month' AND v.is_ended
    QUALIFY v.starts_on = max(v.starts_on) OVER ()
    ORDER BY v.indicator_id, v.scope_id
"""


def status_rows(settings: Settings) -> pl.DataFrame:
    """One row per place and source: counts of its batches, days proven, last record."""
    with open_warehouse(settings, read_only=True) as warehouse:
        return warehouse.execute(STATUS).pl()


def reject_rows(settings: Settings, place_id: str | None) -> pl.DataFrame:
    """One row per reason of refusal in the last attempt of each batch."""
    with open_warehouse(settings, read_only=True) as warehouse:
        return warehouse.execute(REJECTS, [place_id, place_id]).pl()


def headline_rows(settings: Settings) -> pl.DataFrame:
    """Exact headline figures of the latest full month, one row per indicator and place."""
    with open_warehouse(settings, read_only=True) as warehouse:
        return warehouse.execute(HEADLINES).pl()
