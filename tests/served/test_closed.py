"""The service as docs/operations.md sets it up: the server asks for a password and for CSRF tokens."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import psutil
import pytest

from flows.serving.processes import RUN
from flows.settings import PROJECT
from tests.served.service import PLACE, Served, register


def recommended() -> dict[str, str]:
    """What `/etc/impact.env` of the documentation says to Prefect."""
    text = (PROJECT / "docs" / "deployment.md").read_text(encoding="utf-8")
    said = dict(re.findall(r"^(PREFECT_\w+)=(.+)$", text, re.MULTILINE))
    assert "PREFECT_SERVER_CSRF_PROTECTION_ENABLED" in said
    return said


class Closed(Served):
    """Asked by somebody who has the password."""

    def ask(self, path: str, **body: Any) -> Any:
        with httpx.Client(base_url=self.api, auth=self.password, timeout=60) as client:
            token = client.get("/csrf-token", params={"client": "test"}).json()["token"]
            headers = {"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "test"}
            answer = client.post(path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    def run_of(self, run_id: str) -> dict[str, Any]:
        [run] = self.ask("/flow_runs/filter", flow_runs={"id": {"any_": [run_id]}})
        return dict(run)


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Closed]:
    """One place, and what a killed service left on the disk."""
    network = Closed(tmp_path_factory.mktemp("closed"))
    (network.folder / "exports").mkdir()
    network.settings.places.mkdir()
    (network.settings.places / "le-lieu.toml").write_text(PLACE.format(id="le-lieu"))
    for left in ("rehearsal/ended/warehouse.duckdb", "incoming/half.csv"):
        file = network.settings.home / "serving" / left
        file.parent.mkdir(parents=True)
        file.write_bytes(register(1, 1))
    network.start(**recommended())
    network.tokens["le-lieu"] = network.token()
    yield network
    if network.process and network.process.poll() is None:
        network.stop()


def test_what_a_killed_service_left_is_gone(closed: Closed) -> None:
    for name in ("rehearsal", "incoming"):
        assert not [*(closed.settings.home / "serving").glob(f"{name}/*")]


def test_who_has_no_password_is_refused_and_so_is_a_page_of_another_site(closed: Closed) -> None:
    for path in ("admin/settings", "csrf-token?client=x", "deployments/name/sweep/sweep"):
        for password in (None, (closed.password[0], "another")):
            assert httpx.get(f"{closed.api}/{path}", auth=password).status_code == 401
    # a browser sends the password that it knows wherever it is led to, and no token
    form = f"{closed.api}/deployments/filter"
    assert httpx.post(form, json={}, auth=closed.password).status_code == 403


def test_what_is_delivered_is_announced_and_soon_in_the_figures(closed: Closed) -> None:
    batch = closed.deliver(register(1, 20)).json()["batch"]
    assert closed.settled(batch)["state"] == "accepted"
    closed.until(lambda: closed.visits() == 20)
    assert [run["name"] for run in closed.runs("arrival")] == ["arrival le-lieu attendance"]
    assert "was not taken" not in closed.logs()


def test_a_dry_run_that_is_killed_leaves_no_copy_and_the_watch_tells_of_it(closed: Closed) -> None:
    request = {"reason": "fichier de février corrigé", "dry_run": True}
    export = closed.folder / "exports" / "le-lieu-grand.csv"
    export.write_bytes(register(1_000, 300_000))  # so that it lasts
    run_id = closed.begin("refaire-rerun", {"request": request})
    copy = closed.settings.home / "serving" / "rehearsal" / run_id
    closed.until(copy.exists)
    for process in closed.descendants():
        if process.environ().get(RUN) == run_id:
            process.kill()
    export.unlink()
    closed.until(lambda: not copy.exists())
    closed.until(lambda: closed.run_of(run_id)["state"]["type"] == "CRASHED")
    name = closed.run_of(run_id)["name"]
    closed.until(lambda: closed.alerts(name))
    assert "the watch failed" not in closed.said()


@dataclass(frozen=True)
class Restart:
    """A service that was stopped in the middle, by Ctrl-C, and started again."""

    left: list[psutil.Process]
    """What was there before the stop, and after it."""
    is_noted: bool
    """Does it say after the stop that it is there?"""
    counted: list[tuple[int, int, int]]
    """Deployments, schedules and automations before and after."""
    running: list[dict[str, Any]]
    gone: str
    """A run that never had a process."""
    middle: str
    """Brought before the stop; its run had begun."""


@pytest.fixture(scope="module")
def restarted(closed: Closed) -> Restart:
    def counted() -> tuple[int, int, int]:
        deployments = closed.ask("/deployments/filter")
        schedules = sum(len(deployment["schedules"]) for deployment in deployments)
        return len(deployments), schedules, len(closed.ask("/automations/filter"))

    before, gone = counted(), closed.begin("sweep", state="RUNNING")
    # a run has begun, and has the place of the only writer
    middle = closed.deliver(register(601, 5), "le-lieu-au-milieu.csv").json()["batch"]
    closed.until(lambda: closed.runs("arrival", type=["RUNNING"]))
    had = closed.stop(signal.SIGINT)
    assert had
    left = [process for process in had if psutil.pid_exists(process.pid)]
    is_noted = (closed.settings.home / "serving" / "serving.json").exists()
    closed.start(**recommended())
    running = closed.runs("arrival", type=["RUNNING"])
    return Restart(left, is_noted, [before, counted()], running, gone, middle)


def test_stopped_it_leaves_no_process_and_started_again_nothing_is_double(
    closed: Closed, restarted: Restart
) -> None:
    assert not restarted.left
    assert not restarted.is_noted
    assert restarted.counted[0] == restarted.counted[1]
    assert not restarted.running
    note = json.loads((closed.settings.home / "serving" / "serving.json").read_text())
    assert note["addresses"]["door_port"] == closed.door_port


def test_stopped_and_started_again_it_clears_up_and_goes_on(
    closed: Closed, restarted: Restart
) -> None:
    assert closed.run_of(restarted.gone)["state"]["message"] == "its process is gone"
    before = {batch for batch, _outcome, _loaded in closed.attempts()} - {restarted.middle}
    batch = closed.deliver(register(101, 5), "le-lieu-2.csv").json()["batch"]
    for brought in (batch, restarted.middle):
        assert closed.settled(brought)["state"] == "accepted"
    closed.until(lambda: closed.visits() == 30)
    accepted = [line[0] for line in closed.attempts() if line[1] == "accepted"]
    assert sorted(accepted) == sorted({*before, batch, restarted.middle})
    assert "the watch failed" not in closed.said()
