"""Whatever is killed, and whenever: in the end each delivery is there once, and nothing hangs."""

from __future__ import annotations

import contextlib
import os
import random
import time

import httpx
import psutil
import pytest

from tests.served.conftest import Served, register

MOMENTS = int(os.environ.get("IMPACT_KILLS", "100"))
ROWS = 5


def victim(served: Served, kind: str) -> psutil.Process | None:
    """A process of that kind, when there is one at this moment."""
    words = {
        "server": "prefect.server.api",
        "runner": "flows.deployments",
        "flow": "prefect.engine",
    }
    for process in served.descendants():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if words[kind] in " ".join(process.cmdline()):
                return process
    return None


@pytest.mark.long
def test_what_is_killed_at_any_moment_is_taken_up_and_done_once(served: Served) -> None:
    chance = random.Random(int(os.environ.get("IMPACT_SEED", "1")))
    before = served.visits()
    batches = []
    for moment in range(MOMENTS):
        name, first = f"le-lieu-tue-{moment}.csv", 1_000_000 + ROWS * moment
        batches.append(served.deliver(register(first, ROWS), name).json()["batch"])
        time.sleep(chance.uniform(0, 25))
        if process := victim(served, chance.choice(["server", "runner", "flow"])):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
    served.until(lambda: httpx.get(f"{served.api}/health").is_success)
    served.until(lambda: not [b for b in batches if served.state(b)["state"] == "waiting"], 1800)
    accepted = [batch for batch, outcome, _ in served.attempts() if outcome == "accepted"]
    assert sorted(batch for batch in accepted if batch in batches) == sorted(batches)
    served.until(lambda: served.visits() == before + ROWS * MOMENTS)
    # what lost its runner is marked after its last heartbeat
    served.until(lambda: not running(served), 600)


def running(served: Served) -> list[dict[str, str]]:
    wanted = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}}
    return list(served.ask("/flow_runs/filter", **wanted))
