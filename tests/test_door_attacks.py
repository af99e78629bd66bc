"""The real door, as `impact serve` starts it, under attack: on a small disk, with few open files."""

from __future__ import annotations

import contextlib
import os
import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from flows.door.hooks import MOST_HALF_READ
from flows.door.secrets import made_from, make_secret
from flows.intake import inbox
from flows.settings import PROJECT, Settings
from tests.fakes.disk import NO_DISK, own_disk
from tests.test_door import CONTENT, MAPPINGS, PLACE, SOURCE

DISK_BYTES = 12_000_000
OPEN_FILES = 256
HEADER_SECONDS, WHOLE_SECONDS = 2, 8
IN_A_HURRY = f"""
from flows.door import __main__, connections, hooks
connections.HEADER_SECONDS, hooks.WHOLE_SECONDS = {HEADER_SECONDS}, {WHOLE_SECONDS}
__main__.main()
"""
"""As `python -m flows.door`, but that it waits for nobody as long."""
COBOT = "https://lieu.cobot.example/api"


@dataclass
class Door:
    """A door in a process of its own."""

    settings: Settings
    process: subprocess.Popen[bytes]
    port: int
    log: Path
    has_small_disk: bool

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def secret(self, way: str) -> str:
        return str(made_from(self.settings, "le-lieu", way))

    def deliver(self, content: bytes, name: str = "x-1.csv") -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.secret('deliveries')}"}
        path = f"{self.address}/deliveries/le-lieu/attendance/{name}"
        return httpx.put(path, content=content, headers=headers, timeout=60)

    def half(self, text: str, held: ExitStack) -> socket.socket:
        """A caller who has said this and no more."""
        caller = held.enter_context(socket.create_connection(("127.0.0.1", self.port), timeout=60))
        caller.sendall(text.encode())
        return caller


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    folder = tmp_path_factory.mktemp("door")
    settings = Settings(folder / "home", folder / "places", folder / "keys")
    settings.home.mkdir(mode=0o700)
    settings.places.mkdir()
    sources = (("registre", "attendance", "x-*.csv"), ("cobot-reservations", "employment", COBOT))
    text = "".join(SOURCE.format(id=i, feed=f, path=p, mapping=MAPPINGS[f]) for i, f, p in sources)
    (settings.places / "le-lieu.toml").write_text(PLACE.format(id="le-lieu") + text)
    make_secret(settings, "le-lieu")
    disk = own_disk(settings.home, f"size={DISK_BYTES},mode=700")
    port, log = free_port(), folder / "door.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*(disk or []), sys.executable, "-c", IN_A_HURRY],
            env={**os.environ, "IMPACT_HOME": str(settings.home), "IMPACT_LANG": "en",
                 "IMPACT_PLACES": str(settings.places), "IMPACT_KEYS": str(settings.keys),
                 "IMPACT_DOOR_PORT": str(port), "PYTHONPATH": str(PROJECT)},
            stdout=stream, stderr=stream,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES,) * 2),
        )  # fmt: skip
    if disk:  # its folder as it sees it
        settings = Settings(
            Path(f"/proc/{process.pid}/root{settings.home}"), settings.places, settings.keys
        )
    made = Door(settings, process, port, log, has_small_disk=disk is not None)
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            httpx.get(f"{made.address}/health")
            break
        except httpx.HTTPError:
            time.sleep(0.1)
    yield made
    process.terminate()
    process.wait(60)


def test_no_secret_and_no_name_of_a_file_reaches_the_log(door: Door) -> None:
    secret, name = door.secret("cobot"), "x-Jeanne-Martin.csv"
    body = {"url": f"{COBOT}/bookings/1"}
    assert httpx.post(f"{door.address}/hooks/cobot/le-lieu/{secret}", json=body).is_success
    wrong = f"{door.address}/hooks/cobot/le-lieu/{secret[:-1]}"
    assert httpx.post(wrong, json=body).status_code == 404
    assert httpx.get(f"{door.address}/{secret}?token={secret}").status_code == 404
    assert door.deliver(CONTENT, name).status_code == 202
    said = door.log.read_text()
    assert "POST /hooks/{tool}/le-lieu/{secret} 202" in said
    assert "PUT /deliveries/le-lieu/{feed}/{name} 202" in said
    assert secret[:-1] not in said
    assert "Martin" not in said


@pytest.mark.parametrize("suffix", ["é" * 140, "é" * 126, "x" * 140])
def test_a_long_suffix_is_none(door: Door, suffix: str) -> None:
    answer = door.deliver(f"{suffix}\n".encode(), f"x.{suffix}")
    assert answer.status_code == 202
    found = inbox.whereabouts(door.settings.landing, answer.json()["batch"])
    assert found is not None
    assert found.state == "waiting"


def test_on_a_full_disk_nothing_is_kept_by_halves_and_the_sender_hears_why(door: Door) -> None:
    if not door.has_small_disk:
        pytest.skip(NO_DISK)
    before = len(inbox.all_waiting(door.settings.landing))
    filler = door.settings.home / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as stream:
        while True:
            stream.write(bytes(4096))
    for content in (CONTENT * 4000, CONTENT):
        answer = door.deliver(content, "x-2.csv")
        assert answer.status_code == 507
        assert "disk is full" in answer.json()["detail"]
        assert answer.headers["retry-after"]
    secret = door.secret("cobot")
    hook = httpx.post(f"{door.address}/hooks/cobot/le-lieu/{secret}", json={})
    assert hook.status_code in (202, 507)  # a mark that is there needs no room
    assert len(inbox.all_waiting(door.settings.landing)) == before
    filler.unlink()
    assert door.deliver(CONTENT + b"2;04/02/2025 12:00\n", "x-2.csv").status_code == 202
    assert len(inbox.all_waiting(door.settings.landing)) == before + 1
    assert "Traceback" not in door.log.read_text()


def test_callers_who_say_nothing_keep_nobody_out_for_long(door: Door) -> None:
    """Three hundred, of whom the door may open 256 files."""
    size = door.log.stat().st_size
    with ExitStack() as held:
        hook = "POST /hooks/rdv-service-public/le-lieu HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n"
        halves = [door.half(f"{hook}\r\n{{", held) for _ in range(MOST_HALF_READ)]
        one_too_many = door.half(f"{hook}\r\n{{", held)
        assert b" 503 " in one_too_many.recv(1000)
        for _ in range(300):
            with contextlib.suppress(OSError):
                door.half(hook, held)
        assert psutil.Process(door.process.pid).num_fds() < OPEN_FILES
        time.sleep(HEADER_SECONDS + 2)
        answer = door.deliver(CONTENT + b"3;04/02/2025 12:00\n", "x-3.csv")
        assert answer.status_code == 202
        time.sleep(max(0, WHOLE_SECONDS - HEADER_SECONDS))
        assert {caller.recv(1000).split()[1] for caller in halves} == {b"408"}
    assert door.process.poll() is None
    assert door.log.stat().st_size - size < 100_000
    assert "Traceback" not in door.log.read_text()
