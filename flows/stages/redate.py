"""Time that went wrong: what was received while the clock of this machine was ahead."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from flows.intake.landing import alone_with, read_manifest
from flows.language import ngettext
from flows.places import Place
from flows.settings import TIME_ZONE, Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.warehouse.database import open_warehouse, transaction
from flows.whole_files import written_whole
from schemas import FEEDS

INSTANTS = {
    "ledger.batch": "received_at",
    "ledger.attempt": "attempted_at",
    "ledger.build": "built_at",
    "ledger.rerun": "asked_at",
}
"""What the clock of this machine wrote, in the order in which it happened."""


@dataclass
class Redated:
    """How many deliveries got another instant, and what else is to be said."""

    deliveries: int = 0
    remarks: list[str] = field(default_factory=list)


def put_times_right(places: Sequence[Place], settings: Settings, now: datetime) -> Redated:
    """Date what lies in the future before what came after it, then read its sources again.

    The caller is the only writer. What a record of the future superseded is in landing alone: where
    that was cleared, the remarks say how much has to be sent again.
    """
    done = Redated()
    with open_warehouse(settings) as warehouse:
        with transaction(warehouse):
            sources = redate_warehouse(warehouse, now)
        moved = redate_landing(warehouse, settings.landing, now)
        done.deliveries = len(sources.keys() | moved)
        gone = superseded_and_gone(warehouse, settings.landing, {*sources.values()})
    if gone:
        done.remarks.append(
            ngettext(
                "{count} delivery was hidden in part, and is kept no more: have it sent again.",
                "{count} deliveries were hidden in part, and are kept no more: have them sent "
                "again.",
                gone,
            ).format(count=gone)
        )
    if sources:
        settings.uncounted.touch(mode=0o600)
    for place in places:
        feeds = {feed for place_id, feed, _source in sources.values() if place_id == place.id}
        if feeds:
            again = Request(as_of=now, again="landed", feeds=tuple(sorted(feeds)))
            for report in collect_place(place, settings, again):
                done.remarks += [*report.refused, *report.failed]
    return done


def redate_warehouse(
    warehouse: duckdb.DuckDBPyConnection, now: datetime
) -> dict[str, tuple[str, str, str]]:
    """Put the ledger and the versions of records right; the batches: place, feed and source."""
    batches = {
        batch_id: (place_id, feed, source_id)
        for batch_id, place_id, feed, source_id in warehouse.execute(
            "SELECT batch_id, place_id, feed, source_id FROM ledger.batch WHERE received_at > ?",
            [now],
        ).fetchall()
    }
    for table, column in INSTANTS.items():
        warehouse.execute(REDATED.format(table=table, column=column), {"now": now})
        if table == "ledger.batch":
            for feed in FEEDS:
                warehouse.execute(VERSIONS.format(feed=feed))
        warehouse.execute(
            f"UPDATE {table} SET {column} = m.becomes FROM redated AS m "
            f"WHERE {table}.rowid = m.position"
        )
    warehouse.execute(
        f"UPDATE ledger.batch SET received_on = CAST(timezone('{TIME_ZONE}', received_at) AS DATE) "
        "WHERE received_on > ?",
        [now.date()],
    )
    return batches


REDATED = """
    CREATE OR REPLACE TEMP TABLE redated AS
    SELECT f.position, f.was,
           f.before - to_microseconds(
               row_number() OVER (PARTITION BY f.before ORDER BY f.position DESC)
           ) AS becomes
    FROM (
        SELECT t.rowid AS position, t.{column} AS was,
               (SELECT coalesce(min(l.{column}), $now) FROM {table} AS l
                WHERE l.rowid > t.rowid AND l.{column} <= $now) AS before
        FROM {table} AS t WHERE t.{column} > $now
    ) AS f
"""
"""An instant before all that came later, or before now; they keep their order."""

VERSIONS = """
    UPDATE record.{feed} SET version_at = m.becomes
    FROM redated AS m
    INNER JOIN ledger.batch AS b ON b.rowid = m.position
    INNER JOIN ledger.attempt AS a ON a.batch_id = b.batch_id
    WHERE record.{feed}.attempt_id = a.attempt_id AND record.{feed}.version_at = m.was
"""
"""A version that is as late as its delivery."""


def redate_landing(warehouse: duckdb.DuckDBPyConnection, landing: Path, now: datetime) -> set[str]:
    """The manifests as the ledger now says; of what it does not know, in their order before now."""
    found = [read_manifest(file.parent) for file in landing.glob("*/*/*/manifest.json")]
    batches = [batch for batch in found if batch and batch.received_at > now]
    known: dict[str, datetime] = dict(
        warehouse.execute("SELECT batch_id, received_at FROM ledger.batch").fetchall()
    )
    batches.sort(key=lambda batch: batch.received_at, reverse=True)
    for number, batch in enumerate(batches, start=1):
        at = known.get(batch.batch_id, now - timedelta(microseconds=number))
        file = batch.payload.with_name("manifest.json")
        with alone_with(batch), written_whole(file) as unfinished:
            manifest = {**json.loads(file.read_text()), "received_at": at.isoformat(" ")}
            unfinished.write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
    return {batch.batch_id for batch in batches}


def superseded_and_gone(
    warehouse: duckdb.DuckDBPyConnection, landing: Path, sources: set[tuple[str, str, str]]
) -> int:
    """Deliveries of these sources with records that were superseded, whose bytes were cleared."""
    gone = 0
    for place_id, _feed, source_id in sources:
        hidden = warehouse.execute(
            """
            SELECT DISTINCT b.batch_id FROM ledger.batch AS b
            INNER JOIN ledger.attempt AS a ON a.batch_id = b.batch_id AND a.superseded > 0
            WHERE b.place_id = ? AND b.source_id = ?
            """,
            [place_id, source_id],
        ).fetchall()
        there = [read_manifest(landing / place_id / source_id / batch_id) for (batch_id,) in hidden]
        gone += sum(batch is None or not batch.payload.exists() for batch in there)
    return gone
