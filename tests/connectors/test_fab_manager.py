"""What Fab-manager really answers: each test is a fact read in its source."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.connectors._journal import recorded
from tests.connectors.conftest import Network, land_instead
from tests.connectors.worlds import (
    AS_OF,
    PARIS,
    SLOT,
    FabManagerUsageWorld,
    FabManagerWorld,
    World,
    instant,
    slot_of,
)
from tests.fakes.fab_manager import account, rails

New = Callable[[World], Network]
HOUR = timedelta(hours=1)


def column(net: Network, name: str, where: str = "NOT deleted") -> list[Any]:
    order = f"{net.world.event}, record_id"
    sql = f"SELECT {name} FROM record.{net.world.feed} WHERE {where} ORDER BY {order}"
    return [row[0] for row in net.read(net.settings, sql)]


def local(net: Network, name: str) -> list[datetime | None]:
    return [at and at.astimezone(PARIS) for at in column(net, name)]


def test_a_reservation_whose_account_is_gone_is_a_visit_of_nobody(network: New) -> None:
    world = FabManagerWorld()
    world.add(1)
    world.fab.close_account(1)
    assert "user" not in world.raw(1)
    net = network(world)
    assert net.well().quarantined == 0
    assert column(net, "person_key") == [None]


def test_a_slot_is_the_same_one_whatever_its_place_among_the_others(network: New) -> None:
    world = FabManagerWorld()
    begins = [instant(0) + timedelta(days=day) for day in (0, 1, 2)]
    world.fab.reserve(1, begins[0], begins[0] + HOUR, availability=530)
    for number, at in enumerate(begins[1:], start=531):
        world.fab.also(1, at, at + HOUR, number)
    net = network(world)
    net.well()
    world.fab.cancel(1, AS_OF, slot=0)  # its row is the last one from now on
    net.well(1)
    assert column(net, "CAST(attendance_status AS VARCHAR)") == ["annule", "present", "present"]
    assert column(net, "record_id") == [
        slot_of(1, number, at) for number, at in enumerate(begins, start=530)
    ]


def test_a_slot_that_was_moved_is_gone_from_where_it_was(network: New) -> None:
    world = FabManagerWorld()
    world.add(1)
    world.add(2)
    net = network(world)
    net.well()
    later = AS_OF + timedelta(days=3)
    world.fab.move(1, later, later + SLOT)
    net.well(1)
    assert column(net, world.event) == [instant(2).astimezone(UTC)]
    net.well(5)
    assert len(net.records()) == 2


def test_what_was_known_by_the_order_of_its_slots_does_not_count_twice(network: New) -> None:
    world = FabManagerWorld()
    world.add(1)
    world.add(2)
    net = network(world)
    net.well()
    import duckdb

    with duckdb.connect(str(net.settings.warehouse)) as db:
        db.execute("UPDATE record.attendance SET record_id = split_part(record_id, '-', 1) || '-1'")
        db.execute("UPDATE ledger.batch SET file_name = replace(file_name, 'fab_manager-', 'old-')")
    net.well(1)
    assert net.records() == world.present()


def test_whoever_did_not_say_what_they_are_is_no_woman(network: New) -> None:
    world = FabManagerWorld()
    world.add(1)
    world.fab.reserve(2, instant(2), instant(2) + SLOT, user=account(2, is_man=True))
    net = network(world)
    net.well()
    assert column(net, "gender") == [None, None]


def test_a_place_that_asks_everybody_for_it_maps_the_gender(network: New) -> None:
    world = FabManagerWorld()
    world.toml += 'columns = { gender = "gender" }\n'
    world.add(1)
    world.fab.reserve(2, instant(2), instant(2) + SLOT, user=account(2, is_man=True))
    net = network(world)
    net.well()
    assert column(net, "CAST(gender AS VARCHAR)") == ["feminin", "masculin"]


@pytest.mark.parametrize("make", [FabManagerWorld, FabManagerUsageWorld])
def test_an_event_over_days_is_kept_and_its_end_is_no_departure(
    network: New, make: Callable[[], FabManagerWorld]
) -> None:
    world = make()
    begins = datetime(2026, 10, 5, 9, tzinfo=PARIS)
    for number, days in ((1, 2), (2, 45)):
        world.fab.reserve(number, begins, begins + timedelta(days=days), "Event",
                          reservable_id=number)  # fmt: skip
    net = network(world)
    report = net.well()
    assert (report.loaded, report.quarantined) == (2, 0)
    end = "checked_out_at" if world.feed == "attendance" else "duration_minutes"
    assert column(net, end) == [None, None]
    if world.feed == "service_usage":
        assert column(net, "quantity") == [None, None]


def test_a_whole_day_of_twenty_five_hours_is_kept(network: New) -> None:
    world = FabManagerWorld()
    for number, day in ((1, datetime(2026, 10, 24)), (2, datetime(2026, 10, 25))):
        begins = day.replace(tzinfo=PARIS)
        ends = day.replace(hour=23, minute=59, second=59, tzinfo=PARIS)
        world.fab.reserve(number, begins, ends, "Event", reservable_id=number)
    net = network(world)
    report = net.well()
    assert (report.loaded, report.quarantined) == (2, 0)
    assert local(net, "checked_out_at") == [datetime(2026, 10, 24, 23, 59, 59, tzinfo=PARIS), None]


def test_what_was_booked_long_before_is_there_the_night_after(network: New) -> None:
    world = FabManagerWorld()
    tomorrow = AS_OF + timedelta(hours=9)
    booked = rails(AS_OF - timedelta(days=200))
    world.fab.reserve(1, tomorrow, tomorrow + HOUR, created_at=booked, updated_at=booked)
    net = network(world)
    assert net.well().loaded == 0
    assert net.well(1).loaded == 1


def test_several_hours_of_one_machine_are_one_visit_and_as_many_hours(network: New) -> None:
    for world in (FabManagerWorld(), FabManagerUsageWorld()):
        at = instant(1)
        world.fab.reserve(1, at, at + HOUR, availability=530)
        for hours in (2, 1):  # in any order
            world.fab.also(1, at + hours * HOUR, at + (hours + 1) * HOUR, 530)
        world.fab.also(1, at + 5 * HOUR, at + 6 * HOUR, 530)
        net = network(world)
        net.well()
        assert len(net.records()) == 2
        if world.feed == "service_usage":
            assert column(net, "quantity") == [3, 1]
            assert column(net, "duration_minutes") == [180, 60]
        else:
            ends = [(at + hours * HOUR).astimezone(UTC) for hours in (3, 6)]
            assert [end.astimezone(UTC) for end in column(net, "checked_out_at")] == ends


def test_the_first_of_several_hours_that_is_cancelled_is_the_only_one_that_is(
    network: New,
) -> None:
    world = FabManagerWorld()
    at = instant(1)
    world.fab.reserve(1, at, at + HOUR, availability=530)
    for hours in (1, 2):
        world.fab.also(1, at + hours * HOUR, at + (hours + 1) * HOUR, 530)
    net = network(world)
    net.well()
    assert len(net.records()) == 1
    world.fab.cancel(1, AS_OF, slot=0)
    net.well(1)
    assert column(net, "CAST(attendance_status AS VARCHAR)") == ["annule", "present"]
    world.fab.cancel(1, AS_OF, slot=0)  # the second hour
    world.fab.cancel(1, AS_OF, slot=0)  # the third
    net.well(2)
    assert {*column(net, "CAST(attendance_status AS VARCHAR)")} == {"annule"}


def evening(world: FabManagerWorld, bookings: int, total: int | None, free: int | None) -> None:
    at = instant(1)
    for number in range(1, bookings + 1):
        world.fab.reserve(number, at, at + HOUR, "Event", availability=530, reservable_id=12)
    world.fab.announce(12, total, free)


def heads(net: Network) -> list[tuple[int, bool]]:
    sql = (
        f"SELECT headcount, person_key IS NOT NULL FROM record.{net.world.feed} "
        "WHERE NOT deleted AND "
        + ("attendance_status = 'present'" if net.world.feed == "attendance" else "true")
        + " ORDER BY ALL"
    )
    return net.read(net.settings, sql)


@pytest.mark.parametrize("make", [FabManagerWorld, FabManagerUsageWorld])
def test_places_taken_at_an_event_are_heads_where_seats_are_limited(
    network: New, make: Callable[[], FabManagerWorld]
) -> None:
    world = make()
    evening(world, bookings=2, total=18, free=11)
    net = network(world)
    net.well()
    assert heads(net) == [(1, True), (1, True), (5, False)]
    assert {*column(net, "activity_id")} == {"Event-530"}
    world.fab.announce(12, 18, 16)
    net.well(1)
    assert heads(net) == [(1, True), (1, True)]


def test_an_event_without_a_limit_has_as_many_as_booked(network: New) -> None:
    world = FabManagerWorld()
    evening(world, bookings=2, total=None, free=None)
    net = network(world)
    net.well()
    assert heads(net) == [(1, True), (1, True)]


def test_who_was_not_validated_does_not_count_and_nobody_knows_who_it_is(network: New) -> None:
    world = FabManagerWorld()
    evening(world, bookings=5, total=10, free=7)
    net = network(world)
    net.well()
    assert heads(net) == [(3, False)]
    world.fab.announce(12, 10, 5)
    net.well(1)
    assert heads(net) == [(1, True)] * 5


def test_an_event_that_was_deleted_leaves_cancelled_bookings(network: New) -> None:
    world = FabManagerWorld()
    evening(world, bookings=2, total=18, free=10)
    net = network(world)
    net.well()
    for number in (1, 2):
        world.fab.cancel(number, AS_OF)
    del world.fab.events[12]
    net.well(1)
    assert heads(net) == []


def test_an_event_that_is_still_to_come_says_nothing(network: New) -> None:
    world = FabManagerWorld()
    at = AS_OF + timedelta(days=2)
    world.fab.reserve(1, at, at + HOUR, "Event", reservable_id=12)
    world.fab.announce(12, 18, 10)
    net = network(world)
    assert net.well().loaded == 0
    assert not any("events" in call for call in net.faults.calls)


def test_an_event_that_goes_on_for_longer_than_a_week_stays(network: New) -> None:
    world = FabManagerWorld()
    begins = AS_OF - timedelta(days=3)
    world.fab.reserve(1, begins, begins + timedelta(days=60), "Event", reservable_id=12)
    net = network(world)
    net.well()
    net.well(1)
    assert len(net.records()) == 1


def test_what_was_recorded_before_places_were_asked_still_reads(network: New) -> None:
    world = FabManagerWorld()
    world.add(1)
    world.add(2)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    old = {**world.raw(2), "reservable_type": "Event"}
    body = json.dumps({"reservations": [old]}).encode()
    land_instead(payload, recorded(("reservations", body)))
    net.well(1, again="landed")
    assert len(net.records()) == 2


def test_an_answer_of_another_form_is_refused_in_words(network: New) -> None:
    world = FabManagerWorld()
    world.add(1)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    for body, said in (
        ({"reservations": "Dupont"}, "has no list 'reservations' (\"…\")"),
        ({"error": ["Server error", "Dupont"]}, "has no list 'reservations' (null)"),
    ):
        land_instead(payload, recorded(("open_api/v1/reservations", json.dumps(body).encode())))
        [refusal] = net.pull(1, again="landed").refused
        assert said in refusal and "fab_manager" in refusal
        assert "Dupont" not in refusal


def test_a_night_asks_for_the_slots_of_its_days_and_for_nothing_that_is_older(
    network: New,
) -> None:
    world = FabManagerWorld()
    for number in range(1, 201):  # a year and a half of them
        at = AS_OF - timedelta(days=3 * number)
        world.fab.reserve(number, at, at + HOUR)
    net = network(world)
    net.well()
    assert len(net.faults.calls) == 1, "a page of two hundred"
    net.well(1)
    assert len(net.faults.calls) == 2, "availabilities, then reservations"
    newest = max(net.settings.landing.rglob("payload.pages"), key=lambda f: f.stat().st_mtime)
    told = newest.read_bytes().count(b'"reservable_type"')
    assert told == sum(3 * number <= 31 for number in range(1, 201))
    assert newest.stat().st_size / told < 2000, "bytes for each record that is kept"
