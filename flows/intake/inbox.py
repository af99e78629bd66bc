"""The durable inbox: what was brought to us, and waits in landing until it is settled.

A batch that was brought has a mark beside its manifest. The mark goes when the ledger has settled
the batch; until then every run takes it up again, whatever became of the event that announced it.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from flows.intake import coverage, ledger
from flows.intake.landing import Batch, identify, land, landed, read_manifest
from flows.places import Place, Source
from flows.records import Delivery

WAITING, BROUGHT, NEWS = "waiting", "brought", "news"
OUTCOME = "outcome.json"

State = Literal["waiting", "accepted", "refused"]


@dataclass(frozen=True)
class Whereabouts:
    """Where a batch is on its way, for whoever brought it."""

    batch_id: str
    place_id: str
    feed: str
    source_id: str
    state: State
    reason: str = ""
    received: int = 0
    loaded: int = 0
    quarantined: int = 0
    duplicates: int = 0


def bring(delivery: Delivery, place: Place, source: Source, landing: Path, now: datetime) -> Batch:
    """Land a file for good and let it wait; the same file again is the same batch.

    A batch that was accepted does not wait again: its mark is left out.
    """
    batch = identify(delivery, place, source, (None, None), landing, now)
    known = read_manifest(batch.payload.parent)
    days = coverage.named_days(delivery.name, source)
    if known and coverage.named_days(known.file_name, source) != days:
        batch = identify(delivery, place, source, (None, None), landing, now, days)
        known = read_manifest(batch.payload.parent)
    if known is None:
        land(delivery, batch)
        for path in (batch.payload, batch.payload.parent):
            flush(path)
    if outcome(batch.payload.parent).get("state") != "accepted":
        mark = batch.payload.parent / WAITING
        mark.touch(mode=0o600)
        flush(mark.parent)
        (batch.payload.parent.parent / BROUGHT).touch(mode=0o600)
    return known or batch


def is_brought_to(landing: Path, place: Place, source: Source) -> bool:
    """Has a file of this source ever been brought?"""
    return (landing / place.id / source.id / BROUGHT).exists()


def flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def waiting(landing: Path, place: Place, source: Source) -> list[Batch]:
    """The batches of a source that were brought and are not settled, oldest first."""
    return [b for b in landed(landing, place, source) if (b.payload.parent / WAITING).exists()]


def all_waiting(landing: Path) -> list[Batch]:
    """The same of all places."""
    found = [read_manifest(mark.parent) for mark in landing.glob(f"*/*/*/{WAITING}")]
    return sorted((b for b in found if b), key=lambda b: (b.received_at, b.batch_id))


def brought(
    warehouse: duckdb.DuckDBPyConnection, place: Place, source: Source, landing: Path
) -> list[Batch]:
    """What was brought and is not settled; what a stopped run could not note is noted now."""
    batches = []
    for batch in waiting(landing, place, source):
        known_as = ledger.accepted_name(warehouse, batch)
        if known_as is None:
            batches.append(batch)
            continue
        days = coverage.named_days(batch.file_name, source)
        if coverage.named_days(known_as, source) != days:
            # long ago, the same records came and said it of other days
            delivery = Delivery(batch.file_name, batch.payload)
            again = identify(
                delivery, place, source, (None, None), landing, batch.received_at, days
            )
            if ledger.accepted_name(warehouse, again) is None:
                land(delivery, again)
                batches.append(again)
        settle(batch, "accepted")
    return batches


def settle(batch: Batch, state: State, reason: str = "", **counts: int) -> None:
    """Note what became of a batch, then let it wait no more."""
    folder = batch.payload.parent
    unfinished = folder / f"{OUTCOME}.part"
    unfinished.write_text(json.dumps({"state": state, "reason": reason, **counts}))
    os.replace(unfinished, folder / OUTCOME)
    (folder / WAITING).unlink(missing_ok=True)


def settle_loaded(attempt: ledger.Attempt) -> None:
    """The same for a batch that was loaded."""
    settle(
        attempt.batch, "accepted", received=attempt.rows_in, loaded=attempt.loaded,
        quarantined=attempt.quarantined, duplicates=attempt.duplicates,
    )  # fmt: skip


def wait_again(landing: Path, batch_id: str) -> None:
    """Take a refused batch up again in the next run."""
    for file in landing.glob(f"*/*/{batch_id}/{OUTCOME}"):
        file.with_name(WAITING).touch(mode=0o600)


def outcome(folder: Path) -> dict[str, object]:
    try:
        return dict(json.loads((folder / OUTCOME).read_text()))
    except FileNotFoundError:
        return {}


def whereabouts(landing: Path, batch_id: str) -> Whereabouts | None:
    """What is known of a batch without asking the warehouse, which a run may have open."""
    for file in landing.glob(f"*/*/{batch_id}/manifest.json"):
        batch = read_manifest(file.parent)
        if batch is None:
            continue
        known = {} if (file.parent / WAITING).exists() else outcome(file.parent)
        fields = {"state": "waiting", **known}
        return Whereabouts(batch.batch_id, batch.place_id, batch.feed, batch.source_id, **fields)  # type: ignore[arg-type]
    return None


def note_news(landing: Path, place: Place, source: Source) -> None:
    """Remember that a source has to be asked, until it was."""
    mark = landing / place.id / source.id / NEWS
    mark.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    mark.touch(mode=0o600)


def news_of(landing: Path, place: Place, source: Source) -> str:
    """A name for the latest news of a source; empty when there is none."""
    try:
        state = (landing / place.id / source.id / NEWS).stat()
    except FileNotFoundError:
        return ""
    return f"{place.id}/{source.id}@{state.st_mtime_ns}"


def forget_news(landing: Path, place: Place, source: Source, known: str) -> None:
    """The source was asked; what it said meanwhile is news again, and stays."""
    if news_of(landing, place, source) == known:
        (landing / place.id / source.id / NEWS).unlink(missing_ok=True)
