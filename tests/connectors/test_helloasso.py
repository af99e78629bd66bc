"""The traps of HelloAsso: its tickets have no day, no presence, and one address an order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.connectors.conftest import Network
from tests.connectors.worlds import AS_OF, SEED, HelloAssoWorld, World, instant
from tests.fakes.helloasso import PAYER, paid

New = Callable[[World], Network]
TOMORROW = AS_OF + timedelta(hours=12)


def column(net: Network, name: str) -> list[Any]:
    sql = f"SELECT {name} FROM record.attendance ORDER BY record_id"
    return [value for (value,) in net.read(net.settings, sql)]


def test_a_ticket_that_was_sold_is_a_booking_for_its_event_and_no_presence_that_was_seen(
    network: New,
) -> None:
    world = HelloAssoWorld()
    world.add(1)
    world.asso.sell(2, "soiree-1")
    net = network(world)
    net.well()
    assert column(net, "evidence") == ["booked", "booked"]
    assert len(set(column(net, "activity_id"))) == 1, "one evening is one session"
    assert column(net, "checked_out_at") == [None, None], "the end of an evening is no departure"


def test_a_list_ends_where_a_page_is_empty_though_there_is_a_token_still(
    network: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = HelloAssoWorld()
    world.small_pages(monkeypatch)
    world.add(1)
    for number in SEED:
        world.asso.sell(number, "soiree-1")
    net = network(world)
    assert net.well().loaded == len(SEED)
    tickets = [call for call in net.faults.calls if call.partition("?")[0].endswith("/items")]
    assert len(tickets) == 4, "two, two, one, none"


def test_a_sale_between_two_pages_moves_no_ticket_out_of_sight(
    network: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = HelloAssoWorld()
    world.small_pages(monkeypatch)
    world.add(1)
    for number in (2, 3, 4):
        world.asso.sell(number, "soiree-1")
    pages = iter(range(100))

    def meanwhile() -> None:
        if next(pages) == 2:
            world.asso.sell(5, "soiree-1")

    world.asso.after_a_page = meanwhile
    net = network(world)
    net.well()
    assert column(net, "record_id") == ["1", "2", "3", "4", "5"]


def test_a_ticket_that_was_sold_ahead_counts_once_its_event_has_begun(network: New) -> None:
    world = HelloAssoWorld()
    world.add_at(1, TOMORROW)
    net = network(world)
    assert (net.well().received, net.well(1).loaded) == (0, 1)
    assert net.records() == world.present()


def test_an_event_that_was_put_off_takes_its_tickets_along(network: New) -> None:
    world = HelloAssoWorld()
    world.add(1)
    net = network(world)
    net.well()
    world.add_at(1, instant(1) + timedelta(days=6))
    net.well(3)
    assert net.records() == world.present()


@pytest.mark.parametrize(
    ("state", "presence"),
    [("Processed", "present"), ("Registered", "present"), ("Canceled", "annule")],
)
def test_a_ticket_is_what_became_of_it_until_thirty_days_after_its_event(
    network: New, state: str, presence: str
) -> None:
    world = HelloAssoWorld()
    world.add(1)
    net = network(world)
    net.well()
    world.sell(1, instant(1), state=state)
    net.well(20)
    assert column(net, "attendance_status") == [presence]
    net.well(40)
    net.well(41)
    assert [call for call in net.faults.calls if "/items" in call] == []


def test_what_is_no_ticket_and_what_is_not_paid_yet_are_no_visit(network: New) -> None:
    world = HelloAssoWorld()
    world.add(1)
    world.asso.sell(2, "soiree-1", type="Donation")
    world.asso.sell(3, "soiree-1", state="Waiting")
    net = network(world)
    report = net.well()
    assert (report.received, report.quarantined) == (3, 0)
    assert net.records() == world.present()
    world.asso.sell(3, "soiree-1")
    net.well(1)
    assert column(net, "record_id") == ["1", "3"]


def test_a_state_that_helloasso_itself_does_not_know_says_nothing_yet(network: New) -> None:
    world = HelloAssoWorld()
    world.add(1)
    world.asso.sell(2, "soiree-1", state="Unknown")
    net = network(world)
    report = net.well()
    assert (report.loaded, report.quarantined) == (1, 0)
    world.asso.sell(2, "soiree-1")
    net.well(1)
    assert column(net, "record_id") == ["1", "2"]


@pytest.mark.parametrize(
    ("payments", "presence"),
    [
        ([paid("Refunded")], "annule"),
        ([paid("Refunded"), paid("Refunding")], "annule"),
        ([paid("Refunded"), paid()], "present"),  # in two payments, one of which was given back
        ([paid("Contested")], "present"),
        ([], "present"),  # a free ticket
        (None, "present"),
    ],
)
def test_a_ticket_whose_money_was_given_back_is_cancelled(
    network: New, payments: Any, presence: str
) -> None:
    world = HelloAssoWorld()
    world.add(1)
    world.asso.sell(1, "soiree-1", payments=payments)
    net = network(world)
    net.well()
    assert column(net, "attendance_status") == [presence]


def test_a_draft_of_an_event_is_not_asked_for_its_tickets(network: New) -> None:
    world = HelloAssoWorld()
    world.add(1)
    world.asso.announce("brouillon", instant(1), state="Draft")
    world.asso.announce("fermee", instant(1), state="Disabled")
    world.asso.sell(2, "fermee")
    net = network(world)
    net.well()
    assert [call for call in net.faults.calls if "brouillon" in call] == []
    assert column(net, "record_id") == ["1", "2"], "a form that was closed has had its event"


def test_a_buyer_whose_account_is_gone_stays_the_one_person_that_it_was(network: New) -> None:
    world = HelloAssoWorld()
    world.add(1)
    net = network(world)
    net.well()
    before = column(net, "person_key")
    world.asso.items[1]["payer"] = {**PAYER, "email": None}
    net.well(1)
    assert column(net, "person_key") == before != [None]


def test_of_a_ticket_nothing_is_kept_that_is_not_read(network: New) -> None:
    world = HelloAssoWorld()
    world.add(1)
    for number in range(2, 42):
        world.asso.sell(number, "soiree-1")
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    kept = payload.read_text()
    for word in ("arachides", "rue Basse", "1980-02-03", "cXI="):
        assert word not in kept
    assert len(net.faults.calls) == 1 + 1 + 2
    assert len(kept) < 400 * 41 + 2_000, "bytes for each ticket"


def test_of_the_tickets_of_an_order_only_the_payers_own_is_the_payers(network: New) -> None:
    world = HelloAssoWorld()
    world.add(1)
    own = world.asso.items[1]["user"]
    world.asso.sell(2, "soiree-1", user={"firstName": "Prénom-B", "lastName": own["lastName"]})
    world.asso.sell(3, "soiree-1", user=None)
    world.asso.sell(4, "soiree-1", payer=None)
    world.asso.sell(5, "soiree-1", user={key: f" {name.upper()}" for key, name in own.items()})
    world.asso.sell(6, "soiree-1", payer={"email": "sans-nom@exemple.test"}, user={})
    written = {"email": "b@exemple.test", "firstName": "Chloé", "lastName": "Sœur-Noël"}
    also = {"firstName": "MME CHLOE", "lastName": "SOEUR NOEL"}
    world.asso.sell(7, "soiree-1", payer=written, user=also)
    net = network(world)
    net.well()
    assert column(net, "identity_kind") == ["email", None, None, None, "email", None, "email"]
    assert len(set(column(net, "person_key"))) == 3, "two people, and nobody"


def test_an_event_without_a_day_waits_and_one_with_no_day_that_can_be_read_is_seen(
    network: New,
) -> None:
    world = HelloAssoWorld()
    world.add(1)
    world.asso.announce("un-jour", None)
    world.asso.sell(2, "un-jour")
    world.sell(3, instant(3))
    world.asso.events["soiree-3"]["startDate"] = "mercredi soir"
    net = network(world)
    report = net.well()
    assert (report.received, report.quarantined) == (2, 1)
    assert net.records() == world.present()


def test_digits_beyond_the_microsecond_keep_the_instant(network: New) -> None:
    world = HelloAssoWorld()
    at = datetime(2026, 10, 28, 9, 0, 0, 123456, tzinfo=UTC)
    world.add_at(1, at)
    assert world.asso.events["soiree-1"]["startDate"] == "2026-10-28T09:00:00.1234560+00:00"
    net = network(world)
    net.well()
    assert net.records() == {("1", at)}


def test_a_token_that_dies_within_a_pull_is_said_and_the_next_run_goes_on_from_there(
    network: New,
) -> None:
    world = HelloAssoWorld()
    for number in SEED:
        world.add(number)
    world.asso.answers_of_a_token = 7
    net = network(world)
    assert "does not accept our secret (401)" in net.pull().failed[0]
    assert len(net.faults.calls) == 1 + 7 + 1
    world.asso.answers_of_a_token = 1000
    net.well()
    assert len(net.faults.calls) == 1 + 11 - 7, "what had come is not asked for again"
    assert net.records() == world.present()


def test_a_key_that_is_not_known_is_said_as_a_wrong_secret(network: New) -> None:
    world = HelloAssoWorld()
    world.toml = world.toml.replace('client = "9f0c"', 'client = "autre"')
    assert (
        "does not accept our secret (400) → check what CANARY holds"
        in network(world).pull().failed[0]
    )


def test_an_event_without_a_name_is_a_system_that_has_changed(network: New) -> None:
    world = HelloAssoWorld()
    world.add(1)
    del world.asso.events["soiree-1"]["formSlug"]
    assert "no 'formSlug' → check `url`" in network(world).pull().failed[0]


def test_a_full_page_that_does_not_say_how_to_go_on_is_not_taken_for_the_end(
    network: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = HelloAssoWorld()
    world.small_pages(monkeypatch)
    for number in SEED:
        world.add(number)
    world.asso.gives_tokens = False
    assert "no 'continuationToken' → check `url`" in network(world).pull().failed[0]


def test_a_list_that_says_how_long_it_is_is_not_asked_for_more(network: New) -> None:
    world = HelloAssoWorld()
    net = network(world)
    net.well()
    assert len(net.faults.calls) == 1 + 1


@pytest.mark.parametrize("tickets", [3, 4])
def test_a_token_that_repeats_is_the_end_of_a_short_page_and_never_of_a_full_one(
    network: New, monkeypatch: pytest.MonkeyPatch, tickets: int
) -> None:
    world = HelloAssoWorld()
    world.small_pages(monkeypatch)
    world.add(1)
    for number in range(2, tickets + 1):
        world.asso.sell(number, "soiree-1")
    world.asso.repeats_tokens = True
    net = network(world)
    if tickets == 4:  # two and two: what may follow can only be asked for with the same words
        assert "its pages have no end" in net.pull().failed[0]
    else:
        net.well()
        assert column(net, "record_id") == ["1", "2", "3"]
