"""What a start has to clear up in the server: runs of a service that is no longer there."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import stamina
import stamina.instrumentation

from flows.serving.events import basic
from flows.serving.lost_runs import Ask, all_runs, asking, mark_lost

stamina.instrumentation.set_on_retry_hooks([])  # its own words are not for the terminal

PATIENCE_SECONDS = 60


def is_busy(fault: Exception) -> bool:
    """A server whose database is locked says so, and means that it may be asked again."""
    return isinstance(fault, httpx.HTTPStatusError) and fault.response.status_code == 503


@stamina.retry(on=is_busy, attempts=None, timeout=PATIENCE_SECONDS)
def clear_up(api: str, secret: str | None) -> None:
    """No run of an earlier start that is gone keeps its place; a schedule is caught up once.

    To be called while no runner is there.
    """
    with httpx.Client(timeout=60, auth=basic(secret)) as client:
        ask = asking(client, api)
        mark_lost(ask, datetime.now(UTC), after=timedelta(0))
        for limit in ask("/v2/concurrency_limits/filter", {}):
            ask(f"/v2/concurrency_limits/{limit['id']}", {"active_slots": 0}, "PATCH")
        for run in missed(ask):
            ask(f"/flow_runs/{run['id']}", method="DELETE")


def missed(ask: Ask) -> list[dict[str, Any]]:
    """The planned runs whose time has passed, but the latest of each deployment."""
    wanted = {
        "state": {"type": {"any_": ["SCHEDULED"]}},
        "expected_start_time": {"before_": datetime.now(UTC).isoformat()},
    }
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for run in all_runs(ask, wanted):
        if run["auto_scheduled"]:
            found[run["deployment_id"]].append(run)
    in_order = (sorted(runs, key=lambda run: run["expected_start_time"]) for runs in found.values())
    return [run for runs in in_order for run in runs[:-1]]
