"""Whatever is killed, and whenever: in the end each delivery is there once, and nothing hangs."""

from __future__ import annotations

import contextlib
import itertools
import random
import time

import httpx
import psutil
import pytest

from tests.served.conftest import Served, register

KINDS = {"flow": "prefect.engine", "runner": "flows.deployments", "server": "prefect server"}
"""What is killed in turn, with a word of its command."""
ROWS = 5


def victim(served: Served, kind: str) -> psutil.Process | None:
    """A process of that kind, when there is one at this moment."""
    for process in served.descendants():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if KINDS[kind] in " ".join(process.cmdline()):
                return process
    return None


@pytest.mark.parametrize(
    ("moments", "longest_wait"), [(5, 12), pytest.param(100, 25, marks=pytest.mark.long)]
)
def test_what_is_killed_at_any_moment_is_taken_up_and_done_once(
    served: Served, moments: int, longest_wait: float
) -> None:
    chance = random.Random(1)
    before, killed = served.visits(), dict.fromkeys(KINDS, 0)
    batches = []
    for moment, kind in zip(range(moments), itertools.cycle(KINDS), strict=False):
        content = register(1_000_000 * moments + ROWS * moment, ROWS)
        name = f"le-lieu-tue-{moments}-{moment}.csv"
        batches.append(served.deliver(content, name).json()["batch"])
        time.sleep(chance.uniform(0, longest_wait))
        if process := victim(served, kind):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
                killed[kind] += 1
    assert killed["runner"] and killed["server"], killed  # a flow may not have been there
    served.until(lambda: httpx.get(f"{served.api}/health").is_success)
    served.run("sweep")  # that of the calendar may be ten minutes away
    served.until(lambda: not [b for b in batches if served.state(b)["state"] == "waiting"], 1800)
    accepted = [batch for batch, outcome, _ in served.attempts() if outcome == "accepted"]
    assert sorted(batch for batch in accepted if batch in batches) == sorted(batches)
    served.until(lambda: served.visits() == before + ROWS * moments)
    # what lost its process is marked
    served.until(lambda: not running(served), 600)


def running(served: Served) -> list[dict[str, str]]:
    wanted = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}}
    return list(served.ask("/flow_runs/filter", **wanted))
