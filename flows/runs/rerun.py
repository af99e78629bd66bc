"""The deployment for people: run again what they choose, and see which published values differ."""

import shutil
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.language import _
from flows.network.place_files import read_places
from flows.places import Place
from flows.runs.context import in_words, is_served, only_writer, patience, run_id, without_values
from flows.runs.page import Progress, show_last
from flows.runs.rehearsal import copy_home
from flows.runs.report import RunReport, end_of, last_of, show_report, show_tables
from flows.runs.rerun_form import Rerun
from flows.runs.steps import collect_and_compute
from flows.serving.leftovers import REHEARSALS
from flows.settings import TIME_ZONE, Settings, read_settings
from flows.stages.preflight import check_before_starting
from flows.stages.request import Request
from flows.stages.revise import differing
from flows.warehouse.database import open_warehouse

RERUN_SECONDS = 6 * 3600


def rerun_name() -> str:
    asked = flow_run.parameters.get("request") or {}
    mode = asked["mode"] if isinstance(asked, dict) else asked.mode
    at = flow_run.scheduled_start_time.astimezone(ZoneInfo(TIME_ZONE))
    return f"{mode.split(' / ')[0]} {at:%Y-%m-%d %H:%M}"


@flow(name="rerun", flow_run_name=rerun_name, timeout_seconds=RERUN_SECONDS)
@in_words
def rerun(request: Rerun) -> State[None]:
    """Refaire ce que vous choisissez : interroger, relire, recalculer. / Run again what you choose.

    Ce qui est publié ne change pas : l'aperçu le montre, et `impact revise` révise. / What is
    published stays: the preview shows it, and `impact revise` revises.
    """
    if said := request.contradiction:
        return Failed(message=said)
    settings = read_settings()
    check_before_starting(settings, wait_seconds=patience())
    return rehearse(request, settings) if request.dry_run else carry_out(request, settings)


def carry_out(request: Rerun, settings: Settings) -> State[None]:
    """Do it for the preview and the fiche; readers keep what they have, unless they are to see
    today what is due.
    """
    with without_values(), only_writer(settings):
        report = perform(request, settings)
        asked = [run_id(), datetime.now(UTC), request.model_dump_json(), request.reason]
        with open_warehouse(settings) as warehouse:
            outcome = "published" if report.is_published else "previewed"
            warehouse.execute(
                "INSERT INTO ledger.rerun VALUES (?, ?, ?, ?, ?, ?)",
                [*asked, report.release_id, outcome],
            )
    return end_of(show_report(report, settings))


def perform(request: Rerun, settings: Settings) -> RunReport:
    """Collect what was chosen and compute; the caller is the only writer of this home."""
    report, progress = RunReport(datetime.now(UTC)), Progress()
    places = read_places(settings.places)
    what = Request(
        report.as_of, request.first_day, request.last_day, request.again, request.feed_ids
    )
    is_all = request.again == "recompute"
    wanted = [] if is_all else [(place, what) for place in chosen_of(request, places)]
    collect_and_compute(report, progress, settings, wanted, force=is_all, when=request.when)
    report.differing = differing(settings)
    progress.end()
    return report


def chosen_of(request: Rerun, places: dict[str, Place]) -> list[Place]:
    return [places[place_id] for place_id in (request.place_ids or places)]


def rehearse(request: Rerun, settings: Settings) -> State[None]:
    """The same on a copy of the home, which is thrown away: which values would be others."""
    folder = settings.home / "serving" / REHEARSALS / (run_id() or "rehearsal")
    try:
        with without_values():
            with only_writer(settings):
                copy = copy_home(settings, folder)
            report = perform(request, copy)
            run = last_of(report, settings)  # while the copy is there: it looks into its release
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    show_last(run, None)
    if is_served():
        show_tables(report, run)
    end = end_of(run)
    if end.is_failed():
        return end  # what was not read, or not allowed to move, does not stand still
    periods = sorted(set(report.differing["periode"]))
    text = _("dry run: {count} published values would be others, in {periods}").format(
        count=len(report.differing), periods=", ".join(periods) or "–"
    )
    return Completed(message=f"{text} ({end.message})")
