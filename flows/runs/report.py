"""What a run did: for the terminal, the exit code, the page of the run, the data manager."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.language import _
from flows.operation.alerts import Alert, raise_alerts
from flows.operation.last_run import Ending, LastRun, happened, keep, what_moved
from flows.publication.gate.edge import count_left_out
from flows.publication.moved import counted
from flows.publication.query import next_day
from flows.runs.context import is_served
from flows.runs.page import show_differing, show_last, show_moved, show_quality, show_sources
from flows.settings import TIME_ZONE, Settings
from flows.stages.source_report import SourceReport
from flows.warehouse.audit import Verdict


@dataclass
class RunReport:
    """What a run did, for the terminal and the exit code."""

    as_of: datetime
    sources: list[SourceReport] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    release_id: str = ""
    release: Path | None = None
    is_new: bool = False
    is_published: bool = False
    pages_fault: str = ""
    """Why the pages are not those of the release that was published."""
    moved: pl.DataFrame = field(default_factory=pl.DataFrame)
    """The published figures that are others than in the release before."""
    differing: pl.DataFrame = field(default_factory=pl.DataFrame)
    """The published values that the records of now say otherwise: see `stages.revise`."""

    @property
    def exit_code(self) -> int:
        """1 something failed; 3 refused batches or too many quarantined rows; else 0."""
        if any(s.failed for s in self.sources) or any(v.stops_release for v in self.verdicts):
            return 1
        if self.pages_fault:
            return 1
        if any(s.refused or s.exceeds_tolerance for s in self.sources):
            return 3
        return 0


def show_report(report: RunReport, settings: Settings) -> LastRun:
    """What the page of the run shows, what the data manager hears, and what status will say."""
    run = last_of(report, settings)
    keep(settings, run)
    show_last(run, report.release)
    if is_served():
        show_tables(report, run)
        raise_alerts(settings, alerts_of(report))
    return run


@task(task_run_name=_("tables"), cache_policy=NO_CACHE)
def show_tables(report: RunReport, run: LastRun) -> None:
    """What stands behind the sentences."""
    show_sources(report.sources)
    show_moved(report.moved, what_moved(run))
    show_differing(report.differing)
    show_quality(report.verdicts)


def last_of(report: RunReport, settings: Settings) -> LastRun:
    """What there is to say of a run."""
    sources, broken = report.sources, [v for v in report.verdicts if v.stops_release]
    return LastRun(
        name=flow_run.name or "",
        ended_at=datetime.now(ZoneInfo(TIME_ZONE)),
        ending=ending_of(report),
        release_id=report.release_id,
        loaded=sum(source.loaded for source in sources),
        quarantined=sum(source.quarantined for source in sources),
        refused=[fault for source in sources for fault in source.refused],
        failed=[fault for source in sources for fault in source.failed]
        + [_("a critical promise is broken: {promise}").format(promise=_(v.promise.sentence))
           for v in broken]
        + ([report.pages_fault] if report.pages_fault else []),
        beyond=sorted({source.place_id for source in sources if source.exceeds_tolerance}),
        moved=[([*causes], count) for causes, count in counted(report.moved).items()],
        left_out=count_left_out(report.release) if report.release else 0,
        differing=[" ".join(row) for row in report.differing.iter_rows()],
        next_day=next_day(settings, report.as_of.astimezone(ZoneInfo(TIME_ZONE)).date()),
    )  # fmt: skip


def ending_of(report: RunReport) -> Ending:
    if any(verdict.stops_release for verdict in report.verdicts):
        return "stopped"
    if report.is_published:
        return "published"
    return "quiet"


def alerts_of(report: RunReport) -> list[Alert]:
    """Sources that failed, places that are over what they tolerate, and broken promises.

    Refused deliveries are told by the watch, of what landing says: a run may end before its report.
    """
    day = report.as_of.date()
    found = []
    for source in report.sources:
        name = f"{source.place_id}|{source.source_id}"
        found += [Alert(f"failed|{day}|{name}|{text}", "failed", text) for text in source.failed]
        if source.exceeds_tolerance:
            text = _("{place}, {source}: more rows were refused than the place tolerates")
            text = text.format(place=source.place_id, source=source.source_id)
            found.append(Alert(f"tolerance|{day}|{name}", "refused", text))
    for verdict in report.verdicts:
        if verdict.stops_release:
            key = f"promise|{day}|{verdict.promise.id}"
            found.append(Alert(key, "failed", _(verdict.promise.sentence)))
    return found


def end_of(run: LastRun, data: Any = None) -> State[Any]:
    """Failed when something has to be looked at, with what; else what was done, in a line."""
    if run.failed:
        return Failed(message="; ".join([happened(run), *run.failed]), data=data)
    return Completed(message=happened(run), data=data)
