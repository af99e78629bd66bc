"""The course that night, arrival and rerun share: collect, then bring everything up to date."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import cast

from flows.intake.landing import clear
from flows.intake.ledger import settled_batches
from flows.language import _
from flows.network.place_files import read_places
from flows.places import Place
from flows.runs.context import is_served, run_id
from flows.runs.page import Progress, show_refusals
from flows.runs.report import RunReport
from flows.runs.tasks import audit, build, collect, publish, refresh_preview, renew_pages
from flows.serving.events import FiguresComputed, ReleasePublished, announce
from flows.settings import Settings
from flows.stages.build import note_outcome
from flows.stages.publish import Publishing
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from flows.warehouse.database import open_warehouse
from flows.whole_files import flush


def collect_and_compute(
    report: RunReport,
    progress: Progress,
    settings: Settings,
    wanted: list[tuple[Place, Request]],
    *,
    force: bool = False,
    when: Publishing = "always",
    then: Callable[[list[SourceReport], Request], None] | None = None,
) -> None:
    """Collect what is wanted, then compute once; the caller is the only writer.

    `then` is told of each place as soon as its records are in the warehouse.
    """
    progress.steps += len(wanted) + 1
    for place, request in wanted:
        progress.step(place.name)
        sources = collected(place, settings, request, when)
        report.sources += sources
        if then is not None:
            then(sources, request)
    progress.step(_("compute"))
    bring_up_to_date(report, settings, force=force, when=when)
    if is_served():
        show_refusals(settings, report.as_of)


def collected(
    place: Place, settings: Settings, request: Request, when: Publishing = "always"
) -> list[SourceReport]:
    """The reports of a place; a source that failed does not stop the run.

    From here on a run that ends too early leaves figures that are behind, and the mark says so;
    not when somebody wants to see them before they are published.
    """
    if when in ("always", "never"):
        settings.uncounted.touch(mode=0o600)
        flush(settings.home)
    state = collect(place, settings, request, return_state=True)
    return cast(list[SourceReport], state.result(raise_on_failure=False))


def bring_up_to_date(
    report: RunReport,
    settings: Settings,
    *,
    force: bool = False,
    when: Publishing = "always",
) -> None:
    """Compute, judge and publish what the warehouse now says; the caller is the only writer.

    With `never`, readers keep the release that they have, and the preview tells. What is rehearsed
    is announced to nobody.
    """
    places = list(read_places(settings.places).values())
    built = build(places, settings, report.as_of, force=force, is_shown_alone=when == "never")
    report.release_id, report.is_new = built.release_id, built.is_new
    if built.is_new:
        refresh_preview(settings)  # the audit takes longer than all the rest: figures first
        if when != "rehearse":
            announce(FiguresComputed(release=built.release_id, run=run_id()))
        report.verdicts = audit(settings, built.release_id, is_shown_alone=when == "never")
        if not any(verdict.stops_release for verdict in report.verdicts):
            report.is_published = when == "always"
            if report.is_published:
                report.moved = publish(settings, built.release_id)
            else:
                note_outcome(settings, built.release_id, "previewed")
        refresh_preview(settings)
        if report.is_published:
            report.pages_fault = renew_pages(settings)
            announce(ReleasePublished(release=built.release_id, figures_moved=len(report.moved)))
    settings.uncounted.unlink(missing_ok=True)
    report.release = settings.current_release if settings.current_release.exists() else None


def clear_landing(settings: Settings) -> None:
    """Landed bytes go when the days are over for which the network keeps them."""
    with open_warehouse(settings, read_only=True) as warehouse:
        settled = settled_batches(warehouse)
    clear(settings.landing, settled, datetime.now(UTC), settings.retention)
