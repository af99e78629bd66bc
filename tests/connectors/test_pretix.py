"""What pretix tells beside who came through a door: each of it counted as a visit, or hid one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flows.connectors._journal import answers, recorded
from tests.connectors.conftest import Network, land_instead
from tests.connectors.worlds import AS_OF, PretixWorld, World, instant
from tests.fakes.pretix import MEAL, SHIRT, WORKSHOP

New = Callable[[World], Network]


def visits(net: Network, columns: str) -> list[Any]:
    sql = f"SELECT {columns} FROM record.attendance WHERE NOT deleted ORDER BY checked_in_at"
    return net.read(net.settings, sql)


def test_a_meal_beside_a_ticket_is_no_second_visit_and_its_buyer_is_known(network: New) -> None:
    world = PretixWorld()
    world.pretix.order("c1")
    ticket = world.pretix.orders["c1"]["positions"][0]["id"]
    world.pretix.add("c1", MEAL, addon_to=ticket)
    world.pretix.check_in("c1", instant(1))
    world.pretix.check_in("c1", instant(2), ticket=1, list=2)
    net = network(world)
    net.well()
    assert visits(net, "checked_in_at, identity_kind") == [(instant(1), "email")]


def test_a_workshop_beside_a_ticket_is_a_visit_on_days_without_one_at_the_entrance(
    network: New,
) -> None:
    world = PretixWorld()
    world.pretix.order("c1")
    ticket = world.pretix.orders["c1"]["positions"][0]["id"]
    for _number in range(2):
        world.pretix.add("c1", WORKSHOP, addon_to=ticket)
    world.pretix.check_in("c1", instant(1))
    world.pretix.check_in("c1", instant(2), ticket=1, list=2)
    tomorrow = instant(1) + timedelta(days=1)
    world.pretix.check_in("c1", tomorrow, ticket=1, list=2)
    world.pretix.check_in("c1", tomorrow + timedelta(hours=3), ticket=2, list=3)
    net = network(world)
    net.well()
    assert visits(net, "checked_in_at, identity_kind") == [
        (instant(1), "email"), (tomorrow, "email"),
    ]  # fmt: skip


def test_a_shirt_that_was_handed_out_is_no_visit_and_hides_no_buyer(network: New) -> None:
    world = PretixWorld()
    world.pretix.order("c1")
    world.pretix.add("c1", SHIRT)
    world.pretix.check_in("c1", instant(1))
    world.pretix.check_in("c1", instant(3), ticket=1, list=2)
    net = network(world)
    net.well()
    assert visits(net, "checked_in_at, identity_kind") == [(instant(1), "email")]


def test_an_event_none_of_whose_products_admits_counts_all_of_them(network: New) -> None:
    world = PretixWorld()
    world.pretix.products = dict.fromkeys(world.pretix.products, False)
    world.add(1)
    net = network(world)
    net.well()
    assert net.records() == world.present()


def test_what_pretix_does_by_itself_is_nobody_at_a_door(network: New) -> None:
    world = PretixWorld()
    for code in ("c1", "c2"):
        world.pretix.order(code)
    world.pretix.check_in("c1", instant(-900), auto_checked_in=True)
    world.pretix.check_in("c1", instant(1))
    night = instant(1).replace(hour=4) + timedelta(days=1)
    world.pretix.check_in("c1", night, "exit", auto_checked_in=True)
    # somebody leaves the day after without having been scanned on the way in
    world.pretix.check_in("c1", night + timedelta(hours=9), "exit")
    world.pretix.check_in("c2", instant(-900), auto_checked_in=True)
    net = network(world)
    net.well()
    assert visits(net, "checked_in_at, checked_out_at") == [(instant(1), None)]


def test_one_ticket_scanned_twice_at_the_door_is_one_visit(network: New) -> None:
    world = PretixWorld()
    world.pretix.order("c1")
    at = instant(1)
    for seconds in (0, 3, 200):
        world.pretix.check_in("c1", at + timedelta(seconds=seconds))
    out = at + timedelta(seconds=230)
    world.pretix.check_in("c1", out, "exit")
    again = at + timedelta(seconds=260)
    world.pretix.check_in("c1", again)  # who has left and comes back was away
    net = network(world)
    net.well()
    assert visits(net, "checked_in_at, checked_out_at") == [(at, out), (again, None)]


def test_a_scan_that_was_annulled_after_it_was_loaded_is_gone_the_next_night(network: New) -> None:
    world = PretixWorld()
    for number, code in enumerate(("c1", "c2"), start=1):
        world.pretix.order(code)
        world.pretix.now = AS_OF - timedelta(minutes=number)
        world.pretix.check_in(code, world.pretix.now)
    net = network(world)
    net.well()
    assert len(net.records()) == 2
    world.pretix.now = AS_OF + timedelta(minutes=5)
    world.pretix.annul("c1", 1000)
    net.well(1)
    assert [number for number, _at in net.records()] == ["2000"]


def test_a_pretix_that_lists_no_scans_is_read_without_what_was_annulled(network: New) -> None:
    world = PretixWorld()
    world.pretix.lists_scans = False
    world.add(1)
    net = network(world)
    net.well()
    assert net.records() == world.present()


def test_a_failed_scan_changes_the_order_and_nothing_here(network: New) -> None:
    world = PretixWorld()
    world.add(1)
    net = network(world)
    net.well()
    world.pretix.touch("c1")
    report = net.well(1)
    assert (report.received, report.loaded) == (1, 0)
    assert net.records() == world.present()


def test_addresses_that_were_shredded_make_nobody_fewer(network: New) -> None:
    world = PretixWorld()
    for number in (1, 2, 3):
        world.add(number)
    net = network(world)
    net.well()
    known = visits(net, "person_key, identity_kind")
    assert len({*known}) == 3
    world.pretix.shred()
    world.add(4)
    world.pretix.shred()
    net.well(1)
    assert visits(net, "person_key, identity_kind") == [*known, (None, None)]


def test_a_ticket_that_was_bought_later_leaves_who_came_known(network: New) -> None:
    world = PretixWorld()
    world.add(1)
    net = network(world)
    net.well()
    known = visits(net, "person_key")
    world.pretix.add("c1")
    world.pretix.touch("c1")
    net.well(1)
    assert visits(net, "person_key") == known


def test_products_and_annulments_are_asked_of_events_with_something_new_alone(
    network: New,
) -> None:
    world = PretixWorld()
    for number in (1, 2, 3):
        world.add(number)
    world.pretix.order("c9", event="concert")  # nobody came to it yet: no product matters
    net = network(world)
    net.well()
    asked = [call.partition("?")[0].split("/organizers/le-lieu/")[1] for call in net.faults.calls]
    assert asked == [
        "orders/", "events/concert/checkins/", "events/portes/items/", "events/portes/checkins/",
    ]  # fmt: skip
    assert "error_reason=annulled" in net.faults.calls[3]
    [payload] = net.settings.landing.rglob("payload.pages")
    with payload.open("rb") as stream:
        received = sum(len(answer.body) for answer in answers(stream))
    assert received < 600 * 3, "bytes of three visits"
    net.well(1)
    assert len(net.faults.calls) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"checkins": "no"}, 'checkins: "…"'),
        ({"checkins": [7, "no"]}, 'checkins: ["…", 9]'),
        ({"checkins": [{"id": 1}]}, "list"),
        (
            {
                "checkins": [
                    {"id": 1, "list": 1, "datetime": "2026-10-28T08:00:00Z", "type": "look"}
                ]
            },
            'type: "…"',
        ),
    ],
)
def test_an_answer_of_another_form_is_refused_with_the_field_and_what_was_seen(
    network: New, change: dict[str, Any], said: str
) -> None:
    world = PretixWorld()
    world.add(1)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    order = {"event": "portes", "email": None, "positions": [
        {"id": 1, "attendee_email": None, "subevent": None, **change}]}  # fmt: skip
    body = json.dumps({"count": 1, "next": None, "results": [order]}).encode()
    land_instead(payload, recorded(("api/v1/organizers/le-lieu/orders/", body)))
    [refusal] = net.pull(1, again="landed").refused
    assert f"no record has the expected shape ({said})" in refusal
