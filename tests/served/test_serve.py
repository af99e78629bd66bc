"""`impact serve`: what is delivered becomes figures, whatever is lost or killed on the way."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.served.conftest import First, Night, Swept, bring_silently
from tests.served.service import Served, register

COALESCE = timedelta(seconds=10)
"""For so long an event leaves those that follow to the run that it started."""


def test_what_is_delivered_is_soon_in_the_figures(first: First) -> None:
    assert first.answer.status_code == 202
    assert first.answer.json()["state"] == "waiting"
    assert (first.settled["state"], first.settled["loaded"]) == ("accepted", 20)
    assert first.counted == 20
    [run] = first.runs
    assert run["name"] == "arrival le-lieu attendance"
    assert run["state_type"] == "COMPLETED"


def test_the_same_file_again_is_the_same_batch_and_does_nothing(
    served: Served, first: First
) -> None:
    before = len(served.attempts())
    again = served.deliver(first.content, "le-lieu-base.csv").json()
    assert (again["state"], again["batch"]) == ("accepted", first.answer.json()["batch"])
    assert len(served.attempts()) == before


def test_a_night_is_planned_at_half_past_three_in_paris_and_runs(
    served: Served, night: Night
) -> None:
    planned = served.until(lambda: served.runs("nightly", type=["SCHEDULED"]))
    starts = [datetime.fromisoformat(run["expected_start_time"]) for run in planned]
    assert starts
    assert {at.astimezone(ZoneInfo("Europe/Paris")).strftime("%H:%M") for at in starts} == {"03:30"}
    assert night.run["state_type"] == "COMPLETED", night.run["state"]
    assert night.counted == 5


def test_every_deployment_says_what_it_does_and_what_it_is_about(served: Served) -> None:
    found = served.ask("/deployments/filter", limit=50)
    assert len(found) == 7
    assert [one["name"] for one in found if not (one["description"] and one["tags"])] == []


def test_the_sweep_finds_what_no_event_announced(served: Served, swept: Swept) -> None:
    assert swept.sweep["state_type"] == "COMPLETED"
    assert served.state(swept.silent)["state"] == "accepted"


@dataclass(frozen=True)
class Announced:
    """What was announced twice, while the runner was down."""

    settled: dict[str, Any]
    runs: int


@pytest.fixture(scope="module")
def announced(figures: Served) -> Announced:
    figures.rest()
    known = figures.runs("arrival")
    latest = max(datetime.fromisoformat(run["expected_start_time"]) for run in known)
    # an earlier event may still speak for this moment
    time.sleep(max(0.0, (latest + COALESCE - datetime.now(UTC)).total_seconds()))
    runner = figures.part("deployments")
    runner.kill()
    runner.wait(30)
    batch, event = bring_silently(figures, register(301, 5))
    for _time in range(2):
        assert figures.announced(event).status_code == 204
    settled = figures.settled(batch)
    figures.stop_the_clock()
    figures.rest()
    return Announced(settled, len(figures.runs("arrival")) - len(known))


def test_an_event_that_comes_twice_starts_one_run(announced: Announced) -> None:
    assert announced.settled["state"] == "accepted"
    assert announced.runs == 1


def test_a_burst_of_fifty_makes_few_builds_and_loses_nothing(served: Served) -> None:
    runs = len(served.runs("arrival"))
    batches = {
        served.deliver(register(1000 + 10 * n, 10), f"le-lieu-{n}.csv").json()["batch"]
        for n in range(50)
    }
    assert len(batches) == 50
    for batch in batches:
        assert served.settled(batch)["state"] == "accepted"
    served.until(lambda: not served.runs("arrival", type=["RUNNING", "PENDING", "SCHEDULED"]))
    assert len(served.runs("arrival")) - runs <= 6
    loaded = [batch for batch, outcome, _ in served.attempts() if outcome == "accepted"]
    assert sorted(batch for batch in loaded if batch in batches) == sorted(batches)


def test_a_delivery_waits_while_the_server_is_down(served: Served, swept: Swept) -> None:
    assert swept.without_server_status == 202  # the door does not need the server
    assert swept.sweep["state_type"] == "COMPLETED"
    assert served.state(swept.without_server)["state"] == "accepted"


def test_a_delivery_waits_while_the_runner_is_down(announced: Announced) -> None:
    assert announced.settled["state"] == "accepted"


def test_starting_twice_says_where_the_first_is(served: Served) -> None:
    second = served.impact("serve")
    assert second.returncode == 1
    assert f"http://127.0.0.1:{served.ui_port}" in second.stderr
    assert served.process is not None and served.process.poll() is None
