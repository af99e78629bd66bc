"""The arrival flow: what was brought is collected, computed, shown, and published when it matters.

One run takes everything that waits, whoever brought it, and looks again before it ends. So fifty
deliveries at once make few builds. The same flow is the sweep that finds what no event announced,
and the figures that a run left behind.
"""

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flows.settings import TIME_ZONE, Settings, point_prefect_at, read_settings

point_prefect_at(read_settings())

from prefect import flow  # noqa: E402 (Prefect reads its folder when it is imported)
from prefect.client.schemas.objects import State  # noqa: E402
from prefect.runtime import flow_run  # noqa: E402
from prefect.states import Completed  # noqa: E402

from flows.collect import (  # noqa: E402
    Request,
    SourceReport,
)
from flows.errors import Busy  # noqa: E402
from flows.events import WarehouseLoaded, announce  # noqa: E402
from flows.intake import erasure, inbox  # noqa: E402
from flows.language import _  # noqa: E402
from flows.nightly import (  # noqa: E402
    RunReport,
    bring_up_to_date,
    check_before_starting,
    collected,
    end_of,
    show_report,
)
from flows.place_files import read_places  # noqa: E402
from flows.places import Place, Source  # noqa: E402
from flows.run_context import in_words, only_writer, run_id, without_values  # noqa: E402
from flows.run_page import Progress, show_refusals  # noqa: E402
from flows.warehouse.database import writer_lock  # noqa: E402

logger = logging.getLogger("impact")

COALESCE = timedelta(seconds=10)
"""One event of a burst starts a run; those of the next ten seconds are left to it."""
LOOK_SECONDS = 1
WAIT_SECONDS = 300
"""Behind a long run, waiting arrivals would fill the runner: the next sweep comes in any case."""
ARRIVAL_SECONDS = 3600


@dataclass
class Work:
    """What one run has to do, and has done."""

    settings: Settings
    report: RunReport
    progress: Progress = field(default_factory=lambda: Progress(0))
    looks: int = 0
    """How often something was there to do."""
    tried: set[str] = field(default_factory=set)
    news: list[tuple[Place, Source, str]] = field(default_factory=list)
    """What the tools said; it is forgotten when they were asked, and had an answer."""

    def wanted(self) -> list[tuple[Place, Request]]:
        """What waits and was not tried by this run: one request a place and feed."""
        landing, found = self.settings.landing, []
        for place in read_places(self.settings.places).values():
            asked = {one.erasure_id for one in erasure.asked(landing, place.id)}
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
    show_report(work.report, work.settings)
    return end_of(work.report)


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
        check_before_starting(work.settings, seconds=WAIT_SECONDS)
    with without_values(), only_writer(work.settings, WAIT_SECONDS):
        if not wanted and not work.settings.uncounted.exists():
            return  # another run came first
        work.looks += 1
        work.progress.steps += len(wanted) + 1
        for place, request in wanted:
            work.progress.step(place.name)
            load(work, collected(place, work.settings, request), request.feeds[0])
        failed = {(s.place_id, s.source_id) for s in work.report.sources if s.failed}
        for place, source, name in work.news:
            if (place.id, source.id) not in failed:
                inbox.forget_news(work.settings.landing, place, source, name)
        work.progress.step(_("compute"))
        places = read_places(work.settings.places)
        bring_up_to_date(work.report, places, work.settings, when="if_moved")
        show_refusals(work.settings, work.report.as_of)


def load(work: Work, sources: list[SourceReport], feed: str) -> None:
    work.report.sources += sources
    for place_id in {source.place_id for source in sources}:
        announce(
            WarehouseLoaded(
                place=place_id, feed=feed, run=run_id(), look=work.looks,
                batches=sum(s.batches for s in sources),
                received=sum(s.received for s in sources),
                loaded=sum(s.loaded for s in sources),
                quarantined=sum(s.quarantined for s in sources),
            )
        )  # fmt: skip
