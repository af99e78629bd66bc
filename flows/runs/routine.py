"""What is done by the calendar beside the night: who is late, are we well, the weekly letters."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from prefect import flow
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.language import N_, _
from flows.network.place_files import read_places
from flows.operation.alerts import Alert, raise_alerts
from flows.operation.digest import letters, read_post, send_letters
from flows.operation.doctor import examine
from flows.operation.installation import look
from flows.operation.lateness import Late, late_sources
from flows.runs.context import WRITER_SECONDS, in_words, only_writer
from flows.serving.open_servers import open_servers
from flows.settings import TIME_ZONE, Settings, read_settings
from flows.stages.retention import let_go
from flows.warehouse.queries import last_days

ROUTINE_SECONDS = 2 * WRITER_SECONDS + 1800
"""The letters wait twice for what writes; the rest is a matter of minutes."""
NAMES = {
    "morning": N_("morning {day}"),
    "maintenance": N_("maintenance {day}"),
    "digest": N_("weekly letters {day}"),
}


def name() -> str:
    at = flow_run.scheduled_start_time.astimezone(ZoneInfo(TIME_ZONE))
    return _(NAMES[flow_run.flow_name]).format(day=at.date())


@flow(name="morning", flow_run_name=name, timeout_seconds=ROUTINE_SECONDS)
@in_words
def morning() -> State[None]:
    """Which place and feed did not arrive by its declared rhythm."""
    settings = read_settings()
    late = late_now(settings)
    if late:
        rows = [
            {
                _("place"): one.place_id, _("source"): one.source_id, _("feed"): one.feed,
                _("rhythm"): one.rhythm, _("last day"): str(one.last_day or "–"),
                _("days late"): one.late_days,
            }
            for one in late
        ]  # fmt: skip
        create_table_artifact(rows, key="late", description=_("What has not arrived"))
    raise_alerts(
        settings,
        [Alert(f"late|{o.place_id}|{o.source_id}|{o.last_day}", "late", o.why) for o in late],
    )
    if not late:
        return Completed(message=_("everything arrived in time"))
    names = ", ".join(f"{one.place_id} {one.source_id}" for one in late)
    return Completed(message=_("{count} late: {names}").format(count=len(late), names=names))


def late_now(settings: Settings) -> list[Late]:
    """Today's lateness; a home without a warehouse has received nothing."""
    places = read_places(settings.places)
    known = {}
    if settings.warehouse.exists():
        with only_writer(settings):
            known = last_days(settings)
    return late_sources(places.values(), known, datetime.now(ZoneInfo(TIME_ZONE)).date())


@flow(name="maintenance", flow_run_name=name, timeout_seconds=ROUTINE_SECONDS)
@in_words
def maintenance() -> State[None]:
    """Once a week: what is too old goes; is the installation well? What is not is told."""
    settings = read_settings()
    with only_writer(settings):
        let_go(settings, datetime.now(UTC))
        findings = examine(look(settings, datetime.now(UTC), open_servers(settings)))
    ill = [finding for finding in findings if finding.state != "ok" and finding.check != _("lock")]
    week = f"{datetime.now(UTC):%G-%V}"
    raise_alerts(
        settings,
        [
            Alert(
                f"health|{week}|{one.check}", "health", f"{one.check}: {one.found} → {one.remedy}"
            )
            for one in ill
        ],
    )
    create_table_artifact(
        [
            {_("check"): one.check, _("state"): _(one.state), _("found"): one.found,
             _("remedy"): one.remedy}
            for one in findings
        ],
        key="health",
        description=_("Is this installation well?"),
    )  # fmt: skip
    if ill:
        return Completed(
            message=_("to look at: {checks}").format(checks=", ".join(o.check for o in ill))
        )
    return Completed(message=_("all is well"))


@flow(name="digest", flow_run_name=name, timeout_seconds=ROUTINE_SECONDS)
@in_words
def digest() -> State[None]:
    """One letter a week to the contact of each place, and no other, however often this is run."""
    settings, post = read_settings(), read_post()
    if post is None:
        return Completed(message=_("no letter: IMPACT_SMTP and IMPACT_MAIL_FROM are not set"))
    if not settings.warehouse.exists():
        return Completed(message=_("no letter: nothing was received yet"))
    late, now = late_now(settings), datetime.now(UTC)
    with only_writer(settings):
        places = list(read_places(settings.places).values())
        written = letters(places, settings, late, now, post.sender)
    count, refused = send_letters(written, post, settings, now)
    if refused:
        return Failed(message=_("not sent: {letters}").format(letters="; ".join(refused)))
    return Completed(message=_("{count} letters sent").format(count=count))
