"""The nightly flow: collect every place, build, audit, publish (`python -m flows.nightly`)."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo

from flows.settings import TIME_ZONE, Settings, point_prefect_at, read_settings

point_prefect_at(read_settings())

import polars as pl  # noqa: E402
from prefect import flow  # noqa: E402 (Prefect reads its folder when it is imported)
from prefect.client.schemas.objects import State  # noqa: E402
from prefect.runtime import flow_run  # noqa: E402
from prefect.states import Completed, Failed  # noqa: E402

from flows.alerts import Alert, raise_alerts  # noqa: E402
from flows.build import audit, build  # noqa: E402
from flows.collect import Request, SourceReport, collect  # noqa: E402
from flows.connectors import connector  # noqa: E402
from flows.definitions import check_definitions  # noqa: E402
from flows.errors import ImpactError  # noqa: E402
from flows.events import FiguresComputed, ReleasePublished, announce  # noqa: E402
from flows.intake.landing import clear  # noqa: E402
from flows.intake.ledger import settled_batches  # noqa: E402
from flows.intake.pseudonym import place_key  # noqa: E402
from flows.language import _  # noqa: E402
from flows.place_files import declared_place, read_places  # noqa: E402
from flows.places import Place  # noqa: E402
from flows.publication.release import flush  # noqa: E402
from flows.publish import Publishing, publish, refresh_preview  # noqa: E402
from flows.run_context import (  # noqa: E402
    WAIT_SECONDS,
    in_words,
    is_served,
    only_writer,
    patience,
    run_id,
    without_values,
)
from flows.run_page import Progress, show_moved, show_quality, show_refusals, show_sources  # noqa: E402
from flows.warehouse.audit import Verdict  # noqa: E402
from flows.warehouse.commitment_files import read_commitments  # noqa: E402
from flows.warehouse.database import open_warehouse, writer_lock  # noqa: E402
from flows.warehouse.models import read_indicators  # noqa: E402
from flows.warehouse.reference_tables import check_reference  # noqa: E402

logger = logging.getLogger("impact")


def night_name() -> str:
    """`night 2026-11-02`: that for which it was asked, else that in which it runs."""
    as_of = flow_run.parameters.get("as_of") or flow_run.scheduled_start_time
    return _("night {as_of:%Y-%m-%d}").format(as_of=as_of.astimezone(ZoneInfo(TIME_ZONE)))


NIGHT_SECONDS = 6 * 3600


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


@flow(name="nightly", flow_run_name=night_name, timeout_seconds=NIGHT_SECONDS)
def nightly(
    as_of: datetime | None = None,
    place_ids: list[str] | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    again: Literal["landed", "recompute"] | None = None,
) -> RunReport:
    """Collect the places, compute the figures, check them, and publish them when they hold."""
    settings = read_settings()
    request = Request(as_of or datetime.now(UTC), first_day, last_day, again)
    report = RunReport(request.as_of)
    places = read_places(settings.places)
    asked = [] if again == "recompute" else chosen(places, place_ids)
    progress = Progress(len(asked) + 1)
    with without_values(), only_writer(settings):
        for place in asked:
            progress.step(place.name)
            report.sources += collected(place, settings, request)
        progress.step(_("compute"))
        bring_up_to_date(report, places, settings, force=again == "recompute")
        clear_landing(settings)
        show_refusals(settings, report.as_of)
    progress.end()
    show_report(report, settings)
    return report


@flow(name="night", flow_run_name=night_name, timeout_seconds=NIGHT_SECONDS)
@in_words
def night() -> State[None]:
    """What the calendar starts: the nightly flow for now, whose faults are its own."""
    settings = read_settings()
    check_before_starting(settings)
    return end_of(nightly.fn())


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


def collected(
    place: Place, settings: Settings, request: Request, when: Publishing = "always"
) -> list[SourceReport]:
    """The reports of a place; a source that failed does not stop the run.

    From here on a run that ends too early leaves figures that are behind, and the mark says so;
    not when somebody wants to see them before they are published.
    """
    if when in ("always", "if_moved"):
        settings.uncounted.touch(mode=0o600)
        flush(settings.home)
    state = collect(place, settings, request, return_state=True)
    return cast(list[SourceReport], state.result(raise_on_failure=False))


def bring_up_to_date(
    report: RunReport,
    places: dict[str, Place],
    settings: Settings,
    *,
    force: bool = False,
    when: Publishing = "always",
) -> None:
    """Compute, judge and publish what the warehouse now says; the caller is the only writer.

    With `if_moved`, readers keep the release that they have unless a published figure moved. What
    is rehearsed is announced to nobody.
    """
    built = build(list(places.values()), settings, report.as_of, force=force)
    report.release_id, report.is_new = built.release_id, built.is_new
    if built.is_new:
        refresh_preview(settings)  # the audit takes longer than all the rest: figures first
        if when != "rehearse":
            announce(FiguresComputed(release=built.release_id, run=run_id()))
        report.verdicts = audit(settings, built.release_id)
        if not any(verdict.stops_release for verdict in report.verdicts):
            report.moved = publish(settings, built.release_id, when)
            has_moved = len(report.moved) > 0
            report.is_published = when == "always" or (when == "if_moved" and has_moved)
            report.is_held = when == "hold" and has_moved
        refresh_preview(settings)
        if report.is_published:
            announce(ReleasePublished(release=built.release_id, figures_moved=len(report.moved)))
    settings.uncounted.unlink(missing_ok=True)
    report.release = settings.current_release if settings.current_release.exists() else None


def chosen(places: dict[str, Place], place_ids: list[str] | None) -> list[Place]:
    """The places asked for, or all; raises ConfigurationError for one that is not declared."""
    return [declared_place(places, place_id) for place_id in place_ids or places]


def clear_landing(settings: Settings) -> None:
    """Landed bytes go thirty days after they came; with rows left to correct, after ninety."""
    with open_warehouse(settings, read_only=True) as warehouse:
        settled = settled_batches(warehouse)
    clear(settings.landing, settled, datetime.now(UTC))


def check_before_starting(
    settings: Settings, place_ids: list[str] | None = None, seconds: float = WAIT_SECONDS
) -> None:
    """Everything that can be refused before anything changes; an older warehouse is upgraded here.

    Raises ConfigurationError for a place, a grant, a definition, reference data or a key that is
    wrong, Busy when another run writes for longer than these seconds.
    """
    check_reference(settings)
    places = read_places(settings.places)
    for place in chosen(places, place_ids):
        for source in place.sources:
            connector(
                source.connector,
                where=_("{place}, source {source}").format(place=place.id, source=source.id),
            )
    check_definitions(settings)
    read_commitments(settings, list(places.values()), read_indicators(settings.sql))
    if settings.warehouse.exists():
        with writer_lock(settings, patience(seconds)), open_warehouse(settings) as warehouse:
            for place_id, known in warehouse.execute(
                "SELECT place_id, key_fingerprint FROM ledger.place_key"
            ).fetchall():
                place_key(settings.key_file(place_id), place_id, known)


def main() -> int:
    """The flow for this instant, without a word when all is well; exit codes as `impact run`."""
    try:
        check_before_starting(read_settings())
        return nightly(datetime.now(UTC)).exit_code
    except ImpactError as fault:
        logger.error("impact: %s", fault)
        return fault.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
