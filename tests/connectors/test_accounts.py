"""Whoever leaves a tool stays the one person that they were: one rule, asked of each system.

A system that has accounts says in its `World` how one is closed (`close_account`), and its connector
declares `has_accounts`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from flows.connectors import connector
from tests.connectors.conftest import Network
from tests.connectors.worlds import WORLDS, World

New = Callable[[World], Network]
WITH_ACCOUNTS = [
    name for name, make in WORLDS.items() if type(make()).close_account is not World.close_account
]


def people(net: Network) -> list[tuple[str, str | None, str | None]]:
    told = "record_id, person_key, CAST(age_band AS VARCHAR)"
    sql = f"SELECT {told} FROM record.{net.world.feed} WHERE NOT deleted ORDER BY record_id"
    return net.read(net.settings, sql)


def connector_of(name: str) -> str:
    [line] = [line for line in WORLDS[name]().toml.splitlines() if line.startswith("connector")]
    return line.split('"')[1]


def test_the_systems_with_accounts_are_those_whose_connector_says_so() -> None:
    declared = {
        name
        for name in map(connector_of, WORLDS)
        if connector(name).DECLARES.has_accounts  # type: ignore[attr-defined]
    }
    assert declared == {connector_of(name) for name in WITH_ACCOUNTS}


@pytest.mark.parametrize("name", WITH_ACCOUNTS)
def test_whose_account_is_closed_stays_who_they_were(name: str, network: New) -> None:
    world = WORLDS[name]()
    world.toml = world.toml.replace("from = 2026-10-01", "from = 2026-03-01")
    world.add_at(1, datetime(2026, 6, 3, 9, tzinfo=UTC))
    for number in (2, 3):
        world.add(number)
    net = network(world)
    net.well()
    before = people(net)
    known = {key for _, key, _ in before}
    assert None not in known
    for number in (1, 2):
        world.close_account(number)
    world.add(4)
    net.well(1)
    assert people(net)[:3] == before
    assert len({key for _, key, _ in people(net)} - known) <= 1, "the one who is new"
    net.well(40)  # everything is asked for again, where it is once a month
    assert people(net)[:3] == before
    net.well(2, again="landed")
    assert people(net)[:3] == before
