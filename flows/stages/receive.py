"""What is there of a source and is not loaded yet: asked for, fetched, and landed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb

from flows import connectors
from flows.errors import BatchRefused, SourceError
from flows.intake import coverage, inbox, landing, ledger, load
from flows.intake.landing import Batch
from flows.payroll import refuse_payroll_file
from flows.places import Place
from flows.records import PAGES, Delivery, Pull
from flows.settings import TIME_ZONE, Settings
from flows.shown_names import hidden, nth_file
from flows.sources import Source
from flows.stages.request import Request
from flows.stages.source_report import SourceReport

OVERLAP = timedelta(hours=1)
"""Asked for again behind the start of the last pull: clocks differ, and a change takes a while."""


def receive(
    warehouse: duckdb.DuckDBPyConnection,
    place: Place,
    source: Source,
    settings: Settings,
    request: Request,
    report: SourceReport,
) -> tuple[list[Batch], set[str]]:
    """Fetch, and land what the ledger has not accepted yet.

    Also which of them were compared with their hash just now, because they were moved and not
    copied: their bytes need not be read once more.
    """
    waiting, compared = [], set[str]()
    if request.window == (None, None):
        waiting = inbox.brought(warehouse, place, source, settings.landing)
    if request.is_brought:
        return waiting, compared
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
    marks = {one.mark: pull.taken[one.mark] for one in there if one.was_taken}
    for shown, delivery in that_came(there, source, report):
        with said(report, {delivery.name: shown}):
            without_payroll(delivery)
            batch, is_known = recognise(
                warehouse, delivery, place, source, settings, request, names
            )
            if not is_known and batch.batch_id not in {b.batch_id for b in waiting}:
                landing.land(delivery, batch)
                batches.append(batch)
                if delivery.started_at:
                    compared.add(batch.batch_id)
            elif delivery.started_at:
                delivery.path.unlink()
            if delivery.mark:
                marks[delivery.mark] = batch.batch_id
    if not pull.is_for_days:
        landing.note_marks(pull.work, marks)
    return batches, compared


def that_came(
    deliveries: list[Delivery], source: Source, report: SourceReport
) -> Iterator[tuple[str, Delivery]]:
    """What may be shown of each that is there, and itself; of others, why they could not be had."""
    for number, delivery in enumerate(deliveries, start=1):
        with said(report, {}):
            if delivery.fault:
                raise delivery.fault
        if not delivery.fault and not delivery.was_taken:
            yield nth_file(delivery.name, source, number), delivery


@contextmanager
def said(report: SourceReport, names: dict[str, str]) -> Iterator[None]:
    """A fault of one delivery is said, without the name that may not be shown; others go on."""
    try:
        with hidden(names):
            yield
    except BatchRefused as fault:
        report.refused.append(str(fault))
    except SourceError as fault:
        report.failed.append(str(fault))


def without_payroll(delivery: Delivery) -> None:
    """Raises BatchRefused for a payroll declaration, of which nothing may be kept."""
    try:
        refuse_payroll_file(delivery.path, delivery.name)
    except BatchRefused:
        if delivery.started_at:
            delivery.path.unlink()
        raise


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
    seen_as = known_as or names.setdefault(batch.batch_id, batch.shown)
    days = coverage.named_days(batch.shown, source)
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
    marks = landing.marks(work)
    loaded = ledger.accepted_of(warehouse, marks.values())
    taken = {mark: batch_id for mark, batch_id in marks.items() if batch_id in loaded}
    return Pull(
        place.folder, work, request.as_of, since, whole_at, known=known, last=last, taken=taken
    )


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
