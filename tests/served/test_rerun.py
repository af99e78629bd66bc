"""A rerun that a person asks for: seen first, held until somebody answers, refused, overtaken."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, get_args

import duckdb
import httpx
import psutil
import pytest

from flows.runs.rerun_form import Mode
from flows.warehouse.database import open_warehouse, writer_lock
from tests.served.conftest import PLAIN, Served, register

HOLD = "attendre mon accord / hold for approval"
REREAD = "relire les fichiers reçus / re-read what landed"
RECOMPUTE = "recalculer / recompute"


def put_export(served: Served, name: str, first: int) -> None:
    """The tool of the place exports five more arrivals of February 2025; nobody says so."""
    (served.folder / "exports" / f"le-lieu-{name}.csv").write_bytes(register(first, 5))


def ask(served: Served, **request: Any) -> str:
    """What a person fills in; the id of the run."""
    [found] = served.ask("/deployments/filter", deployments={"name": {"any_": ["refaire-rerun"]}})
    path = f"/deployments/{found['id']}/create_flow_run"
    parameters = {"request": {"reason": "fichier de février corrigé", **request}}
    return str(served.ask(path, parameters=parameters)["id"])


def waits(served: Served, run_id: str) -> dict[str, Any]:
    """The run, once it waits for an answer."""

    def look() -> dict[str, Any] | None:
        run = httpx.get(f"{served.api}/flow_runs/{run_id}", timeout=60, verify=PLAIN).json()
        assert run["state_type"] not in ("COMPLETED", "FAILED", "CRASHED"), run["state"]
        return run if run["state_type"] == "PAUSED" else None

    return dict(served.until(look))


def answer(served: Served, run_id: str, decision: str) -> str:
    """What the server says of an answer; a run waits a moment before its form is there."""

    def look() -> str | None:
        answered = {"decision": decision, "remark": "vu"}
        result = served.ask(f"/flow_runs/{run_id}/resume", run_input=answered)
        is_early = "schema not found" in (result["details"].get("reason") or "")
        return None if is_early else str(result["status"])

    return str(served.until(look))


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


def test_the_form_is_for_people_in_both_languages_and_knows_the_places(figures: Served) -> None:
    [found] = figures.ask("/deployments/filter", deployments={"name": {"any_": ["refaire-rerun"]}})
    schema = found["parameter_openapi_schema"]
    assert schema["definitions"]["PlaceChoice"]["enum"] == ["le-lieu"]
    fields = schema["definitions"]["Rerun"]["properties"]
    assert fields["places"]["title"] == "Lieux / Places"
    assert fields["first_day"]["anyOf"][0]["format"] == "date"
    assert "Refaire" in found["description"]
    assert "Rerun" in found["description"]
    for wrong in ({"places": ["ailleurs"]}, {"threshold_percent": 101}, {"mode": "tout"}):
        with pytest.raises(httpx.HTTPStatusError, match=r"4[02][0-9]"):
            ask(figures, **wrong)


def test_a_dry_run_says_what_would_move_and_changes_nothing(figures: Served) -> None:
    before, attempts = published(figures), len(figures.attempts())
    put_export(figures, "a-blanc", 20_001)
    run = figures.ended(ask(figures, dry_run=True))
    assert run["state_type"] == "COMPLETED", run["state"]
    assert "2025-02" in run["state"]["message"]
    assert published(figures) == before
    assert len(figures.attempts()) == attempts
    assert not list((figures.settings.home / "serving" / "rehearsal").iterdir())
    artifacts = figures.ask("/artifacts/filter", artifacts={"flow_run_id": {"any_": [run["id"]]}})
    assert {"received", "moved", "summary"} <= {artifact["key"] for artifact in artifacts}
    assert run["id"] not in computed(figures)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mode": REREAD, "first_day": "2025-02-01"}, "is read again whole"),
        ({"mode": RECOMPUTE, "places": ["le-lieu"]}, "all figures are computed again"),
    ],
)
def test_choices_that_would_do_nothing_end_the_run_with_what_to_do(
    figures: Served, wrong: dict[str, Any], said: str
) -> None:
    attempts = len(figures.attempts())
    run = figures.ended(ask(figures, **wrong))
    assert run["state_type"] == "FAILED"
    assert said in run["state"]["message"]
    figures.until(lambda: flow_process(figures) is None)  # what it says at its end is written
    logs = figures.ask("/logs/filter", logs={"flow_run_id": {"any_": [run["id"]]}})
    assert not [line["message"] for line in logs if "Traceback" in line["message"]]
    assert len(figures.attempts()) == attempts


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


@pytest.mark.parametrize("mode", get_args(Mode))
def test_a_dry_run_of_any_kind_leaves_every_byte_as_it_was(figures: Served, mode: str) -> None:
    put_export(figures, "a-blanc", 20_001)
    before = home(figures)
    assert {file.split("/")[0] for file in before} >= {
        "landing", "warehouse.duckdb", "published", "preview.duckdb"
    }  # fmt: skip
    run = figures.ended(ask(figures, dry_run=True, mode=mode))
    assert run["state_type"] == "COMPLETED", run["state"]
    assert home(figures) == before


ABSENT = """
[[sources]]
id = "cahier"
feed = "attendance"
connector = "file"
path = "../exports/absent.csv"
rhythm = "daily"
coverage = "months"
columns = { record_id = "N°", checked_in_at = "Arrivée" }
"""


@contextmanager
def source_down(served: Served) -> Iterator[None]:
    """A source of the place is declared, and its file is nowhere."""
    file = served.settings.places / "le-lieu.toml"
    before = file.read_text()
    file.write_text(before + ABSENT)
    try:
        yield
    finally:
        file.write_text(before)


@contextmanager
def promise_broken(served: Served) -> Iterator[None]:
    """The ledger claims one row more than it accounts for."""
    claim_rows(served, +1)
    try:
        yield
    finally:
        claim_rows(served, -1)


def claim_rows(served: Served, more: int) -> None:
    with writer_lock(served.settings), open_warehouse(served.settings) as warehouse:
        warehouse.execute(f"UPDATE ledger.attempt SET rows_in = rows_in + {more} WHERE rowid = 0")


@pytest.mark.parametrize(
    ("fault", "said"), [(source_down, "absent.csv"), (promise_broken, "promise is broken")]
)
def test_a_dry_run_that_could_not_see_what_would_move_has_failed(
    figures: Served, fault: Callable[[Served], AbstractContextManager[None]], said: str
) -> None:
    with fault(figures):
        run = figures.ended(ask(figures, dry_run=True))
    assert run["state_type"] == "FAILED", run["state"]
    assert said in run["state"]["message"]
    assert "would move" not in run["state"]["message"]
    artifacts = figures.ask("/artifacts/filter", artifacts={"flow_run_id": {"any_": [run["id"]]}})
    assert "summary" in {artifact["key"] for artifact in artifacts}


def test_what_is_held_waits_without_a_lock_and_is_published_when_approved(figures: Served) -> None:
    before = published(figures)
    run_id = ask(figures, then=HOLD)
    waits(figures, run_id)
    assert published(figures) == before
    assert figures.impact("status").returncode == 0  # nobody holds the warehouse
    assert answer(figures, run_id, "peut-être") == "REJECT"
    assert published(figures) == before
    assert answer(figures, run_id, "approuver / approve") == "ACCEPT"
    run = figures.ended(run_id)
    assert run["state_type"] == "COMPLETED", run["state"]
    assert published(figures) == before + 5
    figures.until(lambda: run_id in computed(figures))


def test_what_is_refused_leaves_the_last_release(figures: Served) -> None:
    before = published(figures)
    put_export(figures, "refuse", 30_001)
    run_id = ask(figures, then=HOLD)
    waits(figures, run_id)
    assert answer(figures, run_id, "refuser / refuse") == "ACCEPT"
    run = figures.ended(run_id)
    assert "refused" in run["state"]["message"]
    assert published(figures) == before
    assert figures.run("sweep")["state_type"] == "COMPLETED"
    assert published(figures) == before


def test_a_release_that_was_overtaken_is_not_published(figures: Served) -> None:
    put_export(figures, "depasse", 40_001)
    run_id = ask(figures, then=HOLD)
    waits(figures, run_id)
    assert figures.settled(
        figures.deliver(register(50_001, 5), "le-lieu-entre.csv").json()["batch"]
    )["state"] == "accepted"  # fmt: skip
    figures.until(lambda: not figures.runs("arrival", type=["RUNNING", "PENDING", "SCHEDULED"]))
    newer = published(figures)
    assert answer(figures, run_id, "approuver / approve") == "ACCEPT"
    run = figures.ended(run_id)
    assert run["state_type"] == "FAILED"
    assert "overtook" in run["state"]["message"]
    assert published(figures) == newer


def test_what_is_recomputed_and_held_without_a_change_leaves_the_last_release(
    figures: Served,
) -> None:
    assert figures.run("nightly")["state_type"] == "COMPLETED"
    before = published(figures)
    run = figures.ended(ask(figures, mode=RECOMPUTE, then=HOLD))
    assert run["state_type"] == "COMPLETED", run["state"]
    assert published(figures) == before


def retry(served: Served, run_id: str) -> None:
    """The button of the page of a run that has failed."""
    result = served.ask(
        f"/flow_runs/{run_id}/set_state", state={"type": "SCHEDULED", "name": "AwaitingRetry"}
    )
    assert result["status"] == "ACCEPT", result


def test_a_rerun_that_was_overtaken_can_be_tried_again(figures: Served) -> None:
    put_export(figures, "a-refaire", 270_001)
    run_id = ask(figures, then=HOLD)
    waits(figures, run_id)
    put_export(figures, "entre-temps", 280_001)
    assert figures.run("nightly")["state_type"] == "COMPLETED"
    answer(figures, run_id, "approuver / approve")
    assert "overtook" in figures.ended(run_id)["state"]["message"]
    put_export(figures, "encore", 290_001)
    before = published(figures)
    retry(figures, run_id)
    waits(figures, run_id)
    assert published(figures) == before
    assert answer(figures, run_id, "approuver / approve") == "ACCEPT"
    run = figures.ended(run_id)
    assert run["state_type"] == "COMPLETED", run["state"]
    assert published(figures) == before + 5


def test_an_answer_that_was_killed_is_asked_for_again(figures: Served) -> None:
    put_export(figures, "tuee", 300_001)
    before = published(figures)
    run_id = ask(figures, then=HOLD)
    waits(figures, run_id)
    figures.until(lambda: flow_process(figures) is None)
    assert answer(figures, run_id, "approuver / approve") == "ACCEPT"
    figures.until(lambda: flow_process(figures)).kill()
    assert figures.ended(run_id)["state_type"] == "CRASHED"
    assert published(figures) == before
    retry(figures, run_id)
    waits(figures, run_id)
    assert answer(figures, run_id, "approuver / approve") == "ACCEPT"
    run = figures.ended(run_id)
    assert run["state_type"] == "COMPLETED", run["state"]
    assert published(figures) == before + 5


def flow_process(served: Served) -> psutil.Process | None:
    """The process of a run, while there is one."""
    for process in served.descendants():
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if "prefect.engine" in " ".join(process.cmdline()):
                return process
    return None
