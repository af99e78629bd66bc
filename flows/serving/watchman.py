"""Looks from outside and tells what nobody else would: failed runs, refused files, lost actions."""

import logging
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from flows.intake import inbox
from flows.language import _
from flows.operation.alerts import Alert, raise_alerts, read_recipients, send_alerts
from flows.serving.addresses import Addresses
from flows.serving.events import basic
from flows.serving.lost_runs import Ask, asking, mark_lost
from flows.settings import TIME_ZONE, Settings

logger = logging.getLogger("impact")

LOOK_SECONDS = 30
LOOK_BACK = timedelta(days=2)
ACTION_FAILED = "prefect.automation.action.failed"


def stand_watch(
    settings: Settings, addresses: Addresses, secret: str | None, stop_asked: threading.Event
) -> None:
    """Until asked to stop. A server that does not answer is the supervisor's affair."""
    recipients = read_recipients()
    while not stop_asked.wait(LOOK_SECONDS):
        now = datetime.now(UTC)
        try:
            try:
                raise_alerts(settings, refused(settings.landing, now - LOOK_BACK))
                with httpx.Client(timeout=20, auth=basic(secret)) as client:
                    ask = asking(client, addresses.api)
                    mark_lost(ask, now)
                    raise_alerts(settings, look(ask, now))
            finally:
                send_alerts(settings, recipients, now)
        except (httpx.TransportError, OSError):
            continue
        except Exception as fault:  # whatever it is, the next look may go well
            logger.error(_("the watch failed: %s"), type(fault).__name__)


def refused(landing: Path, since: datetime) -> list[Alert]:
    """An alert for each delivery that was refused since then, and does not wait to be read again.

    Landing says so, whatever became of the run that refused it, and needs no warehouse.
    """
    found = []
    for file in landing.glob(f"*/*/*/{inbox.OUTCOME}"):
        if file.stat().st_mtime < since.timestamp() or (file.parent / inbox.WAITING).exists():
            continue
        outcome = inbox.outcome(file.parent)
        if outcome.get("state") == "refused":
            place_id, batch_id = file.parts[-4], file.parts[-2]
            text = f"{place_id}: {outcome.get('reason')}"
            found.append(Alert(f"refused|{batch_id}", "refused", text))
    return found


def look(ask: Ask, now: datetime) -> list[Alert]:
    """An alert for each run that failed, and for each action that was lost.

    Those of one fault have one key.
    """
    since = (now - LOOK_BACK).isoformat()
    wanted = {
        "state": {"type": {"any_": ["FAILED", "CRASHED"]}},
        "end_time": {"after_": since},
    }
    runs = ask("/flow_runs/filter", {"flow_runs": wanted, "limit": 200})
    events = ask(
        "/events/filter",
        {"filter": {"event": {"name": [ACTION_FAILED]}, "occurred": {"since": since,
                                                                      "until": now.isoformat()}}},
    )["events"]  # fmt: skip
    return [failed_run(run) for run in runs] + [lost_action(event) for event in events]


def failed_run(run: dict[str, Any]) -> Alert:
    """A fault that stays ends each run in the same way: it is told once a day and deployment."""
    said = ((run.get("state") or {}).get("message") or "").splitlines()
    message = said[0] if said else "–"
    text = _("the run “{name}” ended as {state}: {message}").format(
        name=run["name"], state=run["state_name"], message=message
    )
    day = datetime.fromisoformat(run["end_time"]).astimezone(ZoneInfo(TIME_ZONE)).date()
    what = run.get("deployment_id") or run["flow_id"]
    return Alert(f"run|{day}|{what}|{run['state_type']}|{message}", "failed", text)


def reason_of(event: dict[str, Any]) -> str:
    return str((event.get("payload") or {}).get("reason") or "–")


def lost_action(event: dict[str, Any]) -> Alert:
    """Prefect does not try again: what the event spoke of is found by the next sweep."""
    name = (
        event["resource"].get("prefect.resource.name") or event["resource"]["prefect.resource.id"]
    )
    text = _(
        "an action of the automation “{name}” failed ({reason}): the next sweep does what it "
        "should have done; look at the automation"
    ).format(name=name, reason=reason_of(event).splitlines()[0])
    return Alert(f"action|{event['id']}", "action", text)
