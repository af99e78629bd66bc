"""A process that collects the places of a network without Prefect, to be killed.

It comes from one that has imported everything: each is a process of its own, and starts at once.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from flows.network.place_files import read_places
from flows.settings import read_settings
from flows.stages.collect import collect_place
from flows.stages.request import Request

AS_OF = "2026-11-02T03:30"
PATIENCE = 120

processes = multiprocessing.get_context("forkserver")
processes.set_forkserver_preload([__name__])


def collect(environment: dict[str, str], said: Path, limit: Callable[[], None] | None) -> None:
    """What it loads of each source, and what failed there, goes to `said`."""
    os.environ.update(environment)
    with open(said, "w", buffering=1) as out, open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 2)
        if limit:
            limit()
        settings = read_settings()
        for place in read_places(settings.places).values():
            request = Request(datetime.fromisoformat(f"{AS_OF}+01:00"))
            for report in collect_place(place, settings, request):
                print(report.loaded, report.failed, file=out)


@dataclass(frozen=True)
class Loading:
    """It goes on, and writes what it says into a file."""

    process: ForkServerProcess
    file: Path

    def ended(self) -> tuple[int | None, list[str]]:
        """How it ended, as a negative signal or an exit code, and its lines."""
        self.process.join(PATIENCE)
        return self.process.exitcode, self.file.read_text().splitlines()

    def said(self) -> list[str]:
        """Its lines, once it has ended well."""
        code, lines = self.ended()
        assert code == 0, lines
        return lines


def start(
    environment: dict[str, str], folder: Path, limit: Callable[[], None] | None = None
) -> Loading:
    said = folder / "loading.txt"
    process = processes.Process(target=collect, args=(environment, said, limit))
    process.start()
    return Loading(process, said)
