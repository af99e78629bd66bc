"""What a person asks of the service, and what all who look can see then."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import psutil

from tests.served.service import Served, register

REREAD = "relire les fichiers reçus / re-read what landed"
RECOMPUTE = "recalculer / recompute"


def put_export(served: Served, name: str, first: int) -> Path:
    """The tool of the place exports five more arrivals of February 2025; nobody says so."""
    file = served.folder / "exports" / f"le-lieu-{name}.csv"
    file.write_bytes(register(first, 5))
    return file


def ask(served: Served, **request: Any) -> str:
    """What a person fills in; the id of the run."""
    given = {"reason": "fichier de février corrigé", **request}
    return served.begin("refaire-rerun", {"request": given})


def flow_process(served: Served) -> psutil.Process | None:
    """The process of a run, while there is one."""
    for process in served.descendants():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "prefect.engine" in " ".join(process.cmdline()):
                return process
    return None


def traceback_lines(served: Served, run_id: str) -> list[str]:
    """Where the log of a run that has ended shows one."""
    served.until(lambda: flow_process(served) is None)  # what it says at its end is written
    logs = served.ask("/logs/filter", logs={"flow_run_id": {"any_": [run_id]}})
    return [line["message"] for line in logs if "Traceback" in line["message"]]


def artifacts(served: Served, run_id: str) -> dict[str, Any]:
    """What the page of a run shows, by its key."""
    found = served.ask("/artifacts/filter", artifacts={"flow_run_id": {"any_": [run_id]}})
    return {artifact["key"]: artifact["data"] for artifact in found}


def computed(served: Served) -> set[str]:
    """The runs that announced new figures."""
    names = {"event": {"name": ["tiers-lieux.figures.computed"]}}
    found = served.ask("/events/filter", filter=names, limit=50)
    return {event["payload"]["run"] for event in found["events"]}


def published(served: Served) -> float:
    file = served.settings.home / "published" / "current.duckdb"
    with duckdb.connect(str(file), read_only=True) as reader:
        [row] = reader.execute(
            "SELECT valeur FROM valeurs WHERE indicateur_id = 'visits' AND periode = '2025-02' "
            "AND territoire_id = 'le-lieu' AND ventilation = 'ensemble'"
        ).fetchall()
    return float(row[0])


def home(served: Served) -> dict[str, tuple[int, str]]:
    """Instant and SHA-256 of each file that a run could change; where each link leads."""
    found = {}
    for file in served.settings.home.rglob("*"):
        path = file.relative_to(served.settings.home)
        if path.parts[0] in ("prefect", "serving") or file.is_dir():
            continue
        if file.is_symlink():
            found[str(path)] = (0, str(file.readlink()))
        elif file.suffix != ".lock":
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            found[str(path)] = (file.stat().st_mtime_ns, digest)
    return found


@dataclass(frozen=True)
class Sight:
    """What all who look can see: the published figure, the ledger, every byte of the home."""

    published: float
    attempts: int
    home: dict[str, tuple[int, str]]

    @classmethod
    def of(cls, served: Served) -> Sight:
        return cls(published(served), len(served.attempts()), home(served))


@dataclass(frozen=True)
class Rehearsal:
    """A run that changes nothing, with what was to be seen before and after."""

    run: dict[str, Any]
    before: Sight
    after: Sight


def rehearse(served: Served, start: Callable[[], str]) -> Rehearsal:
    """Let a run end while an export is there that nobody has read; it is gone afterwards."""
    export = put_export(served, "a-blanc", 20_001)
    before = Sight.of(served)
    run = served.ended(start())
    after = Sight.of(served)
    export.unlink()
    return Rehearsal(run, before, after)


def kind(mode: str, **request: Any) -> str:
    """What a rehearsal shows, by what was asked for: in the form of the web page, or without it."""
    return f"{mode} {request}"
