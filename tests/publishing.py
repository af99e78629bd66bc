"""Processes of their own that publish a release, to be killed, or read what is published all the time.

They come from one that has imported everything: each starts at once.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import duckdb

from flows.errors import ImpactError
from flows.machine import refusal
from flows.publication.release import current_id, make_current
from flows.settings import Settings
from flows.stages import publish as publishing
from flows.stages.publish import publish_release

PATIENCE = 120
Seen = dict[str, int]
"""Release → a hash of all its figures."""
FIGURES = """
    SELECT (SELECT publication_id FROM publication), (SELECT bit_xor(hash(v)) FROM valeurs AS v)
"""

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([__name__])


NO_LIMIT = -1


def fill(most_bytes: int) -> None:
    """From now on a write beyond this size fails as it does on a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))


def switch_and_fill(settings: Settings, file: Path) -> None:
    """Readers see the release, and nothing more can be written."""
    make_current(settings, file)
    fill(0)


def publish(settings: Settings, release_id: str, most_bytes: int, said: Connection) -> None:
    """Say `begun`, then that it is done or what refused it.

    No file may grow beyond `most_bytes`; where that is 0, beyond what it is after the switch.
    """
    if most_bytes == 0:
        publishing.make_current = switch_and_fill
    elif most_bytes != NO_LIMIT:
        fill(most_bytes)
    said.send("begun")
    try:
        publish_release(settings, release_id)
        said.send("done")
    except ImpactError as fault:
        said.send(str(fault))
    except Exception as fault:  # what the flow makes words of
        said.send(str(refusal(fault, settings.home) or repr(fault)))


@dataclass(frozen=True)
class Publishing:
    """It goes on by itself from where it said `begun`."""

    process: ForkServerProcess
    told: Connection

    @classmethod
    def begin(cls, settings: Settings, release_id: str, most_bytes: int = NO_LIMIT) -> Publishing:
        told, said = processes.Pipe(duplex=False)
        process = processes.Process(target=publish, args=(settings, release_id, most_bytes, said))
        process.start()
        said.close()
        assert told.recv() == "begun"
        return cls(process, told)

    def kill(self) -> None:
        self.process.kill()
        self.process.join(PATIENCE)

    def kill_once_seen(self, settings: Settings, before: str) -> None:
        """In the moment in which readers see another release."""
        while current_id(settings) == before and self.process.is_alive():
            time.sleep(0.0005)
        self.kill()

    def said(self) -> str:
        self.process.join(PATIENCE)
        assert self.process.exitcode == 0
        return str(self.told.recv())


def read(release: Path) -> tuple[str, int]:
    """The release that readers see now, read as a funder reads it."""
    with duckdb.connect(str(release), read_only=True) as file:
        [(release_id, figures)] = file.execute(FIGURES).fetchall()
    return release_id, figures


def read_on(release: Path, told: Connection) -> None:
    """Read it again and again until told to stop; then say what was seen, or what was broken."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    seen: set[tuple[str, int]] = set()
    told.send("begun")
    try:
        while not told.poll(0.05):
            seen.add(read(release))
        told.send(seen)
    except Exception as fault:
        told.send(repr(fault))


class Readers:
    """Several who read `current.duckdb` without a pause."""

    def __init__(self, release: Path, count: int = 3) -> None:
        self.pipes = []
        for _ in range(count):
            here, there = processes.Pipe()
            processes.Process(target=read_on, args=(release, there), daemon=True).start()
            assert here.recv() == "begun"
            self.pipes.append(here)

    def saw(self) -> set[tuple[str, int]]:
        """Releases and their figures; they end. A fault of one is raised."""
        seen: set[tuple[str, int]] = set()
        for pipe in self.pipes:
            pipe.send("enough")
            found = pipe.recv()
            assert isinstance(found, set), found
            seen |= found
        return seen
