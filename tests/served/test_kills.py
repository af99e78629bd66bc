"""Whatever is killed, and whenever: in the end each delivery is there once, and nothing hangs."""

from __future__ import annotations

import contextlib
import itertools
import random
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import httpx
import psutil
import pytest

from tests.served.service import PLACE, Served

KINDS = {
    "flow": "prefect.engine",
    "runner": "flows.runs.deployments",
    "server": "flows.serving.server",
}
"""What is killed in turn, with a word of its command."""
HEADERS = ["N°", "Modifié", "Arrivée", "Départ", "Qui", "Genre", "Âge", "Espace"]
VISITS, CORRECTED = 30, 4
"""New rows of each delivery, and rows that correct visits of the deliveries before."""
TOLERANT = "tolerated_quarantine_share = 0.05"
PEOPLE = """
columns.updated_at = "Modifié"
columns.checked_out_at = "Départ"
columns.gender = "Genre"
columns.age_band = "Âge"
columns.space_code = "Espace"
columns.record_id = "N°"
columns.checked_in_at = "Arrivée"
identity.email = "Qui"
"""

Figures = dict[tuple[Any, ...], tuple[Any, ...]]
"""Which figure → all that the preview says of it."""


def victim(served: Served, kind: str) -> psutil.Process | None:
    """A process of that kind, when there is one at this moment."""
    for process in served.descendants():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if KINDS[kind] in " ".join(process.cmdline()):
                return process
    return None


def network(folder: Path) -> Served:
    """One place that knows its people, and has received nothing; a row in 30 may be refused."""
    made = Served(folder)
    (folder / "exports").mkdir(parents=True)
    made.settings.places.mkdir()
    declared = TOLERANT + PLACE.partition("columns")[0].format(id="le-lieu") + PEOPLE
    (made.settings.places / "le-lieu.toml").write_text(declared)
    return made


def deliveries(count: int) -> Iterator[bytes]:
    """Visits of forty people in a year and a half, so that what looks a year back has figures too.

    Some correct earlier ones, and one row cannot be read.
    """
    chance = random.Random(2)
    for number in range(count):
        first = VISITS * number
        again = chance.sample(range(first), CORRECTED) if number else []
        rows = [
            visit(chance, visit_id, number) for visit_id in [*again, *range(first, first + VISITS)]
        ]
        rows.append([f"faux-{number}", "", "31/02/2026 10:00", *[""] * 5])
        yield "\n".join(";".join(row) for row in [HEADERS, *rows, []]).encode()


def visit(chance: random.Random, visit_id: int, delivery: int) -> list[str]:
    start = datetime(2025, 1, 6, 9) + timedelta(
        chance.randrange(530), chance.randrange(0, 28800, 60)
    )
    end, changed = start + timedelta(hours=2), datetime(2026, 7, 1) + timedelta(delivery)
    who = chance.randrange(40)
    return [
        f"v{visit_id}", f"{changed:%d/%m/%Y}", f"{start:%d/%m/%Y %H:%M}", f"{end:%d/%m/%Y %H:%M}",
        f"p{who}@exemple.fr", ["feminin", "masculin"][who % 2],
        ["douze_dix_huit", "vingt_cinq_trente_neuf", "quarante_cinquante_neuf"][who % 3],
        chance.choice(["coworking", "fablab"]),
    ]  # fmt: skip


def figures(home: Served) -> Figures:
    """Every column of every row; what is added in another order may differ in its last digit."""
    with duckdb.connect(str(home.settings.preview), read_only=True) as preview:
        names = [name for name, *_ in preview.sql("DESCRIBE valeurs").fetchall()]
        rows = preview.execute("FROM valeurs").fetchall()
    key = names.index("modalite") + 1
    said = [tuple(round(v, 9) if isinstance(v, float) else v for v in row) for row in rows]
    return {row[:key]: row[key:] for row in said}


@pytest.mark.parametrize(
    ("moments", "longest_wait"), [(3, 12), pytest.param(100, 25, marks=pytest.mark.long)]
)
def test_what_is_killed_at_any_moment_is_taken_up_and_done_once(
    tmp_path: Path, moments: int, longest_wait: float
) -> None:
    disturbed, quiet = network(tmp_path / "disturbed"), network(tmp_path / "quiet")
    files = {f"le-lieu-{n:03}.csv": content for n, content in enumerate(deliveries(moments))}
    disturbed.start()
    try:
        disturbed.tokens["le-lieu"] = disturbed.token()
        batches = deliver_and_kill(disturbed, files, longest_wait)
        each_was_taken_once(disturbed, batches)
    finally:
        disturbed.stop()
    for name, content in files.items():
        (quiet.folder / "exports" / name).write_bytes(content)
    run = quiet.impact("run")
    assert run.returncode in (0, 3), run.stdout + run.stderr  # 3: the rows that cannot be read
    expected, got = figures(quiet), figures(disturbed)
    assert len({key[0] for key, said in expected.items() if said[-1] is not None}) > 5
    assert {key: got.get(key) for key in expected} == expected
    assert got.keys() == expected.keys()


def deliver_and_kill(served: Served, files: dict[str, bytes], longest_wait: float) -> list[str]:
    """Each file by the door, each followed by a kill; the batches."""
    chance, killed, batches = random.Random(1), dict.fromkeys(KINDS, 0), []
    for (name, content), kind in zip(files.items(), itertools.cycle(KINDS), strict=False):
        batches.append(served.deliver(content, name).json()["batch"])
        time.sleep(chance.uniform(0, longest_wait))
        if process := victim(served, kind):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
                killed[kind] += 1
    assert killed["runner"] and killed["server"], killed  # a flow may not have been there
    return batches


def each_was_taken_once(served: Served, batches: list[str]) -> None:
    served.until(lambda: httpx.get(f"{served.api}/health").is_success)
    served.run("sweep")  # that of the calendar may be ten minutes away
    served.until(lambda: not [b for b in batches if served.state(b)["state"] == "waiting"], 1800)
    accepted = [batch for batch, outcome, _ in served.attempts() if outcome == "accepted"]
    assert sorted(accepted) == sorted(batches)
    # what lost its process is marked
    served.until(lambda: not running(served), 600)


def running(served: Served) -> list[dict[str, str]]:
    wanted = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}}
    return list(served.ask("/flow_runs/filter", **wanted))
