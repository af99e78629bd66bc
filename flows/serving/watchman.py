"""Looks from outside and tells what nobody else would: failed runs, refused files, lost actions."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx

from flows.intake import inbox
from flows.language import _
from flows.operation.alerts import Alert, raise_alerts, read_recipients, send_alerts
from flows.serving.addresses import Addresses
from flows.serving.events import basic, csrf
from flows.serving.processes import runs_alive
from flows.settings import TIME_ZONE, Settings

logger = logging.getLogger("impact")

LOOK_SECONDS = 30
LOOK_BACK = timedelta(days=2)
ACTION_FAILED = "prefect.automation.action.failed"
HAD_ENDED = "already in terminal state"
"""In Prefect's words: a run that was taken for lost had ended, and nothing is lost."""
LOST_AFTER = timedelta(seconds=60)
"""A run whose process is not there by then was killed together with its runner, or its server."""


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
                    mark_lost(client, addresses.api, now)
                    raise_alerts(settings, look(client, addresses.api, now))
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


def asking(client: httpx.Client, api: str) -> Callable[[str, dict[str, Any]], Any]:
    """What posts to the server; it raises httpx.HTTPStatusError when the server says no."""
    headers = csrf(client, api)

    def ask(path: str, body: dict[str, Any]) -> Any:
        answer = client.post(f"{api}{path}", json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    return ask


def mark_lost(client: httpx.Client, api: str, now: datetime) -> None:
    """A run without a process has crashed. Nothing is forced: what has ended meanwhile stays so.

    The automation that counts heartbeats loses its count when the server is killed.
    """
    ask = asking(client, api)
    going_on = {
        "state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}},
        "deployment_id": {"is_null_": False},
    }
    runs = ask("/flow_runs/filter", {"flow_runs": going_on, "limit": 200})
    alive = runs_alive()
    for run in runs:
        since = datetime.fromisoformat(run["state"]["timestamp"])
        if run["id"] not in alive and now - since > LOST_AFTER:
            crashed = {"type": "CRASHED", "message": _("its process is gone")}
            ask(f"/flow_runs/{run['id']}/set_state", {"state": crashed})


def look(client: httpx.Client, api: str, now: datetime) -> list[Alert]:
    """An alert for each run that failed, and for each action that was lost.

    Those of one fault have one key.
    """
    since, ask = (now - LOOK_BACK).isoformat(), asking(client, api)
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
    lost = [event for event in events if HAD_ENDED not in reason_of(event)]
    return [failed_run(run) for run in runs] + [lost_action(event) for event in lost]


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
