"""What a start has to clear up in the server: runs of a service that is no longer there."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import httpx
import stamina
import stamina.instrumentation

from flows.language import _
from flows.serving.events import basic, csrf

stamina.instrumentation.set_on_retry_hooks([])  # its own words are not for the terminal

PAGE = 200
PATIENCE_SECONDS = 60


def is_busy(fault: Exception) -> bool:
    """A server whose database is locked says so, and means that it may be asked again."""
    return isinstance(fault, httpx.HTTPStatusError) and fault.response.status_code == 503


@stamina.retry(on=is_busy, attempts=None, timeout=PATIENCE_SECONDS)
def clear_up(api: str, secret: str | None) -> None:
    """No run of an earlier start goes on or keeps its place; a schedule is caught up once.

    To be called while no runner is there. A run that waits for somebody's approval has no process
    and stays as it is.
    """
    with httpx.Client(timeout=60, auth=basic(secret)) as client:
        headers = csrf(client, api)

        def ask(method: str, path: str, body: dict[str, Any] | None = None) -> Any:
            answer = client.request(method, f"{api}{path}", json=body, headers=headers)
            answer.raise_for_status()
            return answer.json() if answer.content else None

        crashed = {"type": "CRASHED", "message": _("the service was stopped while it ran")}
        going_on = {
            "state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}},
            "deployment_id": {"is_null_": False},
        }
        while runs := ask("POST", "/flow_runs/filter", {"flow_runs": going_on, "limit": PAGE}):
            for run in runs:
                path = f"/flow_runs/{run['id']}/set_state"
                ask("POST", path, {"state": crashed, "force": True})
        for limit in ask("POST", "/v2/concurrency_limits/filter", {}):
            ask("PATCH", f"/v2/concurrency_limits/{limit['id']}", {"active_slots": 0})
        for run in missed(ask):
            ask("DELETE", f"/flow_runs/{run['id']}")


def missed(ask: Any) -> list[dict[str, Any]]:
    """The planned runs whose time has passed, but the latest of each deployment."""
    wanted = {
        "state": {"type": {"any_": ["SCHEDULED"]}},
        "expected_start_time": {"before_": datetime.now(UTC).isoformat()},
    }
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    offset = 0
    while page := ask(
        "POST", "/flow_runs/filter", {"flow_runs": wanted, "limit": PAGE, "offset": offset}
    ):
        for run in page:
            if run["auto_scheduled"]:
                found[run["deployment_id"]].append(run)
        offset += len(page)
    in_order = (sorted(runs, key=lambda run: run["expected_start_time"]) for runs in found.values())
    return [run for runs in in_order for run in runs[:-1]]
