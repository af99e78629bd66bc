"""`impact serve`: start the three processes, keep them running, leave none behind."""

import logging
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import filelock
import httpx

from flows.errors import ConfigurationError, ImpactError
from flows.language import _
from flows.machine import refusal_of
from flows.serving import processes
from flows.serving.addresses import (
    HOST,
    Addresses,
    Running,
    folder,
    note_of,
    own_origins,
    running,
    write_note,
)
from flows.serving.leftovers import clear_rehearsals
from flows.serving.logs import shorten
from flows.serving.password import ASKED, GIVEN, kept_password, password_file
from flows.serving.resume import clear_up
from flows.serving.watchman import stand_watch
from flows.settings import PROJECT, Settings

logger = logging.getLogger("impact")

START_SECONDS = 300
"""A first start makes tables, and a busy machine is slow."""
LOOK_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 60
STEADY_SECONDS = 120


@dataclass
class Part:
    """One of the three processes, which is started again when it ends by itself."""

    name: str
    command: list[str]
    is_up: Callable[[], bool]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0
    failures: int = 0
    again_at: float = 0


@dataclass
class Service:
    """The processes of one home."""

    settings: Settings
    addresses: Addresses
    password: str = ""
    stop_asked: threading.Event = field(default_factory=threading.Event)
    parts: list[Part] = field(default_factory=list)
    places: set[str] | None = None

    def __post_init__(self) -> None:
        python, ready = [sys.executable, "-m"], folder(self.settings) / "ready"
        self.parts = [
            Part(
                "server",
                [*python, "flows.serving.server"],
                lambda: answers(f"{self.addresses.api}/health"),
            ),
            Part("runner", [*python, "flows.runs.deployments"], ready.exists),
            Part(
                "door",
                [*python, "flows.door"],
                lambda: answers(f"{self.addresses.door}/health"),
            ),
        ]  # fmt: skip

    def start(self, part: Part) -> None:
        log = folder(self.settings) / f"{part.name}.log"
        shorten(log, datetime.now(UTC))
        part.process = processes.start(part.command, log, environment_of(self))
        part.started_at = time.monotonic()

    def wait_for(self, part: Part) -> None:
        """Raises ImpactError when the part ends or does not answer."""
        until = time.monotonic() + START_SECONDS
        while not part.is_up() and not self.stop_asked.wait(LOOK_SECONDS):
            ended = part.process is None or part.process.poll() is not None
            if ended or time.monotonic() > until:
                raise ImpactError(
                    _("the {part} did not start").format(part=part.name),
                    where=str(folder(self.settings) / f"{part.name}.log"),
                    remedy=_("read its last lines; nothing is left running"),
                )

    def keep(self, part: Part) -> None:
        """Start again what has ended; wait longer each time it does not stay."""
        assert part.process is not None
        now = time.monotonic()
        if part.again_at:
            if now >= part.again_at:
                part.again_at = 0
                self.start(part)
        elif part.process.poll() is not None:
            steady = now - part.started_at > STEADY_SECONDS
            part.failures = 1 if steady else part.failures + 1
            pause_seconds = min(2**part.failures, LONGEST_PAUSE_SECONDS)
            logger.warning(
                _("The {part} ended ({code}); it is started again in {seconds} s.").format(
                    part=part.name, code=part.process.returncode, seconds=pause_seconds
                )
            )
            part.again_at = now + pause_seconds

    def follow_places(self) -> None:
        """The form of a rerun names the places: it is made anew when one comes or goes."""
        now = {file.name for file in self.settings.places.glob("*.toml")}
        if self.places is not None and now != self.places:
            command = [sys.executable, "-m", "flows.runs.deployments", "--register"]
            log = folder(self.settings) / "register.log"
            processes.start(command, log, environment_of(self))  # it ends by itself
        self.places = now

    def stop(self) -> None:
        """The runner first, so that flows say how they ended while the server listens."""
        server, runner, door = self.parts
        for part in (runner, door, server):
            if part.process is not None:
                processes.stop(part.process)
        processes.end_descendants()


def serve(settings: Settings, addresses: Addresses, say: Callable[[str], None]) -> None:
    """Run until SIGINT or SIGTERM; raises ImpactError when it runs already or cannot start."""
    with alone(settings):
        for name, number in (
            ("IMPACT_UI_PORT", addresses.ui_port), ("IMPACT_DOOR_PORT", addresses.door_port)
        ):  # fmt: skip
            refuse_taken(name, number)
        secret = kept_password(settings)
        service = Service(settings, addresses, secret)
        listen_to_signals(service.stop_asked)
        processes.adopt_orphans()
        shutil.rmtree(settings.home / "prefect" / "concurrency_leases", ignore_errors=True)
        clear_rehearsals(settings)  # before all else: they may have filled the disk
        since = datetime.now(UTC).isoformat(timespec="seconds")
        try:
            for part in service.parts:
                if not service.stop_asked.is_set():
                    say(_("starting the {part}…").format(part=part.name))
                    service.start(part)
                    service.wait_for(part)
                    if part.name == "server" and not service.stop_asked.is_set():
                        clear_up(addresses.api, secret)
            if not service.stop_asked.is_set():
                write_note(settings, Running(os.getpid(), since, addresses, is_closed=True))
                say(_("Runs and forms: {address}").format(address=addresses.ui))
                say(
                    _("  The page asks once for a password: the line in {file}").format(
                        file=password_file(settings)
                    )
                )
                say(_("Intake door:    {address}").format(address=addresses.door))
                say(_("Stop with Ctrl-C."))
                watch = (settings, addresses, secret, service.stop_asked)
                threading.Thread(target=stand_watch, args=watch, daemon=True).start()
            while not service.stop_asked.wait(LOOK_SECONDS):
                for part in service.parts:
                    service.keep(part)
                service.follow_places()
                for log in folder(settings).glob("*.log"):
                    shorten(log, datetime.now(UTC))
                clear_rehearsals(settings)
                processes.reap_orphans({p.process.pid for p in service.parts if p.process})
        finally:
            note_of(settings).unlink(missing_ok=True)
            service.stop()
        say(_("stopped"))


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """One service a home; raises ImpactError with the address of the one that is there.

    So does a home that cannot be written.
    """
    if refused := refusal_of(settings.home):
        raise refused
    own = folder(settings)
    for made in (settings.home, own):  # those above are as usual
        made.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = filelock.FileLock(own / "serving.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as fault:
        there = running(settings)
        raise ImpactError(
            _("already running: process {process}, since {since}, {address}").format(
                process=there.process, since=there.since, address=there.addresses.ui
            )
            if there
            else _("already starting or stopping"),
            where=str(settings.home),
            remedy=_("use that one, or stop it first"),
        ) from fault
    try:
        (own / "ready").unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def refuse_taken(name: str, number: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except OSError as fault:
            raise ConfigurationError(
                _("the port {number} is taken by another program").format(number=number),
                where=name,
                remedy=_("stop that program, or write another port there"),
            ) from fault


def listen_to_signals(stop_asked: threading.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop_asked.set())


def environment_of(service: Service) -> dict[str, str]:
    """What the processes are told: this home, these addresses, and what Prefect may do."""
    settings, addresses = service.settings, service.addresses
    return {
        **os.environ,
        "IMPACT_HOME": str(settings.home),
        "IMPACT_PLACES": str(settings.places),
        "IMPACT_KEYS": str(settings.keys),
        "IMPACT_UI_PORT": str(addresses.ui_port),
        "IMPACT_DOOR_PORT": str(addresses.door_port),
        "PYTHONPATH": os.pathsep.join(
            [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
        ),
        "PREFECT_HOME": str(settings.home / "prefect"),
        "PREFECT_API_URL": addresses.api,
        ASKED: service.password,
        GIVEN: service.password,
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": os.environ.get(
            "PREFECT_SERVER_CORS_ALLOWED_ORIGINS", ",".join(own_origins(addresses))
        ),
        **PREFECT,
        **{name: os.environ[name] for name in PREFECT if name in SAID},
    }


LEASES = "prefect.server.concurrency.lease_storage"
PREFECT = {
    "PREFECT_LOGGING_LEVEL": "INFO",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_LOGGING_EXTRA_LOGGERS": "impact",
    # half of the wait between an event and its run
    "PREFECT_RUNNER_POLL_FREQUENCY": "2",
    # old runs go with their logs and artifacts after ninety days
    "PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs",
    # in memory, a server that ends keeps a run's place in the queue taken for ever
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": f"{LEASES}.filesystem",
    "PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED": "false",
}
SAID = {name for name in os.environ if name in PREFECT and not name.endswith("LOGGING_LEVEL")}
"""Somebody said otherwise; the levels of logging are ours for commands, and said anew here."""


def answers(address: str) -> bool:
    try:
        return httpx.get(address, timeout=5).is_success
    except httpx.HTTPError:
        return False
