"""The traps of Cobot: members who have left, whose address is missing, or who are there no more."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from flows.connectors._journal import recorded
from tests.connectors.conftest import Network, land_instead
from tests.connectors.worlds import SLOT, CobotBookingsWorld, CobotWorld, World, instant

New = Callable[[World], Network]


def column(net: Network, name: str) -> list[Any]:
    sql = f"SELECT {name} FROM record.{net.world.feed} WHERE NOT deleted ORDER BY record_id"
    return [value for (value,) in net.read(net.settings, sql)]


def landed(net: Network) -> str:
    return "".join(file.read_text() for file in net.settings.landing.rglob("*.pages"))


def test_who_has_left_is_known_by_the_address_still(network: New) -> None:
    world = CobotWorld()
    world.add(1)
    world.cobot.former.add("ms1")
    net = network(world)
    net.well()
    assert column(net, "identity_kind") == ["email"]


@pytest.mark.parametrize("make", [CobotWorld, CobotBookingsWorld])
def test_a_membership_that_was_deleted_leaves_the_one_person_that_it_was(
    network: New, make: Callable[[], CobotWorld]
) -> None:
    world = make()
    world.add(1)
    net = network(world)
    net.well()
    before = column(net, "person_key")
    world.cobot.members.clear()
    net.well(1)
    assert (column(net, "person_key"), column(net, "identity_kind")) == (before, ["email"])


def test_members_without_an_address_are_known_by_their_number(network: New) -> None:
    world = CobotWorld()
    for number in (1, 2):
        world.add(number)
        world.cobot.members[f"ms{number}"] = None
    net = network(world)
    net.well()
    assert column(net, "identity_kind") == ["source_id", "source_id"]
    assert len({*column(net, "person_key")}) == 2


def test_of_members_nothing_is_kept_but_how_they_are_known(network: New) -> None:
    world = CobotWorld()
    for number in range(1, 41):
        world.cobot.check_in(f"s{number}", instant(1), instant(1) + SLOT)
    net = network(world)
    net.well()
    for word in ("Un Nom", "+336", "rue Basse", "Nomade"):
        assert word not in landed(net)
    assert len(net.faults.calls) == 3, "the members, and two windows of a month"
    [members] = [line for line in landed(net).splitlines() if line.startswith('[{"id": "ms')]
    assert len(members) < 60 * 40, "bytes for each"


def test_members_that_were_recorded_before_still_read(network: New) -> None:
    world = CobotWorld()
    world.add(1)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    members = [{"id": "ms1", "email": "autre@exemple.test", "name": "Un Nom"}]
    session = {k: v for k, v in world.cobot.sessions["s1"].items() if k != "at"}
    pages = [("api/memberships", members), ("api/work_sessions", [session])]
    land_instead(payload, recorded(*((path, json.dumps(body).encode()) for path, body in pages)))
    net.well(1, again="landed")
    assert column(net, "identity_kind") == ["email"]


@pytest.mark.parametrize("answer", [{"error": "oops"}, None])
@pytest.mark.parametrize("path", ["memberships", "work_sessions"])
def test_an_answer_of_another_form_is_refused_in_words(
    network: New, path: str, answer: Any
) -> None:
    world = CobotWorld()
    world.add(1)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    pages = {"api/memberships": [{"id": "ms1"}], "api/work_sessions": [], f"api/{path}": answer}
    land_instead(
        payload, recorded(*((name, json.dumps(body).encode()) for name, body in pages.items()))
    )
    [said] = net.pull(1, again="landed").refused
    assert f"the answer to api/{path} is no list ({'{…}' if answer else 'null'})" in said


@pytest.mark.parametrize(("time", "seen"), [("2026-10-28T09:30:00Z", '"…"'), (1761636600, "9")])
def test_a_time_that_is_written_otherwise_is_refused_with_its_field(
    network: New, time: Any, seen: str
) -> None:
    world = CobotWorld()
    world.add(1)
    world.cobot.sessions["s1"]["valid_from"] = time
    [said] = network(world).pull().refused
    assert f"no record has the expected shape (valid_from: {seen})" in said
