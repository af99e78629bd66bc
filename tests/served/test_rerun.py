"""A rerun that a person asks for: seen first, held until somebody answers, refused, overtaken."""

from __future__ import annotations

from typing import Any

import duckdb
import httpx
import pytest

from tests.served.conftest import Served, register

HOLD = "attendre mon accord / hold for approval"


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
        run = httpx.get(f"{served.api}/flow_runs/{run_id}", timeout=60).json()
        assert run["state_type"] not in ("COMPLETED", "FAILED", "CRASHED"), run["state"]
        return run if run["state_type"] == "PAUSED" else None

    return dict(served.until(look))


def answer(served: Served, run_id: str, decision: str) -> httpx.Response:
    body = {"run_input": {"decision": decision, "remark": "vu"}}
    return httpx.post(f"{served.api}/flow_runs/{run_id}/resume", json=body, timeout=60)


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


def test_what_is_held_waits_without_a_lock_and_is_published_when_approved(figures: Served) -> None:
    before = published(figures)
    run_id = ask(figures, then=HOLD)
    waits(figures, run_id)
    assert published(figures) == before
    assert figures.impact("status").returncode == 0  # nobody holds the warehouse
    assert answer(figures, run_id, "peut-être").status_code in (200, 400, 422)
    assert published(figures) == before
    answer(figures, run_id, "approuver / approve")
    run = figures.ended(run_id)
    assert run["state_type"] == "COMPLETED", run["state"]
    assert published(figures) == before + 5
    figures.until(lambda: run_id in computed(figures))


def test_what_is_refused_leaves_the_last_release(figures: Served) -> None:
    before = published(figures)
    put_export(figures, "refuse", 30_001)
    run_id = ask(figures, then=HOLD)
    waits(figures, run_id)
    answer(figures, run_id, "refuser / refuse")
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
    answer(figures, run_id, "approuver / approve")
    run = figures.ended(run_id)
    assert run["state_type"] == "FAILED"
    assert "overtook" in run["state"]["message"]
    assert published(figures) == newer
