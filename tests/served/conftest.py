"""What one service, and one run each, show to several tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from flows.door.door import landed
from flows.intake.inbox import bring
from flows.network.place_files import read_places
from flows.records import Delivery
from flows.serving.events import event_of
from flows.serving.lost_runs import asking, mark_lost
from flows.warehouse.database import writer_lock
from tests.fakes.mail import Mailbox, mail_server
from tests.served.person import flow_process
from tests.served.service import PLACE, Served, register

MANAGER = "gestion@reseau.example"


@pytest.fixture(scope="session")
def mail() -> Iterator[tuple[Mailbox, int]]:
    """The mailbox of everybody, and where it listens."""
    with mail_server() as there:
        yield there


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, mail: tuple[Mailbox, int]) -> Iterator[Served]:
    """One place, nothing delivered yet, and the service running, which knows whom to write to."""
    _box, port = mail
    network = Served(tmp_path_factory.mktemp("served"))
    (network.folder / "exports").mkdir()
    network.settings.places.mkdir()
    (network.settings.places / "le-lieu.toml").write_text(PLACE.format(id="le-lieu"))
    alerts = f"mailto://127.0.0.1:{port}/?from=data@reseau.example&to={MANAGER}&mode=insecure"
    network.start(
        IMPACT_ALERTS=alerts,
        IMPACT_SMTP=f"smtp://127.0.0.1:{port}",
        IMPACT_MAIL_FROM="data@reseau.example",
    )
    network.tokens["le-lieu"] = network.token()
    yield network
    if network.process and network.process.poll() is None:
        network.stop()


@dataclass(frozen=True)
class First:
    """The first delivery by the door: its answers, what moved, the runs that it started."""

    content: bytes
    answer: httpx.Response
    settled: dict[str, Any]
    counted: float
    runs: list[dict[str, Any]]


@pytest.fixture(scope="session")
def first(served: Served) -> First:
    before, known = served.visits(), {run["id"] for run in served.runs("arrival")}
    content = register(9001, 20)
    answer = served.deliver(content, "le-lieu-base.csv")
    settled = served.settled(answer.json()["batch"])
    served.until(lambda: served.visits() != before)
    served.rest()
    runs = [run for run in served.runs("arrival") if run["id"] not in known]
    return First(content, answer, settled, served.visits() - before, runs)


@pytest.fixture(scope="session")
def figures(served: Served, first: First) -> Served:
    """A night has published what the first delivery brought."""
    assert not (served.settings.home / "published" / "current.duckdb").exists()
    assert served.run("nightly")["state_type"] == "COMPLETED"
    assert (served.settings.home / "published" / "current.duckdb").exists()
    return served


@dataclass(frozen=True)
class Night:
    """A night that finds a file, and while it runs the lost runs are marked."""

    run: dict[str, Any]
    counted: float
    gone: dict[str, Any]
    """A run that never had a process."""


@pytest.fixture(scope="session")
def night(figures: Served) -> Night:
    before = figures.visits()
    # a folder with a file, as a place has it that exports every night
    (figures.folder / "exports" / "le-lieu-nuit.csv").write_bytes(register(101, 5))
    gone, alive = figures.begin("sweep", state="RUNNING"), figures.begin("nightly")
    figures.until(lambda: figures.runs("nightly", type=["RUNNING"]))
    with httpx.Client(timeout=60, auth=figures.password) as client:
        mark_lost(asking(client, figures.api), datetime.now(UTC) + timedelta(minutes=2))
    run = figures.ended(alive)
    return Night(run, figures.visits() - before, figures.ended(gone))


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


@dataclass(frozen=True)
class Swept:
    """What no run has taken, each for another reason, and the sweep that takes it."""

    killed: str
    """Brought by the door; its run was killed."""
    killed_state: str
    crashed: dict[str, Any]
    silent: str
    """Announced by no event."""
    without_server: str
    """Brought by the door while the server was down."""
    without_server_status: int
    sweep: dict[str, Any]


@pytest.fixture(scope="session")
def swept(figures: Served) -> Swept:
    figures.rest()
    figures.until(lambda: not flow_process(figures))  # one that has ended takes a moment to go
    killed = figures.deliver(register(70_001, 5), "le-lieu-tue.csv").json()["batch"]
    os.kill(figures.until(lambda: flow_process(figures)).pid, signal.SIGKILL)
    [crashed] = figures.until(lambda: figures.runs("arrival", type=["CRASHED"]))
    killed_state = figures.state(killed)["state"]
    silent, _event = bring_silently(figures, register(201, 5))
    server = figures.part("flows.serving.server")
    server.kill()
    server.wait(30)
    given = figures.deliver(register(401, 5), "le-lieu-sans-serveur.csv")
    figures.until(lambda: httpx.get(f"{figures.api}/health").is_success)
    sweep = figures.run("sweep")
    return Swept(
        killed, killed_state, crashed, silent, given.json()["batch"], given.status_code, sweep
    )


@pytest.fixture(scope="session")
def slipped(served: Served) -> list[dict[str, Any]]:
    """Two sweeps while the file of the place has a slip."""
    declared = served.settings.places / "le-lieu.toml"
    before = declared.read_text()
    declared.write_text(before.replace('"daily"', '"dayly"'))
    try:
        return [served.run("sweep") for _ in range(2)]
    finally:
        declared.write_text(before)


@dataclass(frozen=True)
class LeftBehind:
    """A run that loads a delivery, refuses another, and cannot write the figures."""

    right: dict[str, Any]
    wrong: dict[str, Any]
    runs: list[dict[str, Any]]
    counted: float
    """What the figures had moved by, when it had failed."""
    passed_by: dict[str, Any]
    """A sweep while another run has the lock."""
    is_marked: bool
    """Is it noted still that figures are behind?"""
    sweep: dict[str, Any]
    """The sweep afterwards."""
    counted_then: float


@pytest.fixture(scope="session")
def left_behind(figures: Served) -> LeftBehind:
    figures.stop_the_clock()
    figures.rest()
    settings, before = figures.settings, figures.visits()
    known = {run["id"] for run in figures.runs("arrival")}
    in_the_way = settings.preview.with_name(settings.preview.name + ".part")
    in_the_way.mkdir()
    wrong, right = (
        figures.deliver(content, name).json()["batch"]
        for content, name in (
            (b"A;B\n1;Jeanne Martin\n", "le-lieu-autre.csv"),
            (register(80_001, 5), "le-lieu-sans-place.csv"),
        )
    )
    right, wrong = figures.settled(right), figures.settled(wrong)
    figures.rest()
    runs = [run for run in figures.runs("arrival") if run["id"] not in known]
    counted = figures.visits() - before
    in_the_way.rmdir()
    with writer_lock(settings):
        passed_by = figures.run("sweep")
    is_marked = settings.uncounted.exists()
    sweep = figures.run("sweep")
    return LeftBehind(
        right, wrong, runs, counted, passed_by, is_marked, sweep, figures.visits() - before
    )
