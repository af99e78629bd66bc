"""Since when a system is asked again: only what was loaded counts as known."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from flows.connectors import _journal
from flows.intake.inbox import wait_again
from flows.intake.landing import clear
from flows.intake.removal import accept_removal
from flows.warehouse.database import open_warehouse
from tests.connectors.conftest import Network
from tests.connectors.worlds import AS_OF, SEED, GristWorld, LaCoopWorld, World

New = Callable[[World], Network]
SINCE = "filter%5Bmodification%5D%5Bdepuis%5D="


def full(world: World) -> World:
    for number in SEED:
        world.add(number)
    return world


def asked_since(net: Network) -> str:
    """The day since when changes were asked for; empty when it was everything."""
    [first, *_] = net.faults.calls
    return first.partition(SINCE)[2][:10]


def test_the_next_pull_asks_from_before_the_beginning_of_the_last(network: New) -> None:
    net = network(full(LaCoopWorld()))
    net.well()
    assert asked_since(net) == ""
    net.well(3)
    assert asked_since(net) == "2026-11-02"
    net.well(4)
    assert asked_since(net) == "2026-11-05"


def test_a_batch_that_was_refused_leaves_everything_to_be_asked_for(network: New) -> None:
    world = LaCoopWorld()
    for number in SEED:
        world.spoil(number)
    net = network(world)
    assert "no record has the expected shape (duree)" in net.pull().refused[0]
    full(world)
    net.well(1)
    assert asked_since(net) == ""
    assert net.records() == world.present()


def test_days_that_somebody_asks_for_are_not_what_is_known(network: New) -> None:
    world = LaCoopWorld()
    for number, day in ((1, 26), (2, 27), (3, 28)):
        world.add_at(number, AS_OF.replace(month=10, day=day, hour=9))
    net = network(world)
    net.well(first_day=date(2026, 10, 27), last_day=date(2026, 10, 27))
    assert [number for number, _ in net.records()] == ["a2"]
    assert net.proven() == {date(2026, 10, 27)}
    net.well(1)
    assert asked_since(net) == ""
    assert net.records() == world.present()


def test_another_declaration_asks_for_everything(network: New) -> None:
    net = network(full(LaCoopWorld()))
    net.well()
    source = net.place.sources[0]
    columns = {name: header for name, header in source.columns.items() if name != "location"}
    source = source.model_copy(update={"columns": columns})
    net.place = net.place.model_copy(update={"sources": [source]})
    net.well(1)
    assert asked_since(net) == ""
    sql = "SELECT DISTINCT duration_minutes FROM record.service_usage"
    assert net.read(net.settings, sql) == [(90,)]


def test_a_run_as_if_it_were_later_leaves_no_gap(network: New) -> None:
    net = network(full(LaCoopWorld()))
    net.well(as_of=AS_OF + timedelta(days=36500))
    net.well(as_of=AS_OF + timedelta(days=36501))
    assert asked_since(net) < "2100"


def test_a_large_removal_waits_for_a_yes_and_is_then_loaded_another_night(network: New) -> None:
    world = full(GristWorld())
    net = network(world)
    net.well()
    for number in (1, 2, 3):
        world.remove(number)
    [refused] = net.pull(1).refused
    assert "3 of the 5 records" in refused
    assert len(net.records()) == 5
    batch = refused.rpartition(" ")[2]
    with open_warehouse(net.settings) as warehouse:
        accept_removal(warehouse, batch)
    wait_again(net.settings.landing, batch)
    net.well(2)
    assert net.records() == world.present()
    attempts = (
        f"SELECT outcome FROM ledger.attempt WHERE batch_id = '{batch}' ORDER BY attempted_at"
    )
    assert net.read(net.settings, attempts) == [("refused",), ("accepted",)]


def test_what_was_received_is_read_again_without_asking(network: New) -> None:
    world = full(GristWorld())
    net = network(world)
    net.well()
    values = {"attendance_status": {"venu": "absent"}}
    source = net.place.sources[0].model_copy(update={"values": values})
    net.place = net.place.model_copy(update={"sources": [source]})
    net.well(1, again="landed")
    assert net.faults.calls == []
    sql = "SELECT DISTINCT CAST(attendance_status AS VARCHAR) FROM record.attendance"
    assert net.read(net.settings, sql) == [("absent",)]


def test_an_unfinished_pull_is_not_kept_for_ever(network: New) -> None:
    net = network(full(GristWorld()))
    net.faults.waiting = ["unauthorised"]
    net.pull()
    [unfinished] = net.settings.landing.rglob("*.part")
    now = datetime.now(UTC)
    clear(net.settings.landing, set(), now)
    assert unfinished.exists()
    os.utime(unfinished, (time.time() - 200_000,) * 2)
    clear(net.settings.landing, set(), now)
    assert not unfinished.exists()


@pytest.mark.parametrize("seconds", [0, 7 * 3600])
def test_a_pull_is_taken_up_within_hours_only(network: New, seconds: int, monkeypatch: Any) -> None:
    net = network(full(GristWorld()))
    net.faults.after, net.faults.waiting = 2, ["unauthorised"]
    net.pull()
    net.faults.after = 0
    if seconds:
        monkeypatch.setattr(_journal, "RESUMED_WITHIN", timedelta(0))
    net.well()
    assert len(net.faults.calls) == (3 if seconds else 1)


def test_an_unfinished_pull_of_another_declaration_is_thrown_away(network: New) -> None:
    net = network(full(GristWorld()))
    net.faults.after, net.faults.waiting = 2, ["unauthorised"]
    net.pull()
    net.faults.after = 0
    source = net.place.sources[0]
    source = source.model_copy(update={"constants": {"evidence": "seen"}})
    net.place = net.place.model_copy(update={"sources": [source]})
    net.well()
    assert len(net.faults.calls) == 3, "all pages"
