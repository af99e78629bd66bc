"""`impact serve`: what is delivered becomes figures, whatever is lost or killed on the way."""

from __future__ import annotations

import json
import signal
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import httpx
import psutil

from flows.door.door import landed
from flows.intake.inbox import bring
from flows.network.place_files import read_places
from flows.records import Delivery
from flows.serving.events import event_of
from tests.served.conftest import Served, register


def bring_silently(served: Served, content: bytes) -> tuple[str, dict[str, object]]:
    """Land a delivery as the door does, and announce it to nobody: batch, and the lost event."""
    place = read_places(served.settings.places)["le-lieu"]
    file = served.folder / "brought.csv"
    file.write_bytes(content)
    now = datetime.now(UTC)
    batch = bring(
        Delivery("le-lieu-x.csv", file), place, place.sources[0], served.settings.landing, now
    )
    return batch.batch_id, event_of(landed(batch, now), now)


def test_what_is_delivered_is_soon_in_the_figures(served: Served) -> None:
    before, known = served.visits(), {run["id"] for run in served.runs("arrival")}
    accepted = served.deliver(register(1, 10))
    assert accepted.status_code == 202
    assert accepted.json()["state"] == "waiting"
    there = served.settled(accepted.json()["batch"])
    assert (there["state"], there["loaded"]) == ("accepted", 10)
    served.until(lambda: served.visits() == before + 10)
    [run] = [run for run in served.runs("arrival") if run["id"] not in known]
    assert run["name"] == "arrival le-lieu attendance"
    assert served.ended(run["id"])["state_type"] == "COMPLETED"


def test_the_same_file_again_is_the_same_batch_and_does_nothing(served: Served) -> None:
    before = len(served.attempts())
    again = served.deliver(register(1, 10)).json()
    assert again["state"] == "accepted"
    assert len(served.attempts()) == before


def test_a_night_is_planned_at_half_past_three_in_paris_and_runs(served: Served) -> None:
    before = served.visits()
    planned = served.until(lambda: served.runs("nightly", type=["SCHEDULED"]))
    starts = [datetime.fromisoformat(run["expected_start_time"]) for run in planned]
    assert starts
    assert {at.astimezone(ZoneInfo("Europe/Paris")).strftime("%H:%M") for at in starts} == {"03:30"}
    # a folder with a file, as a place has it that exports every night
    (served.folder / "exports" / "le-lieu-nuit.csv").write_bytes(register(101, 5))
    run = served.run("nightly")
    assert run["state_type"] == "COMPLETED", run["state"]
    served.until(lambda: served.visits() == before + 5)


def test_the_sweep_finds_what_no_event_announced(served: Served) -> None:
    batch, _event = bring_silently(served, register(201, 5))
    assert served.run("sweep")["state_type"] == "COMPLETED"
    assert served.state(batch)["state"] == "accepted"


def test_an_event_that_comes_twice_starts_one_run(served: Served) -> None:
    time.sleep(10)  # an earlier event may still speak for this moment
    before = len(served.runs("arrival"))
    batch, event = bring_silently(served, register(301, 5))
    for _time in range(2):
        assert httpx.post(f"{served.api}/events", json=[event]).status_code == 204
    served.settled(batch)
    assert len(served.runs("arrival")) == before + 1


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


def test_a_delivery_waits_while_the_server_is_down(served: Served) -> None:
    server = served.part("flows.serving.server")
    server.kill()
    server.wait(30)
    accepted = served.deliver(register(401, 5), "le-lieu-sans-serveur.csv")
    assert accepted.status_code == 202  # the door does not need the server
    served.until(lambda: httpx.get(f"{served.api}/health").is_success)
    assert served.run("sweep")["state_type"] == "COMPLETED"
    assert served.state(accepted.json()["batch"])["state"] == "accepted"


def test_a_delivery_waits_while_the_runner_is_down(served: Served) -> None:
    runner = served.part("deployments")
    runner.kill()
    runner.wait(30)
    accepted = served.deliver(register(501, 5), "le-lieu-sans-coureur.csv").json()
    assert served.settled(accepted["batch"])["state"] == "accepted"


def test_starting_twice_says_where_the_first_is(served: Served) -> None:
    second = served.impact("serve")
    assert second.returncode == 1
    assert f"http://127.0.0.1:{served.ui_port}" in second.stderr
    assert served.process is not None and served.process.poll() is None


def test_stopped_it_leaves_no_process_and_started_again_nothing_is_double(served: Served) -> None:
    def counted() -> tuple[int, int, int]:
        deployments = served.ask("/deployments/filter")
        schedules = sum(len(deployment["schedules"]) for deployment in deployments)
        return len(deployments), schedules, len(served.ask("/automations/filter"))

    before = counted()
    # stopped in the middle: a run has begun, and has the place of the only writer
    batch = served.deliver(register(601, 5), "le-lieu-au-milieu.csv").json()["batch"]
    served.until(lambda: served.runs("arrival", type=["RUNNING"]))
    had = served.stop(signal.SIGINT)
    assert had
    assert not [process for process in had if psutil.pid_exists(process.pid)]
    assert not (served.settings.home / "serving" / "serving.json").exists()
    served.start()
    assert counted() == before
    assert not served.runs("arrival", type=["RUNNING"])
    assert served.run("sweep")["state_type"] == "COMPLETED"
    assert served.state(batch)["state"] == "accepted"
    note = json.loads((served.settings.home / "serving" / "serving.json").read_text())
    assert note["addresses"]["door_port"] == served.door_port
