"""The nightly flow: collect every place, build, audit, publish (`python -m flows.runs.nightly`)."""

import logging
from datetime import UTC, date, datetime
from typing import Any, Literal, cast
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.errors import ImpactError
from flows.language import _
from flows.network.place_files import read_places
from flows.runs.context import in_words, only_writer, patience, without_values
from flows.runs.page import Progress
from flows.runs.report import RunReport, end_of, show_report
from flows.runs.steps import clear_landing, collect_and_compute
from flows.settings import TIME_ZONE, read_settings
from flows.stages.preflight import check_before_starting, chosen
from flows.stages.request import Request

logger = logging.getLogger("impact")


def night_name() -> str:
    """`night 2026-11-02`: that for which it was asked, else that in which it runs."""
    as_of = flow_run.parameters.get("as_of") or flow_run.scheduled_start_time
    return _("night {as_of:%Y-%m-%d}").format(as_of=as_of.astimezone(ZoneInfo(TIME_ZONE)))


NIGHT_SECONDS = 6 * 3600


@flow(name="nightly", flow_run_name=night_name, timeout_seconds=NIGHT_SECONDS)
def nightly(
    as_of: datetime | None = None,
    place_ids: list[str] | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    again: Literal["landed", "recompute"] | None = None,
) -> State[RunReport]:
    """Collect the places, compute the figures, check them, and publish them when they hold."""
    settings = read_settings()
    request = Request(as_of or datetime.now(UTC), first_day, last_day, again)
    report = RunReport(request.as_of)
    places = read_places(settings.places)
    asked = [] if again == "recompute" else chosen(places, place_ids)
    progress = Progress()
    with without_values(), only_writer(settings):
        wanted = [(place, request) for place in asked]
        collect_and_compute(report, progress, settings, wanted, force=again == "recompute")
        clear_landing(settings)
    progress.end()
    return end_of(show_report(report, settings), report)


def run_now(**asked: Any) -> RunReport:
    """The flow for somebody who waits for it; raises what it raised."""
    ended = nightly(**asked, return_state=True)
    report = ended.result(raise_on_failure=False)
    if isinstance(report, BaseException):
        raise report
    return cast(RunReport, report)


@flow(name="night", flow_run_name=night_name, timeout_seconds=NIGHT_SECONDS)
@in_words
def night() -> State[None]:
    """What the calendar starts: the nightly flow for now, whose faults are its own."""
    settings = read_settings()
    check_before_starting(settings, wait_seconds=patience())
    return cast(State[None], nightly.fn())


def main() -> int:
    """The flow for this instant, without a word when all is well; exit codes as `impact run`."""
    try:
        check_before_starting(read_settings(), wait_seconds=patience())
        return run_now(as_of=datetime.now(UTC)).exit_code
    except ImpactError as fault:
        logger.error("impact: %s", fault)
        return fault.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
