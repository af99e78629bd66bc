"""The deployment for people: run again what they choose, look first, publish when they say so."""

import shutil
from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from prefect import flow, get_client
from prefect.client.schemas.objects import State
from prefect.flow_runs import suspend_flow_run
from prefect.input import RunInput
from prefect.runtime import flow_run
from prefect.states import Completed, Failed
from pydantic import Field

from flows.language import _
from flows.network.place_files import read_places
from flows.places import Place
from flows.publication.release import current_id
from flows.runs.approval import Held, beyond, decide, hold, note_rerun, read_held
from flows.runs.context import in_words, is_served, only_writer, patience, run_id, without_values
from flows.runs.page import Progress, as_rows, show_last
from flows.runs.rehearsal import copy_home
from flows.runs.report import RunReport, end_of, last_of, show_report, show_tables
from flows.runs.rerun_form import APPROVE, HOLD, Answer, Rerun
from flows.runs.steps import collect_and_compute
from flows.runs.tasks import renew_pages
from flows.serving.leftovers import REHEARSALS
from flows.settings import TIME_ZONE, Settings, read_settings
from flows.stages.preflight import check_before_starting
from flows.stages.publish import Publishing
from flows.stages.request import Request

APPROVAL_SECONDS = 7 * 24 * 3600
RERUN_SECONDS = 6 * 3600
SHOWN_FIGURES = 30


class Approval(RunInput):
    """The form of a release that waits."""

    decision: Answer = Field(title="Décision / Decision")
    remark: str = Field(default="", max_length=300, title="Remarque / Remark")


def rerun_name() -> str:
    asked = flow_run.parameters.get("request") or {}
    mode = asked["mode"] if isinstance(asked, dict) else asked.mode
    at = flow_run.scheduled_start_time.astimezone(ZoneInfo(TIME_ZONE))
    return f"{mode.split(' / ')[0]} {at:%Y-%m-%d %H:%M}"


@flow(name="rerun", flow_run_name=rerun_name, timeout_seconds=RERUN_SECONDS)
@in_words
def rerun(request: Rerun) -> State[None]:
    """Refaire ce que vous choisissez : interroger, relire, recalculer. / Run again what you choose.

    **À blanc / Dry run** montre ce qui bougerait, sans rien changer. **Attendre mon accord / Hold
    for approval** prépare la publication, puis attend votre réponse : bouton *Resume*.
    """
    if said := request.contradiction:
        return Failed(message=said)
    settings = read_settings()
    held = read_held(settings, run_id())
    if held is None:
        check_before_starting(settings, wait_seconds=patience())
        if request.dry_run:
            return rehearse(request, settings)
        held, end = carry_out(request, settings)
        if held is None:
            return end
    question = Approval.with_initial_data(description=held.question)
    answer = suspend_flow_run(
        wait_for_input=question, timeout=APPROVAL_SECONDS, key=f"approval-{tries()}"
    )
    is_approved = answer.decision == APPROVE
    with without_values(), only_writer(settings):
        decide(settings, held, is_approved, answer.remark)
        fault = renew_pages(settings) if is_approved else ""
    if fault:
        return Failed(message=fault)
    if is_approved:
        return Completed(message=_("release {id}").format(id=held.release_id))
    return Completed(message=_("refused: the last release stays"))


def tries() -> int:
    """How often this run was begun; to resume it is not to begin it again.

    Prefect asks no question twice: who presses *Retry* needs another. The server is asked, because
    what a process knows of its run is from before it began.
    """
    with get_client(sync_client=True) as client:
        return client.read_flow_run(UUID(run_id())).run_count


def carry_out(request: Rerun, settings: Settings) -> tuple[Held | None, State[None]]:
    """Do it; what is held when somebody has to answer first, and how it ended."""
    held = None
    with without_values(), only_writer(settings):
        before = current_id(settings) or ""
        report = perform(request, settings, "hold" if request.then == HOLD else "always")
        outcome = (
            "held" if report.is_held else "published" if report.is_published else "nothing new"
        )
        note_rerun(
            settings, run_id(), request.model_dump_json(), request.reason,
            report.release_id, outcome,
        )  # fmt: skip
        if report.is_held:
            held = Held(run_id(), report.release_id, before, question_of(report, request))
            hold(settings, held)
    return held, end_of(show_report(report, settings))


def perform(request: Rerun, settings: Settings, when: Publishing) -> RunReport:
    """Collect what was chosen and compute; the caller is the only writer of this home."""
    report, progress = RunReport(datetime.now(UTC)), Progress()
    places = read_places(settings.places)
    what = Request(
        report.as_of, request.first_day, request.last_day, request.again, request.feed_ids
    )
    is_all = request.again == "recompute"
    wanted = [] if is_all else [(place, what) for place in chosen_of(request, places)]
    collect_and_compute(report, progress, settings, wanted, force=is_all, when=when)
    progress.end()
    return report


def chosen_of(request: Rerun, places: dict[str, Place]) -> list[Place]:
    return [places[place_id] for place_id in (request.place_ids or places)]


def question_of(report: RunReport, request: Rerun) -> str:
    """The figures that would move beyond the threshold, for the form."""
    far = beyond(report.moved, request.threshold_percent)
    lines = [
        _("{count} published figures would move, {far} of them by more than {percent:g} %.").format(
            count=len(report.moved), far=len(far), percent=request.threshold_percent
        ),
        "",
    ]
    rows = as_rows(far.head(SHOWN_FIGURES))
    if rows:
        lines += ["| " + " | ".join(rows[0]) + " |", "|" + "---|" * len(rows[0])]
        lines += ["| " + " | ".join(str(cell) for cell in row.values()) + " |" for row in rows]
    if len(far) > SHOWN_FIGURES:
        lines.append(_("… and {count} more").format(count=len(far) - SHOWN_FIGURES))
    return "\n".join(lines)


def rehearse(request: Rerun, settings: Settings) -> State[None]:
    """The same on a copy of the home, which is thrown away: which figures would move."""
    folder = settings.home / "serving" / REHEARSALS / (run_id() or "rehearsal")
    try:
        with without_values():
            with only_writer(settings):
                copy = copy_home(settings, folder)
            report = perform(request, copy, "rehearse")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    run = last_of(report, settings)
    show_last(run, None)
    if is_served():
        show_tables(report, run)
    end = end_of(run)
    if end.is_failed():
        return end  # what was not read, or not allowed to move, does not stand still
    periods = sorted(set(report.moved["periode"])) if len(report.moved) else []
    text = _("dry run: {count} figures would move, in {periods}").format(
        count=len(report.moved), periods=", ".join(periods) or "–"
    )
    return Completed(message=f"{text} ({end.message})")
