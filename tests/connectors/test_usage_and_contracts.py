"""The traps of what systems tell beside presences: rooms, appointments as usage, contracts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.connectors.conftest import Network
from tests.connectors.worlds import (
    AS_OF,
    PARIS,
    SLOT,
    CobotBookingsWorld,
    LaCoopEmploymentWorld,
    RdvUsageWorld,
    World,
    instant,
)
from tests.fakes.la_coop import OTHER

New = Callable[[World], Network]


def rows(net: Network, columns: str, where: str = "NOT deleted") -> list[Any]:
    table = f"record.{net.world.feed}"
    sql = f"SELECT {columns} FROM {table} WHERE {where} ORDER BY record_id"
    return net.read(net.settings, sql)


def day(text: str) -> str:
    """A day as La Coop writes it: the midnight of UTC."""
    return f"{text}T00:00:00.000Z"


def test_a_booking_of_cobot_is_hours_of_a_room_by_a_member(network: New) -> None:
    world = CobotBookingsWorld()
    world.cobot.book("b1", instant(1), instant(1) + timedelta(minutes=90))
    net = network(world)
    net.well()
    told = "duration_minutes, quantity, CAST(unit AS VARCHAR), CAST(service_code AS VARCHAR)"
    assert rows(net, told) == [(90, 1.5, "heure", "salle")]
    assert rows(net, "CAST(evidence AS VARCHAR), identity_kind") == [("booked", "email")]


def test_a_booking_of_cobot_over_two_windows_is_one(network: New) -> None:
    world = CobotBookingsWorld()
    night = datetime(2026, 10, 31, 23, 30, tzinfo=PARIS)
    world.cobot.book("b1", night, night + timedelta(hours=1))
    net = network(world)
    report = net.well()
    assert (report.received, report.loaded, report.duplicates) == (2, 1, 1)


def test_a_booking_of_cobot_counts_once_it_has_begun(network: New) -> None:
    world = CobotBookingsWorld()
    world.cobot.book("b1", AS_OF + timedelta(hours=9), AS_OF + timedelta(hours=10))
    net = network(world)
    reports = [net.well(), net.well(1)]
    assert [(report.loaded, report.quarantined) for report in reports] == [(0, 0), (1, 0)]


def test_a_booking_of_cobot_without_a_member_is_of_nobody(network: New) -> None:
    world = CobotBookingsWorld()
    world.cobot.book("b1", instant(1), instant(1) + SLOT, membership=None)
    world.cobot.book("b2", instant(2), instant(2) + SLOT)
    del world.cobot.members["mb2"]  # who has left
    net = network(world)
    net.well()
    assert rows(net, "person_key IS NULL, identity_kind") == [(True, None), (False, "source_id")]


def test_a_group_appointment_is_as_many_uses_as_were_seen(network: New) -> None:
    world = RdvUsageWorld()
    world.rdv.book(7, instant(1), "revoked", collectif=True, users_count=4)
    one = world.raw(7)["participations"][0]
    world.raw(7)["participations"] = [
        {**one, "id": 70 + number, "status": status, "user": {**one["user"], "id": number}}
        for number, status in enumerate(("seen", "seen", "noshow", "unknown"))
    ]
    net = network(world)
    net.well()
    told = "record_id, activity_id, CAST(mode AS VARCHAR), headcount"
    assert rows(net, told) == [("70", "rdv-7", "collectif", 1), ("71", "rdv-7", "collectif", 1)]


def test_a_use_of_an_appointment_is_where_and_how_long_it_was(network: New) -> None:
    world = RdvUsageWorld()
    world.rdv.book(1, instant(1), motif={"id": 9, "name": "Aide CAF", "location_type": "phone"})
    net = network(world)
    net.well()
    told = "duration_minutes, CAST(location AS VARCHAR), CAST(service_code AS VARCHAR)"
    assert rows(net, told) == [(30, "a_distance", "france_services")]
    assert rows(net, "CAST(evidence AS VARCHAR), person_key IS NULL") == [("seen", False)]


@pytest.mark.parametrize("status", ["noshow", "excused", "revoked", "unknown"])
def test_an_appointment_is_a_use_only_while_its_agent_says_seen(network: New, status: str) -> None:
    world = RdvUsageWorld()
    world.rdv.book(1, instant(1), status)
    net = network(world)
    net.well()
    assert rows(net, "record_id") == []
    world.add(1)
    net.well(20)
    assert rows(net, "record_id") == [("1",)]
    world.rdv.book(1, instant(1), status)
    net.well(40)
    assert rows(net, "record_id") == []


def test_a_status_of_an_appointment_that_nobody_knows_is_no_use(network: New) -> None:
    world = RdvUsageWorld()
    world.add(1)
    world.unknown_status(2)
    net = network(world)
    report = net.well()
    assert (report.loaded, report.quarantined) == (1, 1)


def test_a_contract_of_la_coop_is_one_record_with_what_the_place_says_of_it(network: New) -> None:
    world = LaCoopEmploymentWorld()
    contract = {"id": "e1", "debut": day("2025-01-06"), "fin": day("2027-01-05")}
    world.coop.employ("u1", contract)
    net = network(world)
    net.well()
    told = "CAST(started_on AS VARCHAR), CAST(ended_on AS VARCHAR), weekly_minutes"
    assert rows(net, told) == [("2025-01-06", "2027-01-05", 35 * 60)]
    told = "CAST(contract_type AS VARCHAR), CAST(post_code AS VARCHAR), identity_kind"
    assert rows(net, told) == [("CDD", "conseiller_numerique", "email")]


def test_contracts_of_la_coop_with_another_structure_are_not_ours(network: New) -> None:
    world = LaCoopEmploymentWorld()
    world.coop.employ(
        "u1",
        {"id": "e1", "debut": day("2023-01-02"), "fin": day("2023-12-31")},
        {"id": "e2", "debut": day("2024-01-02"), "structure_id": OTHER},
        {"id": "e3", "debut": day("2025-01-02")},
    )
    world.coop.employ("u2", {"id": "e4", "debut": day("2024-01-02"), "structure_id": OTHER})
    world.coop.employ("u3")
    net = network(world)
    report = net.well()
    assert (report.received, report.loaded) == (2, 2)
    assert rows(net, "record_id") == [("e1",), ("e3",)]
    assert len({*rows(net, "person_key")}) == 1


def test_a_contract_of_la_coop_that_ends_is_known_with_its_end(network: New) -> None:
    world = LaCoopEmploymentWorld()
    world.add(1)
    net = network(world)
    net.well()
    assert rows(net, "ended_on IS NULL") == [(True,)]
    world.raw(1)["emplois"][0]["fin"] = day("2026-12-31")
    net.well(1)
    assert rows(net, "CAST(ended_on AS VARCHAR)") == [("2026-12-31",)]


def test_users_of_la_coop_come_on_several_pages(network: New, monkeypatch: Any) -> None:
    world = LaCoopEmploymentWorld()
    for number in range(5):
        world.add(number)
    world.small_pages(monkeypatch)
    net = network(world)
    net.well()
    assert len(net.faults.calls) == 4, "two, two, one, none"
    assert net.records() == world.present()
