"""The service as docs/operations.md sets it up: the server asks for a password and for CSRF tokens."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from flows.serving.processes import RUN
from flows.settings import PROJECT
from tests.served.conftest import PLACE, Served, register


def recommended() -> dict[str, str]:
    """What `/etc/impact.env` of the documentation says to Prefect."""
    text = (PROJECT / "docs" / "operations.md").read_text(encoding="utf-8")
    block = text.partition("`/etc/impact.env`")[2].partition("```sh\n")[2].partition("```")[0]
    return dict(re.findall(r"^(PREFECT_\w+)=(.+)$", block, re.MULTILINE))


class Closed(Served):
    """Asked by somebody who has the password."""

    @property
    def password(self) -> tuple[str, str]:
        user, _colon, word = recommended()["PREFECT_SERVER_API_AUTH_STRING"].partition(":")
        return user, word

    def ask(self, path: str, **body: Any) -> Any:
        with httpx.Client(base_url=self.api, auth=self.password, timeout=60) as client:
            token = client.get("/csrf-token", params={"client": "test"}).json()["token"]
            headers = {"Prefect-Csrf-Token": token, "Prefect-Csrf-Client": "test"}
            answer = client.post(path, json=body, headers=headers)
        answer.raise_for_status()
        return answer.json()

    def begin(self, deployment: str, state: str, parameters: dict[str, Any] | None = None) -> str:
        """A run in that state; its id."""
        [found] = self.ask("/deployments/filter", deployments={"name": {"any_": [deployment]}})
        path = f"/deployments/{found['id']}/create_flow_run"
        run = self.ask(path, state={"type": state}, parameters=parameters or {})
        return str(run["id"])

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
    run_id = closed.begin("refaire-rerun", "SCHEDULED", {"request": request})
    copy = closed.settings.home / "serving" / "rehearsal" / run_id
    closed.until(copy.exists)
    for process in closed.descendants():
        if process.environ().get(RUN) == run_id:
            process.kill()
    export.unlink()
    closed.until(lambda: not copy.exists())
    closed.until(lambda: closed.run_of(run_id)["state"]["type"] == "CRASHED")
    name = closed.run_of(run_id)["name"]

    def told() -> list[str]:
        alerts = json.loads(closed.impact("alerts", "--json").stdout)
        return [alert["text"] for alert in alerts if name in alert["text"]]

    closed.until(told)
    assert "the watch failed" not in closed.said()


def test_stopped_and_started_again_it_clears_up_and_goes_on(closed: Closed) -> None:
    gone = closed.begin("sweep", "RUNNING")
    had = closed.stop()
    assert not [process for process in had if psutil.pid_exists(process.pid)]
    closed.start(**recommended())
    assert closed.run_of(gone)["state"]["message"] == "its process is gone"
    batch = closed.deliver(register(101, 5), "le-lieu-2.csv").json()["batch"]
    assert closed.settled(batch)["state"] == "accepted"
    closed.until(lambda: closed.visits() == 25)
    assert "the watch failed" not in closed.said()
