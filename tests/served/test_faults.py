"""What nobody sees is told: an action that Prefect lost, a run that was killed with its runner."""

from __future__ import annotations

import json
import os
import signal
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx

from flows.serving.lost_runs import asking, mark_lost
from flows.serving.watchman import look
from tests.served.conftest import Served, register


def told(served: Served, word: str) -> list[dict[str, str]]:
    alerts = json.loads(served.impact("alerts", "--json").stdout)
    return [alert for alert in alerts if word in alert["text"]]


def say(served: Served, event: str, resource: str) -> None:
    """One event, as a run or a tool sends it."""
    news = {"id": str(uuid4()), "event": event, "occurred": datetime.now(UTC).isoformat(),
            "resource": {"prefect.resource.id": resource}, "payload": {}}  # fmt: skip
    assert httpx.post(f"{served.api}/events", json=[news]).status_code == 204


def test_a_run_without_a_process_has_crashed_and_no_other(served: Served) -> None:
    ended = served.run("sweep")
    path = f"/deployments/{ended['deployment_id']}/create_flow_run"
    gone = served.ask(path, state={"type": "RUNNING"})
    [night] = served.ask("/deployments/filter", deployments={"name": {"any_": ["nightly"]}})
    alive = served.ask(f"/deployments/{night['id']}/create_flow_run", state={"type": "SCHEDULED"})
    served.until(lambda: served.runs("nightly", type=["RUNNING"]))
    with httpx.Client(timeout=60) as client:
        mark_lost(asking(client, served.api), datetime.now(UTC) + timedelta(minutes=2))
    states = [served.ended(run["id"])["state_type"] for run in (ended, gone, alive)]
    assert [state == "CRASHED" for state in states] == [False, True, False]


def test_an_action_that_prefect_lost_is_told(served: Served) -> None:
    [found] = served.ask("/deployments/filter", deployments={"name": {"any_": ["refaire-rerun"]}})
    served.ask(
        "/automations/",
        name="one that cannot work",
        trigger={"type": "event", "expect": ["test.happened"], "posture": "Reactive",
                 "threshold": 1, "within": 0},
        actions=[{"type": "run-deployment", "source": "selected", "deployment_id": found["id"],
                  "parameters": {"request": {"mode": "nothing of the sort"}}}],
    )  # fmt: skip
    say(served, "test.happened", "test")
    [alert] = served.until(lambda: told(served, "one that cannot work"))
    assert alert["kind"] == "action"


def test_a_run_that_is_killed_crashes_and_the_next_one_does_the_work_once(served: Served) -> None:
    batch = served.deliver(register(70_001, 5), "le-lieu-tue.csv").json()["batch"]

    def flow_process() -> int | None:
        words = ("prefect.engine", "flow-run")
        for process in served.descendants():
            if any(word in " ".join(process.cmdline()) for word in words):
                return int(process.pid)
        return None

    os.kill(served.until(flow_process), signal.SIGKILL)
    [run] = served.until(lambda: served.runs("arrival", type=["CRASHED"]))
    assert served.state(batch)["state"] in ("waiting", "accepted")
    assert served.run("sweep")["state_type"] == "COMPLETED"
    assert served.state(batch)["state"] == "accepted"
    accepted = [line for line in served.attempts() if line[:2] == (batch, "accepted")]
    assert len(accepted) == 1
    assert served.until(lambda: told(served, run["state"]["message"].splitlines()[0]))


def test_a_slip_that_stays_is_told_once_though_every_sweep_fails(served: Served) -> None:
    declared = served.settings.places / "le-lieu.toml"
    before = declared.read_text()
    declared.write_text(before.replace('"daily"', '"dayly"'))
    try:
        sweeps = [served.run("sweep") for _ in range(2)]
    finally:
        declared.write_text(before)
    assert [run["state_type"] for run in sweeps] == ["FAILED", "FAILED"]
    with httpx.Client(timeout=60) as client:
        found = look(asking(client, served.api), datetime.now(UTC))
    about_it = [alert.key for alert in found if "rhythm" in alert.text]
    assert len(about_it) >= 2
    assert len({*about_it}) == 1
    [alert] = served.until(lambda: told(served, "rhythm"))
    assert "le-lieu.toml" in alert["text"]


def test_figures_that_a_run_left_behind_are_computed_by_the_next_sweep(served: Served) -> None:
    before, settings = served.visits(), served.settings
    in_the_way = settings.preview.with_name(settings.preview.name + ".part")
    served.until(lambda: not served.runs("arrival", type=["RUNNING", "PENDING", "SCHEDULED"]))
    in_the_way.mkdir()
    batch = served.deliver(register(80_001, 5), "le-lieu-sans-place.csv").json()["batch"]
    assert served.settled(batch)["state"] == "accepted"
    served.until(lambda: not served.runs("arrival", type=["RUNNING", "PENDING", "SCHEDULED"]))
    assert served.visits() == before
    in_the_way.rmdir()
    assert served.run("sweep")["state_type"] == "COMPLETED"
    assert served.visits() == before + 5
    loaded = served.attempts()
    assert "nothing waits" in served.run("sweep")["state"]["message"]
    assert served.attempts() == loaded


def test_a_refused_delivery_is_told_though_its_run_failed_afterwards(served: Served) -> None:
    settings = served.settings
    in_the_way = settings.preview.with_name(settings.preview.name + ".part")
    served.until(lambda: not served.runs("arrival", type=["RUNNING", "PENDING", "SCHEDULED"]))
    in_the_way.mkdir()
    right = served.deliver(register(90_001, 5), "le-lieu-avec.csv").json()["batch"]
    assert served.settled(right)["state"] == "accepted"
    served.until(lambda: not served.runs("arrival", type=["RUNNING", "PENDING", "SCHEDULED"]))
    wrong = served.deliver(b"A;B\n1;Jeanne Martin\n", "le-lieu-autre.csv").json()["batch"]
    ended = served.run("sweep")
    in_the_way.rmdir()
    assert ended["state_type"] == "FAILED"
    assert served.state(wrong)["state"] == "refused"
    [alert] = served.until(lambda: told(served, "le-lieu-autre.csv"))
    assert alert["kind"] == "refused"
    assert served.run("sweep")["state_type"] == "COMPLETED"
