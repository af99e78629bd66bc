"""The arrival flow: what was brought is collected, computed, shown, and published when it matters.

One run takes everything that waits, whoever brought it, and looks again before it ends. So fifty
deliveries at once make few builds. The same flow is the sweep that finds what no event announced.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from flows.settings import Settings, point_prefect_at, read_settings

point_prefect_at(read_settings())

from prefect import flow  # noqa: E402 (Prefect reads its folder when it is imported)
from prefect.client.schemas.objects import State  # noqa: E402
from prefect.runtime import flow_run  # noqa: E402
from prefect.states import Completed, Failed  # noqa: E402

from flows.collect import Request  # noqa: E402
from flows.events import WarehouseLoaded, announce  # noqa: E402
from flows.intake import inbox  # noqa: E402
from flows.language import _  # noqa: E402
from flows.nightly import (  # noqa: E402
    RunReport,
    bring_up_to_date,
    check_before_starting,
    collected,
)
from flows.place_files import read_places  # noqa: E402
from flows.run_context import only_writer, run_id  # noqa: E402
from flows.run_page import show_report  # noqa: E402

logger = logging.getLogger("impact")

COALESCE = timedelta(seconds=10)
"""One event of a burst starts a run; those of the next ten seconds are left to it."""
LOOK_SECONDS = 1
ARRIVAL_SECONDS = 3600


@dataclass
class Work:
    """What one run has to do, and has done."""

    settings: Settings
    report: RunReport
    hint: tuple[str, str] | None = None
    """Place and feed of a source that has to be asked."""
    tried: set[str] = field(default_factory=set)

    def wanted(self) -> list[tuple[str, str]]:
        """Place and feed of each batch that waits and was not tried by this run."""
        places = read_places(self.settings.places)
        waiting = [
            batch
            for batch in inbox.all_waiting(self.settings.landing)
            if batch.batch_id not in self.tried
            and batch.place_id in places
            and any(source.id == batch.source_id for source in places[batch.place_id].sources)
        ]
        self.tried |= {batch.batch_id for batch in waiting}
        return list(dict.fromkeys((batch.place_id, batch.feed) for batch in waiting))


def arrival_name() -> str:
    given = flow_run.parameters
    if given.get("place"):
        return _("arrival {place} {feed}").format(place=given["place"], feed=given["feed"])
    return _("sweep {at:%Y-%m-%d %H:%M}").format(at=flow_run.scheduled_start_time)


@flow(name="arrival", flow_run_name=arrival_name, timeout_seconds=ARRIVAL_SECONDS)
def arrival(
    place: str = "", feed: str = "", landed_at: datetime | None = None, ask_source: bool = False
) -> State[None]:
    """Take everything that waits in landing, and the source named when it has to be asked."""
    settings = read_settings()
    hint = (place, feed) if ask_source else None
    work = Work(settings, RunReport(datetime.now(UTC)), hint)
    until = landed_at + COALESCE if landed_at else datetime.now(UTC)
    is_checked = False
    while True:
        wanted = work.wanted()
        if wanted or work.hint:
            if not is_checked:
                check_before_starting(settings)
                is_checked = True
            take(work, wanted)
        elif (left := until - datetime.now(UTC)) > timedelta():
            time.sleep(min(LOOK_SECONDS, left.total_seconds()))
        else:
            break
    if not is_checked:
        return Completed(message=_("nothing waits: another run has taken it"))
    show_report(work.report)
    return end_of(work.report)


def take(work: Work, wanted: list[tuple[str, str]]) -> None:
    """One round: collect, then compute once."""
    settings, report = work.settings, work.report
    with only_writer(settings):
        places = read_places(settings.places)
        for place_id, feed in wanted:
            request = Request(report.as_of, feed=feed, is_brought=True)
            load(work, collected(places[place_id], settings, request), feed)
        if work.hint:
            (place_id, feed), work.hint = work.hint, None
            load(
                work, collected(places[place_id], settings, Request(report.as_of, feed=feed)), feed
            )
        bring_up_to_date(report, places, settings, when="if_moved")


def load(work: Work, sources: list, feed: str) -> None:  # type: ignore[type-arg]
    work.report.sources += sources
    for place_id in {source.place_id for source in sources}:
        announce(
            WarehouseLoaded(
                place=place_id, feed=feed, run=run_id(),
                batches=sum(s.batches for s in sources),
                received=sum(s.received for s in sources),
                loaded=sum(s.loaded for s in sources),
                quarantined=sum(s.quarantined for s in sources),
            )
        )  # fmt: skip


def end_of(report: RunReport) -> State[None]:
    """Failed when something has to be looked at, with what; else what was done, in a line."""
    faults = [fault for source in report.sources for fault in source.failed]
    if any(verdict.stops_release for verdict in report.verdicts):
        faults.append(_("a critical promise is broken: the last release stays"))
    if faults:
        return Failed(message="; ".join(faults))
    refused = sum(len(source.refused) for source in report.sources)
    said = _("{loaded} rows loaded, {quarantined} refused").format(
        loaded=sum(source.loaded for source in report.sources),
        quarantined=sum(source.quarantined for source in report.sources),
    )
    if refused:
        said += ", " + _("{count} deliveries refused").format(count=refused)
    if report.is_published:
        said += ", " + _("release {id}").format(id=report.release_id)
    return Completed(message=said)
