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
from tests.connectors.worlds import WORLDS, FabManagerWorld, RdvWorld, World, instant
from tests.fakes.fab_manager import account
from tests.fakes.rdv_service_public import user

New = Callable[[World], Network]
LONG_AGO = datetime(2026, 6, 3, 9, tzinfo=UTC)
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
    world.add_at(1, LONG_AGO)
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


@pytest.mark.parametrize("make", [RdvWorld, FabManagerWorld])
def test_whoever_changes_an_address_is_one_person_in_what_was_known_too(
    network: New, make: Callable[[], RdvWorld | FabManagerWorld]
) -> None:
    world = make()
    for number, at in ((1, LONG_AGO), (2, instant(2)), (3, instant(3))):
        world.add_at(number, at)
        as_user(world, number, 5 if number < 3 else 6, "avant@exemple.test" if number < 3 else None)
    net = network(world)
    net.well()
    as_user(world, 2, 5, "apres@exemple.test")
    net.well(1)
    first, second, third = (key for _, key, _ in people(net))
    assert first == second != third


def test_an_address_that_another_account_has_taken_makes_nobody_one_person(network: New) -> None:
    world = RdvWorld()
    for number, address in ((1, "a@exemple.test"), (2, "b@exemple.test")):
        world.add(number)
        as_user(world, number, number, address)
    net = network(world)
    net.well()
    [(_, former, _), _other] = people(net)
    for number, address in ((1, "c@exemple.test"), (2, "a@exemple.test")):
        as_user(world, number, number, address)
    net.well(1)
    [(_, first, _), (_, second, _)] = people(net)
    assert first != second == former


def test_a_service_that_keeps_nobody_s_name_gets_none_back_from_what_was_known(
    network: New,
) -> None:
    world = RdvWorld()
    world.add(1)
    net = network(world)
    net.well()
    source = net.place.sources[0]
    constants = {**source.constants, "space_code": "telemedecine"}
    source = source.model_copy(update={"constants": constants})
    net.place = net.place.model_copy(update={"sources": [source]})
    net.well(1)
    assert people(net) == [("1", None, None)]


def as_user(
    world: RdvWorld | FabManagerWorld, record: int, number: int, address: str | None
) -> None:
    if isinstance(world, RdvWorld):
        world.raw(record)["participations"][0]["user"] = {**user(number), "email": address}
    else:
        told = account(number)
        world.raw(record).update(
            user_id=number, user=told if address is None else {**told, "email": address}
        )
