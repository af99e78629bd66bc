"""What a run did: for the terminal, the exit code, the page of the run, the data manager."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import polars as pl
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.language import _
from flows.operation.alerts import Alert, raise_alerts
from flows.runs.context import is_served
from flows.runs.page import show_moved, show_quality, show_sources
from flows.settings import Settings
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
    is_held: bool = False
    """Written, and waiting for somebody's approval."""
    moved: pl.DataFrame = field(default_factory=pl.DataFrame)
    """The published figures that are others than in the release before."""

    @property
    def exit_code(self) -> int:
        """1 something failed; 3 refused batches or too many quarantined rows; else 0."""
        if any(s.failed for s in self.sources) or any(v.stops_release for v in self.verdicts):
            return 1
        if any(s.refused or s.exceeds_tolerance for s in self.sources):
            return 3
        return 0


def show_report(report: RunReport, settings: Settings) -> None:
    """What the page of the run shows, and what the data manager hears."""
    show_sources(report.sources)
    show_quality(report.verdicts)
    if report.is_new:
        show_moved(report.moved, report.release_id, report.release, outcome_of(report))
    if is_served():
        raise_alerts(settings, alerts_of(report))


def outcome_of(report: RunReport) -> str:
    if report.is_published:
        return _("Published")
    if report.is_held:
        return _("Computed: the release waits for approval")
    if any(verdict.stops_release for verdict in report.verdicts):
        return _("Stopped: a critical promise is broken, and the last release stays")
    return _("Computed: no published figure moved, and the last release stays")


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
