"""Collect one place: fetch, land, parse, pseudonymise, validate, load; report every fault."""

import gc
import logging
from contextlib import ExitStack

import duckdb

from flows.errors import (
    BatchRefused,
    ConfigurationError,
    ImpactError,
    is_panic,
    reason,
    unexpected,
)
from flows.intake import inbox, landing, ledger
from flows.intake.forgotten import read_forgotten
from flows.intake.pseudonym import pseudonymiser_of
from flows.language import _
from flows.machine import why
from flows.places import Place
from flows.settings import Settings
from flows.shown_names import hidden
from flows.sources import Source
from flows.stages.batch import load_batch
from flows.stages.erasure import erase_what_was_asked
from flows.stages.forget import finish_forgetting, is_to_forget
from flows.stages.place_keys import known_key
from flows.stages.receive import receive
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from flows.warehouse.database import open_to_load

logger = logging.getLogger("impact")


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
                if warehouse is None:
                    warehouse = opened.enter_context(open_to_load(settings))
                    if is_to_forget(warehouse, place, settings):
                        opened.close()  # the file is written anew
                        finish_forgetting(place, settings, request.as_of)
                        warehouse = opened.enter_context(open_to_load(settings))
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
    records = sum(report.received - report.ignored for report in reports)  # fillers are none
    tolerated = place.tolerated_quarantine_share * records
    is_too_much = sum(report.quarantined for report in reports) > tolerated
    for report in reports:
        report.exceeds_tolerance = is_too_much and report.quarantined > 0


def what_failed(place: Place, source: Source, fault: BaseException) -> str:
    """A fault in words; a database's own message could quote a value."""
    if isinstance(fault, ImpactError):
        return str(fault)
    if not isinstance(fault, OSError | duckdb.OperationalError):
        return f"{place.id}, {source.id}: {unexpected(fault)}"
    what = reason(fault) if isinstance(fault, OSError) else why(fault) or type(fault).__name__
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
    is_of = read_forgotten(settings, place.id).is_of()
    keep_from = settings.retention.records_from(request.as_of.date())
    if request.again == "landed":
        batches, compared = landing.landed(settings.landing, place, source), set[str]()
    else:
        batches, compared = receive(warehouse, place, source, settings, request, report)
    for batch in batches:
        try:
            with hidden({batch.file_name: batch.shown}), inbox.begun(batch):
                if batch.batch_id not in compared:
                    landing.refuse_other_bytes(batch)
                attempt = load_batch(
                    warehouse, place, source, batch, pseudonym, request.as_of,
                    is_of=is_of, keep_from=keep_from,
                )  # fmt: skip
            if attempt.sheets:
                landing.note_names(batch, attempt.sheets)
            report.add(attempt)
            inbox.settle_loaded(attempt)
            if attempt.forgotten:  # it names somebody who is not to be named here any more
                landing.remove(batch)
        except BatchRefused as fault:
            if fault.hidden:
                landing.note_names(batch, fault.hidden)
            refused = ledger.Attempt(batch, request.as_of)
            ledger.write_attempt(warehouse, refused, outcome="refused", reason=str(fault))
            inbox.settle(batch, "refused", str(fault))
            report.refused.append(str(fault))
        except BaseException as fault:
            if not is_of_the_batch(fault):
                raise
            failed = what_failed(place, source, fault)
            inbox.leave(batch, failed)
            report.failed.append(f"{batch.shown}: {failed}")


def is_of_the_batch(fault: BaseException) -> bool:
    """Could other batches of the source do better? Not where disk, database or declaration fail."""
    if isinstance(fault, duckdb.Error):
        own = duckdb.DataError | duckdb.IntegrityError | duckdb.OutOfMemoryException
        return isinstance(fault, own)
    if not isinstance(fault, Exception):
        return is_panic(fault)
    return not isinstance(fault, OSError | ConfigurationError)
