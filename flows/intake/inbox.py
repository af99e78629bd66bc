"""The durable inbox: what was brought to us, and waits in landing until it is settled.

A batch that was brought has a mark beside its manifest, and so has one that is being read. The mark
goes when the ledger has settled the batch; until then every run takes it up again, whatever became
of the event that announced it. In it is a stroke for each time that the batch was begun and the
process did not live to see the end.
"""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import duckdb

from flows.errors import BatchRefused, ConfigurationError, is_panic
from flows.intake import coverage, ledger
from flows.intake.landing import Batch, identify, land, land_once, landed, read_manifest, remove
from flows.language import _
from flows.payroll import refuse_payroll_file
from flows.places import Place
from flows.records import Delivery
from flows.shown_names import shown_or_pattern
from flows.sources import Source
from flows.whole_files import flush, written_whole

WAITING, BROUGHT, NEWS = "waiting", "brought", "news"
OUTCOME, GIVEN_UP = "outcome.json", "given-up"
MOST_TRIES = 3
"""A reboot or somebody's kill while a batch is read counts as well. Most are read in less than a
second, and forgotten once they are: what was there three times in a row is hardly innocent."""

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

    A batch that was accepted does not wait again: its mark is left out. One that was not may come
    again under its right name, and one that was damaged here is taken anew. Raises BatchRefused for
    a payroll declaration.
    """
    refuse_payroll_file(delivery.path, shown_or_pattern(delivery.name, source))
    batch = identify(delivery, place, source, (None, None), landing, now)
    known = read_manifest(batch.payload.parent)
    days = coverage.named_days(delivery.name, source)
    if known and coverage.named_days(known.file_name, source) != days:
        batch = identify(delivery, place, source, (None, None), landing, now, days)
    is_settled = outcome(batch.payload.parent).get("state") == "accepted"
    batch = land_once(delivery, batch, is_settled=is_settled)
    if not is_settled:
        (batch.payload.parent / WAITING).touch(mode=0o600)  # what is counted in it stays
        flush(batch.payload.parent)
        (batch.payload.parent.parent / BROUGHT).touch(mode=0o600)
    return batch


def is_brought_to(landing: Path, place: Place, source: Source) -> bool:
    """Has a file of this source ever been brought?"""
    return (landing / place.id / source.id / BROUGHT).exists()


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
        days = coverage.named_days(batch.shown, source)
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
        if ledger.receipts(warehouse, place.id):  # it may name somebody who asked to be forgotten
            remove(batch)
    return batches


@contextmanager
def begun(batch: Batch) -> Iterator[None]:
    """While a batch is read, its mark says so: after a kill there is nobody left to tell.

    An error is an end like any other, and leaves the mark as it was. Raises BatchRefused for what
    was begun three times and never ended, until somebody lets it wait again.
    """
    folder, waits = batch.payload.parent, batch.payload.parent / WAITING
    was_waiting = waits.exists()
    tries = waits.stat().st_size if was_waiting else 0
    if tries >= MOST_TRIES:
        (folder / GIVEN_UP).touch(mode=0o600)
    if (folder / GIVEN_UP).exists():
        why = (folder / GIVEN_UP).read_text()
        raise given_up(batch, why) if why else never_ended(batch)
    mark(folder, tries + 1)
    try:
        yield
    except BaseException as fault:
        if not (isinstance(fault, Exception) or is_panic(fault)):
            raise
        # whatever it was, the process lives to tell it: no stroke
        os.truncate(waits, tries)  # needs no room: the disk may be full
        if not was_waiting:
            waits.unlink()
        raise


def mark(folder: Path, tries: int) -> None:
    """Let a batch wait; no process that is killed, and no power cut, takes the mark back."""
    with written_whole(folder / WAITING) as unfinished:
        unfinished.write_text("|" * tries)


def never_ended(batch: Batch) -> BatchRefused:
    return BatchRefused(
        _("the program was stopped {times} times while it read this, and reads it no more").format(
            times=MOST_TRIES
        ),
        where=f"{batch.place_id}, {batch.shown}",
        remedy=_(
            "send it in parts or in another format; if the machine was at fault, let it be read "
            "again: impact accept {batch_id}"
        ).format(batch_id=batch.batch_id),
    )


def given_up(batch: Batch, why: str) -> BatchRefused:
    return BatchRefused(
        why,
        where=f"{batch.place_id}, {batch.shown}",
        remedy=_("let it be read again: impact accept {batch_id}").format(batch_id=batch.batch_id),
    )


def give_up(
    warehouse: duckdb.DuckDBPyConnection, landing: Path, batch_id: str, why: str, now: datetime
) -> None:
    """Refuse what a person gives up, until somebody lets it be read again.

    Raises ConfigurationError for what is not in landing, and for what was loaded.
    """
    found = [read_manifest(file.parent) for file in landing.glob(f"*/*/{batch_id}/manifest.json")]
    if not found or found[0] is None:
        raise ConfigurationError(
            _("there is no delivery {batch_id!r} here").format(batch_id=batch_id),
            remedy=_("run `impact doctor`: it names those that wait"),
        )
    batch = found[0]
    if ledger.accepted_name(warehouse, batch) is not None:
        raise ConfigurationError(
            _("the delivery {batch_id!r} was loaded").format(batch_id=batch_id),
            remedy=_("send a corrected one: it replaces what it corrects"),
        )
    with written_whole(batch.payload.parent / GIVEN_UP) as unfinished:
        unfinished.write_text(why)
    said = str(given_up(batch, why))
    ledger.write_attempt(warehouse, ledger.Attempt(batch, now), outcome="refused", reason=said)
    settle(batch, "refused", said)


def leave(batch: Batch, reason: str) -> None:
    """Note why a batch goes on waiting: the next run takes it up again."""
    with written_whole(batch.payload.parent / OUTCOME) as unfinished:
        unfinished.write_text(json.dumps({"state": "waiting", "reason": reason}))


def unsettled(landing: Path) -> list[tuple[Batch, str]]:
    """What waits, of all places, the oldest first; and why, where a run said so."""
    marks = {mark.parent for mark in landing.glob(f"*/*/*/{WAITING}")}
    failed = {file.parent for file in landing.glob(f"*/*/*/{OUTCOME}")}
    found = []
    for folder in marks | failed:
        said, batch = outcome(folder), read_manifest(folder)
        is_failed = said.get("state") == "waiting"
        if batch and (is_failed or folder in marks):
            found.append((batch, str(said["reason"]) if is_failed else ""))
    return sorted(found, key=lambda one: (one[0].received_at, one[0].batch_id))


def settle(batch: Batch, state: State, reason: str = "", **counts: int) -> None:
    """Note what became of a batch, then let it wait no more."""
    folder = batch.payload.parent
    with written_whole(folder / OUTCOME) as unfinished:
        unfinished.write_text(json.dumps({"state": state, "reason": reason, **counts}))
    (folder / WAITING).unlink(missing_ok=True)


def settle_loaded(attempt: ledger.Attempt) -> None:
    """The same for a batch that was loaded."""
    settle(
        attempt.batch, "accepted", received=attempt.rows_in, loaded=attempt.loaded,
        quarantined=attempt.quarantined, duplicates=attempt.duplicates,
    )  # fmt: skip


def wait_again(landing: Path, batch_id: str) -> None:
    """Take a refused batch up again in the next run, as if it had never been begun."""
    for file in landing.glob(f"*/*/{batch_id}/{OUTCOME}"):
        file.with_name(GIVEN_UP).unlink(missing_ok=True)
        mark(file.parent, 0)


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
        known = outcome(file.parent)
        if (file.parent / WAITING).exists() and known.get("state") != "waiting":
            known = {}
        fields = {"state": "waiting", **known}
        return Whereabouts(batch.batch_id, batch.place_id, batch.feed, batch.source_id, **fields)  # type: ignore[arg-type]
    return None


def note_news(landing: Path, place: Place, source: Source) -> None:
    """Remember that a source has to be asked, until it was."""
    news = landing / place.id / source.id / NEWS
    news.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    news.touch(mode=0o600)


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
