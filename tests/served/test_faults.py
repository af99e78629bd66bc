"""What nobody sees is told: an action that Prefect lost, a run that was killed with its runner."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from flows.serving.lost_runs import asking
from flows.serving.watchman import look
from flows.shown_names import NUMBER_CHARACTERS
from tests.served.conftest import First, LeftBehind, Night, Swept
from tests.served.service import Served


def say(served: Served, event: str, resource: str) -> None:
    """One event, as a run or a tool sends it."""
    news = {"id": str(uuid4()), "event": event, "occurred": datetime.now(UTC).isoformat(),
            "resource": {"prefect.resource.id": resource}, "payload": {}}  # fmt: skip
    assert served.announced(news).status_code == 204


def test_a_run_without_a_process_has_crashed_and_no_other(
    served: Served, first: First, night: Night
) -> None:
    assert night.gone["state"]["message"] == "its process is gone"
    ended = served.ended(first.runs[0]["id"])
    states = [run["state_type"] for run in (ended, night.gone, night.run)]
    assert [state == "CRASHED" for state in states] == [False, True, False]


def test_an_action_that_prefect_lost_is_told(served: Served) -> None:
    deployment_id = served.path("refaire-rerun").rpartition("/")[2]
    served.ask(
        "/automations/",
        name="one that cannot work",
        trigger={"type": "event", "expect": ["test.happened"], "posture": "Reactive",
                 "threshold": 1, "within": 0},
        actions=[{"type": "run-deployment", "source": "selected", "deployment_id": deployment_id,
                  "parameters": {"request": {"mode": "nothing of the sort"}}}],
    )  # fmt: skip
    say(served, "test.happened", "test")
    [alert] = served.until(lambda: served.alerts("one that cannot work"))
    assert alert.kind == "action"
    shown = json.loads(served.impact("alerts", "--json").stdout)
    assert alert.text in [one["text"] for one in shown]


def test_a_run_that_is_killed_crashes_and_the_next_one_does_the_work_once(
    served: Served, swept: Swept
) -> None:
    assert swept.crashed["state_type"] == "CRASHED"
    assert swept.killed_state in ("waiting", "accepted")
    assert swept.sweep["state_type"] == "COMPLETED"
    assert served.state(swept.killed)["state"] == "accepted"
    accepted = [line for line in served.attempts() if line[:2] == (swept.killed, "accepted")]
    assert len(accepted) == 1
    said = swept.crashed["state"]["message"].splitlines()[0]
    assert served.until(lambda: served.alerts(said))


def test_a_slip_that_stays_is_told_once_though_every_sweep_fails(
    served: Served, slipped: list[dict[str, Any]]
) -> None:
    assert [run["state_type"] for run in slipped] == ["FAILED", "FAILED"]
    with httpx.Client(timeout=60, auth=served.password) as client:
        found = look(asking(client, served.api), datetime.now(UTC))
    about_it = [alert.key for alert in found if "rhythm" in alert.text]
    assert len(about_it) >= 2
    assert len({*about_it}) == 1
    [alert] = served.until(lambda: served.alerts("rhythm"))
    assert "le-lieu.toml" in alert.text


def test_figures_that_a_run_left_behind_are_computed_by_the_next_sweep(
    left_behind: LeftBehind,
) -> None:
    assert left_behind.right["state"] == "accepted"
    assert left_behind.counted == 0
    assert left_behind.sweep["state_type"] == "COMPLETED"
    assert left_behind.counted_then == 5


def test_a_refused_delivery_is_told_though_its_run_failed_afterwards(
    served: Served, left_behind: LeftBehind
) -> None:
    assert left_behind.right["state"] == "accepted"
    assert [run["state_type"] for run in left_behind.runs] == ["FAILED"]
    assert left_behind.wrong["state"] == "refused"
    # the name of the file adds a word to the declared pattern, which could be a person's name
    shown = f"le-lieu-*.csv n° {left_behind.wrong['batch'][:NUMBER_CHARACTERS]}"
    [alert] = served.until(lambda: served.alerts(shown))
    assert alert.kind == "refused"
    assert "autre" not in alert.text
