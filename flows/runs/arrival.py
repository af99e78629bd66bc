"""The arrival flow: what was brought is collected, computed and shown; the night publishes.

One run takes everything that waits, whoever brought it, and looks again before it ends. So fifty
deliveries at once make few builds. The same flow is the sweep that finds what no event announced,
and the figures that a run left behind.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed

from flows.errors import Busy
from flows.intake import erasure, inbox
from flows.language import _
from flows.network.place_files import read_places
from flows.places import Place
from flows.runs.context import in_words, only_writer, patience, run_id, without_values
from flows.runs.page import Progress
from flows.runs.report import RunReport, end_of, show_report
from flows.runs.steps import collect_and_compute
from flows.serving.events import WarehouseLoaded, announce
from flows.settings import TIME_ZONE, Settings, read_settings
from flows.sources import Source
from flows.stages.preflight import check_before_starting
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from flows.warehouse.database import writer_lock

logger = logging.getLogger("impact")

COALESCE = timedelta(seconds=10)
"""One event of a burst starts a run; those of the next ten seconds are left to it."""
LOOK_SECONDS = 1
BEHIND_A_RUN_SECONDS = 300
"""Behind a long run, waiting arrivals would fill the runner: the next sweep comes in any case."""
ARRIVAL_SECONDS = 3600


@dataclass
class Work:
    """What one run has to do, and has done."""

    settings: Settings
    report: RunReport
    progress: Progress = field(default_factory=Progress)
    looks: int = 0
    """How often something was there to do."""
    tried: set[str] = field(default_factory=set)
    news: list[tuple[Place, Source, str]] = field(default_factory=list)
    """What the tools said; it is forgotten when they were asked, and had an answer."""

    def wanted(self) -> list[tuple[Place, Request]]:
        """What waits and was not tried by this run: one request a place and feed."""
        landing, found = self.settings.landing, []
        for place in read_places(self.settings.places).values():
            asked = {one.erasure_id for one in erasure.open_requests(landing, place.id)}
            for feed in dict.fromkeys(source.feed for source in place.sources):
                sources = [source for source in place.sources if source.feed == feed]
                batches = {b.batch_id for s in sources for b in inbox.waiting(landing, place, s)}
                news = {n: s for s in sources if (n := inbox.news_of(landing, place, s))}
                if {*batches, *news, *asked} - self.tried:
                    is_brought = not set(news) - self.tried
                    request = Request(self.report.as_of, feeds=(feed,), is_brought=is_brought)
                    found.append((place, request))
                self.tried |= {*batches, *news, *asked}
                self.news += [(place, source, name) for name, source in news.items()]
        return found

    def loaded(self, sources: list[SourceReport], request: Request) -> None:
        """Say what came, and forget the news of the sources that had an answer."""
        for place_id in {source.place_id for source in sources}:
            announce(
                WarehouseLoaded(
                    place=place_id, feed=request.feeds[0], run=run_id(), look=self.looks,
                    batches=sum(s.batches for s in sources),
                    received=sum(s.received for s in sources),
                    loaded=sum(s.loaded for s in sources),
                    quarantined=sum(s.quarantined for s in sources),
                )
            )  # fmt: skip
        answered = {(s.place_id, s.source_id) for s in sources if not s.failed}
        for place, source, name in self.news:
            if (place.id, source.id) in answered:
                inbox.forget_news(self.settings.landing, place, source, name)


def arrival_name() -> str:
    given = flow_run.parameters
    if given.get("place"):
        return _("arrival {place} {feed}").format(place=given["place"], feed=given["feed"])
    at = flow_run.scheduled_start_time.astimezone(ZoneInfo(TIME_ZONE))
    return _("sweep {at:%Y-%m-%d %H:%M}").format(at=at)


@flow(name="arrival", flow_run_name=arrival_name, timeout_seconds=ARRIVAL_SECONDS)
@in_words
def arrival(place: str = "", feed: str = "") -> State[None]:
    """Take everything that waits in landing; the place and the feed name the run."""
    work = Work(read_settings(), RunReport(datetime.now(UTC)))
    until = flow_run.scheduled_start_time + COALESCE if place else datetime.now(UTC)
    ended = _("nothing waits: another run has taken it")
    try:
        look(work, until, is_sweep=not place)
    except Busy:
        ended = _("another run is writing: the next sweep takes what waits")
    if not work.looks:
        return Completed(message=ended)
    work.progress.end()
    return end_of(show_report(work.report, work.settings))


def look(work: Work, until: datetime, *, is_sweep: bool) -> None:
    """Take what waits, and look again, until nothing has come and it is late enough."""
    is_late = False
    while not is_late:
        is_late = datetime.now(UTC) >= until
        wanted = work.wanted()
        if wanted or (is_sweep and is_left_behind(work.settings)):
            take(work, wanted)
            is_late = False
        elif not is_late:
            time.sleep(LOOK_SECONDS)


def is_left_behind(settings: Settings) -> bool:
    """Has a run ended before its figures were there? The mark of one that goes on is not meant."""
    if not settings.uncounted.exists():
        return False
    try:
        with writer_lock(settings, wait_seconds=0):
            return settings.uncounted.exists()
    except Busy:
        return False


def take(work: Work, wanted: list[tuple[Place, Request]]) -> None:
    """One round: collect all that waits, then compute once."""
    if not work.looks:
        check_before_starting(work.settings, wait_seconds=patience(BEHIND_A_RUN_SECONDS))
    with without_values(), only_writer(work.settings, BEHIND_A_RUN_SECONDS):
        if not wanted and not work.settings.uncounted.exists():
            return  # another run came first
        work.looks += 1
        collect_and_compute(
            work.report, work.progress, work.settings, wanted, when="never", then=work.loaded
        )
