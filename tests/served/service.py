"""A network that serves itself: the real command, a real Prefect server, a real door, free ports."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import httpx
import psutil
import stamina

from flows.operation.alerts import Alert, read_alerts
from flows.serving.password import password_file
from flows.settings import PROJECT, Settings

PLAIN = False
"""What is asked here has no certificate, and to read who may vouch for one takes 30 ms a question."""
PATIENCE = 300
"""Two busy cores are slow; what takes this long on them takes a tenth on idle ones."""
MOST_PAUSE = 0.8
"""Seconds between two looks at what is waited for."""


Seen = TypeVar("Seen")


def is_busy(fault: Exception) -> bool:
    return isinstance(fault, httpx.HTTPStatusError) and fault.response.status_code == 503


PLACE = """
id = "{id}"
name = "Le Lieu {id}"
commune_code = "80021"
opened_on = 2025-01-01
contact = {{ role = "accueil", email = "{id}@lieu.example" }}

[[sources]]
id = "registre"
feed = "attendance"
connector = "file"
path = "../exports/{id}-*.csv"
rhythm = "daily"
coverage = "months"
columns = {{ record_id = "N°", checked_in_at = "Arrivée" }}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def register(first: int, count: int, day: str = "03/02/2025") -> bytes:
    """A desk register: `count` arrivals of one day, numbered from `first`."""
    lines = [f"{number};{day} 12:00" for number in range(first, first + count)]
    return "\n".join(["N°;Arrivée", *lines, ""]).encode()


@dataclass
class Served:
    """A network in a folder, and the service that runs on it."""

    folder: Path
    ui_port: int = field(default_factory=free_port)
    door_port: int = field(default_factory=free_port)
    process: subprocess.Popen[str] | None = None
    tokens: dict[str, str] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)
    """What one run showed, for every test that looks at it."""

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.folder / "home", places=self.folder / "places", keys=self.folder / "keys"
        )

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.ui_port}/api"

    @property
    def password(self) -> tuple[str, str]:
        """What a person signs in with: the line of the file that the service names."""
        user, _colon, word = password_file(self.settings).read_text().strip().partition(":")
        return user, word

    @property
    def door(self) -> str:
        return f"http://127.0.0.1:{self.door_port}"

    def environment(self, **more: str) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT")},
            "IMPACT_HOME": str(self.settings.home),
            "IMPACT_PLACES": str(self.settings.places),
            "IMPACT_KEYS": str(self.settings.keys),
            "IMPACT_UI_PORT": str(self.ui_port),
            "IMPACT_DOOR_PORT": str(self.door_port),
            "IMPACT_LANG": "en",
            "PYTHONPATH": os.pathsep.join([str(PROJECT), os.environ.get("PYTHONPATH", "")]),
            **more,
        }

    def command(self, *arguments: str) -> list[str]:
        code = "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))"
        return [sys.executable, "-c", code, *arguments]

    def impact(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*arguments), env=self.environment(), cwd=self.folder,
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip

    def start(self, **environment: str) -> None:
        """Start the service and wait until it has said where it is."""
        self.process = subprocess.Popen(
            self.command("serve"), env=self.environment(**environment), cwd=self.folder,
            stdout=(self.folder / "said.txt").open("w"), stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        self.until(lambda: "Ctrl-C" in self.said() or self.process.poll() is not None)
        assert self.process.poll() is None, self.said() + self.logs()
        self.stop_the_clock()

    def stop_the_clock(self) -> None:
        """No sweep but those that are asked for: one of the calendar comes in between.

        A runner that starts, starts it again.
        """
        self.ask(f"{self.path('sweep')}/pause_deployment")

    def start_the_clock(self) -> None:
        self.ask(f"{self.path('sweep')}/resume_deployment")

    def stop(self, number: int = signal.SIGTERM) -> list[psutil.Process]:
        """Stop it as a person or a system does; the processes that it had."""
        assert self.process is not None
        had = psutil.Process(self.process.pid).children(recursive=True)
        self.process.send_signal(number)
        self.process.wait(PATIENCE)
        return had

    def part(self, word: str) -> psutil.Process:
        """One of the three processes, by a word of its command."""
        assert self.process is not None
        children = psutil.Process(self.process.pid).children()
        return next(child for child in children if word in " ".join(child.cmdline()))

    def descendants(self) -> list[psutil.Process]:
        assert self.process is not None
        return psutil.Process(self.process.pid).children(recursive=True)

    def said(self) -> str:
        return (self.folder / "said.txt").read_text()

    def logs(self) -> str:
        files = (self.settings.home / "serving").glob("*.log")
        return "\n".join(f"== {file.name}\n{file.read_text()[-3000:]}" for file in files)

    def until(self, is_so: Callable[[], Any], seconds: float = PATIENCE) -> Any:
        """Wait for something; what it gave. To ask costs the server time that it needs to work."""
        limit, pause = time.monotonic() + seconds, 0.1
        while time.monotonic() < limit:
            with contextlib.suppress(httpx.HTTPError, duckdb.IOException):
                if result := is_so():
                    return result
            time.sleep(pause)
            pause = min(1.2 * pause, MOST_PAUSE)
        raise AssertionError(f"not within {seconds} s\n{self.said()}\n{self.logs()}")

    def ask(self, path: str, **body: Any) -> Any:
        """What the server answers; asked again while it is busy, as Prefect's own client does."""
        for attempt in stamina.retry_context(on=is_busy, attempts=None, timeout=60):
            with attempt:
                answer = httpx.post(
                    f"{self.api}{path}", json=body, timeout=60, verify=PLAIN, auth=self.password
                )
                answer.raise_for_status()
        return answer.json()

    def announced(self, event: dict[str, object]) -> httpx.Response:
        """What the server says to an event."""
        return httpx.post(f"{self.api}/events", json=[event], auth=self.password)

    def path(self, deployment: str) -> str:
        found = self.ask("/deployments/filter", deployments={"name": {"any_": [deployment]}})
        return f"/deployments/{found[0]['id']}"

    def begin(
        self, deployment: str, parameters: dict[str, Any] | None = None, state: str = "SCHEDULED"
    ) -> str:
        """A run in that state; its id."""
        given = {"parameters": parameters or {}, "state": {"type": state}}
        return str(self.ask(f"{self.path(deployment)}/create_flow_run", **given)["id"])

    def runs(self, deployment: str, **state: Any) -> list[dict[str, Any]]:
        """The runs of a deployment, the latest first; `type` or `name` narrow their state."""
        wanted: dict[str, Any] = {"deployments": {"name": {"any_": [deployment]}}}
        if state:
            wanted["flow_runs"] = {"state": {key: {"any_": v} for key, v in state.items()}}
        found = self.ask("/flow_runs/filter", sort="EXPECTED_START_TIME_DESC", **wanted)
        return list(found)

    def run(self, deployment: str, parameters: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run a deployment now and wait for its end."""
        return self.ended(self.begin(deployment, parameters))

    def ended(self, run_id: str) -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            path = f"{self.api}/flow_runs/{run_id}"
            run = httpx.get(path, timeout=60, verify=PLAIN, auth=self.password).json()
            return run if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED") else None

        return dict(self.until(look))

    def rest(self) -> None:
        """Wait until nothing runs and no delivery is about to be taken."""
        going_on = {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}
        self.until(
            lambda: (
                not self.ask("/flow_runs/filter", flow_runs=going_on)
                and not self.runs("arrival", type=["SCHEDULED"])
            )
        )

    def once(self, what: str, show: Callable[[], Seen]) -> Seen:
        """What one run shows, made by the first test that looks at it."""
        if what not in self.seen:
            self.seen[what] = show()
        return self.seen[what]  # type: ignore[no-any-return]

    def alerts(self, word: str) -> list[Alert]:
        """What the data manager has to hear with this word in it."""
        return [alert for alert in read_alerts(self.settings) if word in alert.text]

    def token(self, place_id: str = "le-lieu") -> str:
        return self.impact("token", place_id).stdout.split()[0]

    def deliver(
        self, content: bytes, name: str = "le-lieu-1.csv", place: str = "le-lieu", **headers: str
    ) -> httpx.Response:
        given = {"Authorization": f"Bearer {self.tokens[place]}", **headers}
        path = f"{self.door}/deliveries/{place}/attendance/{name}"
        return httpx.put(path, content=content, headers=given, timeout=60, verify=PLAIN)

    def state(self, batch_id: str, place: str = "le-lieu") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.tokens[place]}"}
        path = f"{self.door}/deliveries/{batch_id}"
        return dict(httpx.get(path, headers=headers, verify=PLAIN).json())

    def settled(self, batch_id: str, place: str = "le-lieu") -> dict[str, Any]:
        def look() -> dict[str, Any] | None:
            state = self.state(batch_id, place)
            return state if state["state"] != "waiting" else None

        return dict(self.until(look))

    def visits(self, file: str = "preview") -> float:
        """What the preview counts for the place in February 2025; nothing before there is one."""
        if not (self.settings.home / f"{file}.duckdb").exists():
            return 0.0
        with duckdb.connect(str(self.settings.home / f"{file}.duckdb"), read_only=True) as reader:
            row = reader.execute(
                "SELECT valeur_en_cours FROM valeurs WHERE indicateur_id = 'visits' "
                "AND territoire_id = 'le-lieu' AND periode = '2025-02' AND ventilation = 'ensemble'"
            ).fetchone()
        return float(row[0]) if row and row[0] is not None else 0.0

    def attempts(self) -> list[tuple[str, str, int]]:
        """Batch, outcome and rows loaded of every line of the ledger."""

        def look() -> list[tuple[str, str, int]]:
            with duckdb.connect(str(self.settings.warehouse), read_only=True) as reader:
                return reader.execute(
                    "SELECT batch_id, outcome, loaded FROM ledger.attempt"
                ).fetchall()

        return list(self.until(look))
