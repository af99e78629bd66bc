"""A run whose process is gone has crashed: whoever is killed with its runner cannot say so.

The server cannot see it either: it counts what it hears, and loses its count when it is killed
itself. Every run has its process on this machine, so the processes are asked.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx

from flows.language import _
from flows.serving.events import csrf
from flows.serving.processes import runs_alive

PAGE = 200
LOST_AFTER = timedelta(seconds=60)
"""A run whose process is not there by then has none: it takes a moment to start."""

Ask = Callable[..., Any]


def asking(client: httpx.Client, api: str) -> Ask:
    """What asks the server by path, body and method; it raises HTTPStatusError for a no."""
    headers = csrf(client, api)

    def ask(path: str, body: dict[str, Any] | None = None, method: str = "POST") -> Any:
        answer = client.request(method, f"{api}{path}", json=body, headers=headers)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    return ask


def mark_lost(ask: Ask, now: datetime, after: timedelta = LOST_AFTER) -> None:
    """Let the runs without a process crash; what has ended meanwhile stays as it is.

    A run that waits for somebody's approval has no process, and is none of these.
    """
    wanted = {
        "state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}},
        "deployment_id": {"is_null_": False},
    }
    going_on = all_runs(ask, wanted)
    alive = runs_alive()
    for run in going_on:
        since = datetime.fromisoformat(run["state"]["timestamp"])
        if run["id"] not in alive and now - since > after:
            crashed = {"type": "CRASHED", "message": _("its process is gone")}
            ask(f"/flow_runs/{run['id']}/set_state", {"state": crashed})


def all_runs(ask: Ask, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs that a filter lets through, page by page."""
    found: list[dict[str, Any]] = []
    while page := ask(
        "/flow_runs/filter", {"flow_runs": wanted, "limit": PAGE, "offset": len(found)}
    ):
        found += page
    return found
