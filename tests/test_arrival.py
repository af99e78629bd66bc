"""An arrival without its server: behind a long run, with a fault that quotes a record, and its news."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

import flows.runs.arrival
import flows.runs.context
import flows.stages.build
from flows.errors import ImpactError
from flows.intake import inbox
from flows.network.place_files import read_place
from flows.records import Delivery
from flows.runs.arrival import arrival
from flows.runs.nightly import night
from flows.runs.rerun import rerun
from flows.runs.routine import digest, maintenance, morning
from flows.runs.tasks import build
from flows.serving.events import WarehouseLoaded, event_of
from flows.settings import Settings
from flows.warehouse.database import writer_lock
from tests.served.service import PLACE, register

NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_an_arrival_behind_a_long_run_leaves_what_waits_to_the_next_sweep(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.places.mkdir()
    (settings.places / "le-lieu.toml").write_text(PLACE.format(id="le-lieu"))
    place = read_place(settings.places / "le-lieu.toml")
    file = tmp_path / "le-lieu-1.csv"
    file.write_bytes(register(1, 5))
    inbox.bring(Delivery(file.name, file), place, place.sources[0], settings.landing, NOW)
    for name in ("home", "places", "keys"):
        monkeypatch.setenv(f"IMPACT_{name.upper()}", str(getattr(settings, name)))
    monkeypatch.setattr(flows.runs.context, "LOCK_WAIT_SECONDS", 0.1)
    with writer_lock(settings):
        ended: Any = arrival.fn()
    assert ended.is_completed()
    assert "another run is writing: the next sweep" in ended.message
    assert len(inbox.waiting(settings.landing, place, place.sources[0])) == 1


def test_a_fault_that_quotes_a_record_leaves_no_task_with_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compute(*_given: object) -> None:
        raise duckdb.ConversionException("Could not convert string 'Jeanne' to INT32")

    monkeypatch.setattr(flows.stages.build, "compute", compute)
    with pytest.raises(ImpactError, match="unexpected fault ConversionException") as caught:
        build.fn([], settings, NOW, False)
    assert "Jeanne" not in str(caught.value)
    assert caught.value.__suppress_context__  # nor is it shown as what came before


def test_two_looks_of_a_run_are_two_events_and_the_same_look_is_one() -> None:
    def event(look: int) -> object:
        counts = {"batches": 1, "received": 5, "loaded": 5, "quarantined": 0}
        news = WarehouseLoaded(place="le-lieu", feed="attendance", run="x", look=look, **counts)
        return event_of(news, NOW)["id"]

    assert event(1) == event(1) != event(2)


@pytest.mark.parametrize("flow", [arrival, night, rerun, morning, maintenance, digest])
def test_a_flow_has_more_time_than_it_may_wait_for_another(flow: Any) -> None:
    patience = (
        flows.runs.arrival.BEHIND_A_RUN_SECONDS
        if flow is arrival
        else flows.runs.context.WRITER_SECONDS
    )
    assert flow.timeout_seconds > 2 * patience
