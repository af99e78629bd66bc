"""Collect one place: fetch, land, parse, pseudonymise, validate, load; report every fault."""

import gc
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from flows import connectors
from flows.errors import (
    BatchRefused,
    ConfigurationError,
    ImpactError,
    SourceError,
    is_panic,
    reason,
    unexpected,
)
from flows.intake import coverage, inbox, landing, ledger, load
from flows.intake.landing import Batch
from flows.intake.pseudonym import fingerprint, place_key, pseudonymiser_of
from flows.language import _
from flows.payroll import refuse_payroll_file
from flows.places import Place
from flows.records import PAGES, Delivery, Pull
from flows.settings import TIME_ZONE, Settings
from flows.sources import Source
from flows.stages.batch import load_batch
from flows.stages.erasure import erase_what_was_asked
from flows.stages.request import Request
from flows.warehouse.database import open_to_load

logger = logging.getLogger("impact")

OVERLAP = timedelta(hours=1)
"""Asked for again behind the start of the last pull: clocks differ, and a change takes a while."""


@dataclass
class SourceReport:
    """What one source of one place brought in this run."""

    place_id: str
    feed: str
    source_id: str
    batches: int = 0
    received: int = 0
    loaded: int = 0
    unchanged: int = 0
    superseded: int = 0
    duplicates: int = 0
    quarantined: int = 0
    tombstoned: int = 0
    ignored: int = 0
    not_records: int = 0
    not_asked: int = 0
    removed: int = 0
    shared_addresses: int = 0
    closed_rejects: int = 0
    outside: int = 0
    on_closures: set[date] = field(default_factory=set)
    doubts: dict[tuple[str, str], int] = field(default_factory=dict)
    """Header and rule → cells that were left out of rows that went on."""
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    exceeds_tolerance: bool = False

    def add(self, attempt: ledger.Attempt) -> None:
        self.batches += 1
        self.received += attempt.rows_in
        self.on_closures |= {*attempt.on_closures}
        for (header, _field, rule, *_sentences), cells in attempt.doubts.items():
            self.doubts[header, rule] = self.doubts.get((header, rule), 0) + cells
        for name in (
            "loaded", "unchanged", "superseded", "duplicates", "quarantined", "removed",
            "shared_addresses", "closed_rejects", "outside", "ignored", "not_records", "not_asked",
            "tombstoned",
        ):  # fmt: skip
            setattr(self, name, getattr(self, name) + getattr(attempt, name))


def collect_place(place: Place, settings: Settings, request: Request) -> list[SourceReport]:
    """The reports of a place's sources, in the order of its TOML."""
    gc.freeze()  # what is imported stays: no need to look through it again for every page
    reports = []
    with ExitStack() as opened:  # once a place: opening costs more than finding nothing new
        warehouse = None
        for source in place.sources:
            if request.feeds and source.feed not in request.feeds:
                continue
            report = SourceReport(place.id, source.feed, source.id)
            logger.info("%s · %s", place.name, source.id)
            try:
                warehouse = warehouse or opened.enter_context(open_to_load(settings))
                collect_source(warehouse, place, source, settings, request, report)
            except Exception as fault:
                report.failed.append(what_failed(place, source, fault))
                opened.close()  # the next source does not inherit what is broken
                warehouse = None
            reports.append(report)
    mark_intolerable(place, reports)
    return reports


def mark_intolerable(place: Place, reports: list[SourceReport]) -> None:
    """Mark the sources with refused rows when the place as a whole has more than it tolerates."""
    tolerated = place.tolerated_quarantine_share * sum(report.received for report in reports)
    is_too_much = sum(report.quarantined for report in reports) > tolerated
    for report in reports:
        report.exceeds_tolerance = is_too_much and report.quarantined > 0


def what_failed(place: Place, source: Source, fault: BaseException) -> str:
    """A fault in words; a database's own message could quote a value."""
    if isinstance(fault, ImpactError):
        return str(fault)
    if not isinstance(fault, OSError | duckdb.OperationalError):
        return f"{place.id}, {source.id}: {unexpected(fault)}"
    what = reason(fault) if isinstance(fault, OSError) else type(fault).__name__
    return f"{place.id}, {source.id}: " + _(
        "the disk or the database gave up ({what}) → free some space or mend the disk; nothing of "
        "this batch was loaded and the next run takes it again"
    ).format(what=what)


def collect_source(
    warehouse: duckdb.DuckDBPyConnection, place: Place, source: Source, settings: Settings,
    request: Request, report: SourceReport,
) -> None:  # fmt: skip
    """Every batch of one source that is not loaded yet, or all of landing when asked again.

    A batch with a fault of its own waits, and those after it are taken: which version of a record
    stays is decided by time, not by who came first.
    """
    pseudonym = pseudonymiser_of(place, settings, known_key(warehouse, place, settings))
    erase_what_was_asked(warehouse, place, settings, request.as_of)
    if request.again == "landed":
        batches = landing.landed(settings.landing, place, source)
    else:
        batches = receive(warehouse, place, source, settings, request, report)
    for batch in batches:
        try:
            with inbox.begun(batch):
                landing.refuse_other_bytes(batch)
                attempt = load_batch(warehouse, place, source, batch, pseudonym, request.as_of)
            report.add(attempt)
            inbox.settle_loaded(attempt)
        except BatchRefused as fault:
            refused = ledger.Attempt(batch, request.as_of)
            ledger.write_attempt(warehouse, refused, outcome="refused", reason=str(fault))
            inbox.settle(batch, "refused", str(fault))
            report.refused.append(str(fault))
        except BaseException as fault:
            if not is_of_the_batch(fault):
                raise
            failed = what_failed(place, source, fault)
            inbox.leave(batch, failed)
            report.failed.append(f"{batch.file_name}: {failed}")


def is_of_the_batch(fault: BaseException) -> bool:
    """Could other batches of the source do better? Not where disk, database or declaration fail."""
    if isinstance(fault, duckdb.Error):
        return isinstance(fault, duckdb.DataError | duckdb.IntegrityError)
    if not isinstance(fault, Exception):
        return is_panic(fault)
    return not isinstance(fault, OSError | ConfigurationError)


def known_key(warehouse: duckdb.DuckDBPyConnection, place: Place, settings: Settings) -> bytes:
    """The place's key, checked against the one that the warehouse knows."""
    row = warehouse.execute(
        "SELECT key_fingerprint FROM ledger.place_key WHERE place_id = ?", [place.id]
    ).fetchone()
    key = place_key(settings.key_file(place.id), place.id, row[0] if row else None)
    if row is None:
        warehouse.execute(
            "INSERT INTO ledger.place_key VALUES (?, ?, ?)",
            [place.id, fingerprint(key), datetime.now(UTC)],
        )
    return key


def receive(
    warehouse: duckdb.DuckDBPyConnection,
    place: Place,
    source: Source,
    settings: Settings,
    request: Request,
    report: SourceReport,
) -> list[Batch]:
    """Fetch, and land what the ledger has not accepted yet."""
    waiting = []
    if request.window == (None, None):
        waiting = inbox.brought(warehouse, place, source, settings.landing)
    if request.is_brought:
        return waiting
    batches = waiting + [
        batch
        for batch in landing.landed(settings.landing, place, source)
        if batch.file_name.endswith(PAGES)
        and batch not in waiting
        and ledger.waits_to_be_loaded(warehouse, batch)
    ]
    names: dict[str, str] = {}
    pull = pull_for(warehouse, place, source, settings, request)
    there = fetch(place, source, pull, inbox.is_brought_to(settings.landing, place, source))
    for delivery in without_payroll(there, report):
        batch, is_known = recognise(warehouse, delivery, place, source, settings, request, names)
        if not is_known and batch.batch_id not in {b.batch_id for b in waiting}:
            try:
                landing.land(delivery, batch)
                batches.append(batch)
            except SourceError as fault:
                report.failed.append(str(fault))
        elif delivery.started_at:
            delivery.path.unlink()
    return batches


def without_payroll(deliveries: list[Delivery], report: SourceReport) -> Iterator[Delivery]:
    """Those that may be kept: a payroll declaration is refused, and the others go on."""
    for delivery in deliveries:
        try:
            refuse_payroll_file(delivery.path, delivery.name)
        except BatchRefused as fault:
            report.refused.append(str(fault))
            if delivery.started_at:
                delivery.path.unlink()
        else:
            yield delivery


def recognise(
    warehouse: duckdb.DuckDBPyConnection,
    delivery: Delivery,
    place: Place,
    source: Source,
    settings: Settings,
    request: Request,
    names: dict[str, str],
) -> tuple[Batch, bool]:
    """The batch that a delivery is, and whether it was accepted before.

    `names` remembers the name under which each batch was first seen in this run.
    """
    now = datetime.now(UTC)
    batch = landing.identify(delivery, place, source, request.window, settings.landing, now)
    known_as = ledger.accepted_name(warehouse, batch)
    seen_as = known_as or names.setdefault(batch.batch_id, delivery.name)
    days = coverage.named_days(delivery.name, source)
    if coverage.named_days(seen_as, source) != days:
        # the same records, or none, and it says so of other days
        batch = landing.identify(
            delivery, place, source, request.window, settings.landing, now, days
        )
        known_as = ledger.accepted_name(warehouse, batch)
    return batch, known_as is not None


def pull_for(
    warehouse: duckdb.DuckDBPyConnection,
    place: Place,
    source: Source,
    settings: Settings,
    request: Request,
) -> Pull:
    """What a connector is asked for: what the ledger does not know, or the days of the request."""
    work = settings.landing / place.id / source.id

    def known() -> set[str]:
        return load.known_records(warehouse, place.id, source)

    if request.window != (None, None):
        return Pull(place.folder, work, request.as_of, None, None, *request.window, known)
    since, whole_at = ledger.last_pulls(warehouse, place.id, source)
    since = since and since - OVERLAP
    last = landing.payload_of(work, ledger.last_pull(warehouse, place.id, source))
    return Pull(place.folder, work, request.as_of, since, whole_at, known=known, last=last)


def fetch(place: Place, source: Source, pull: Pull, is_brought_to: bool = False) -> list[Delivery]:
    """What is there of a source; that nothing is there is no fault on days when it is not in use.

    Nor is it where files are brought to the door: whether they come in time is asked every morning.
    Raises SourceError when the source is in use and cannot be reached.
    """
    try:
        return connectors.fetch(source, pull)
    except SourceError:
        if is_brought_to:
            return []
        if place.is_in_use(source, pull.as_of.astimezone(ZoneInfo(TIME_ZONE)).date()):
            raise
        return []
