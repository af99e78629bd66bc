"""A calendar that is asked over the network: what one request tells, and what servers forget."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from flows.connectors import calendar
from tests.connectors.conftest import Network
from tests.connectors.radicale import CALENDAR
from tests.connectors.worlds import SEED, TOKEN, CalDavWorld, CalendarAddressWorld, World, instant
from tests.fakes.caldav_parts import PartsOfCalendar
from tests.fakes.server import Faulty

New = Callable[[World], Network]
LOGIN = 'token = { env = "CANARY" }\noptions = { user = "impact" }\n'


def seeded(world: World) -> Any:
    for number in SEED:
        world.add(number)
    return world


def last_pages(net: Network) -> bytes:
    """What was received in the latest pull."""
    files = net.settings.landing.rglob("payload.pages")
    return max(files, key=lambda file: file.stat().st_mtime_ns).read_bytes()


def test_an_unchanged_calendar_costs_one_request_night_after_night(network: New) -> None:
    net = network(seeded(CalDavWorld()))
    net.well()
    for night in range(1, 5):
        report = net.well(10 * night)
        assert len(net.faults.calls) == 1
        assert (report.received, report.loaded) == (5, 0)
    assert net.records() == net.world.present()
    assert date(2026, 12, 12) in net.proven()


def test_of_a_changed_calendar_only_what_changed_is_asked_for(network: New) -> None:
    world = seeded(CalDavWorld())
    net = network(world)
    net.well()
    world.correct(2)
    world.add(6)
    world.remove(3)
    world.radicale.asked.clear()
    net.well(1)
    assert len(world.radicale.asked) == 2
    assert world.radicale.asked[-1].count("<href>") == 2
    assert net.records() == world.present()


def test_days_come_though_nothing_changes(network: New) -> None:
    world = CalDavWorld()
    world.put(1, instant(1), "RRULE:FREQ=DAILY")
    net = network(world)
    assert net.well().loaded == 5, "28 October to 1 November"
    assert net.well(3).loaded == 3


def test_a_token_that_the_server_forgot_costs_a_list_and_doubles_nothing(network: New) -> None:
    world = seeded(CalDavWorld())
    net = network(world)
    net.well()
    world.remove(1)
    world.add(6)
    world.radicale.forget_changes()
    report = net.well(1)
    assert len(net.faults.calls) > 2
    assert (report.loaded, report.removed) == (1, 1)
    assert net.records() == world.present()


def test_an_event_that_was_deleted_and_made_again_under_another_address_stays(network: New) -> None:
    world = seeded(CalDavWorld())
    net = network(world)
    net.well()
    text = world.radicale.client.get(f"{CALENDAR}3.ics").text
    world.radicale.delete("3")
    world.radicale.put("trois", text)
    report = net.well(1)
    assert (report.loaded, report.removed) == (0, 0)
    assert net.records() == world.present()


@pytest.mark.parametrize("status", [403, 405, 418, 501])
def test_a_server_without_tokens_is_asked_for_its_marks_in_one_request(
    network: New, status: int
) -> None:
    world = seeded(CalDavWorld())
    world.radicale.refuses_tokens = status
    net = network(world)
    net.well()
    assert net.records() == world.present()
    net.well(1)
    assert len(net.faults.calls) == 1
    world.correct(2)
    world.remove(3)
    world.add(6)
    net.well(2)
    assert len(net.faults.calls) == 2
    assert net.records() == world.present()


def test_what_was_replaced_stands_in_the_pages_for_a_week_at_most(network: New) -> None:
    world = seeded(CalDavWorld())
    world.put(6, instant(6), "LOCATION:Chez Disparu")
    net = network(world)
    net.well()
    world.radicale.delete("6")
    net.well(1)
    assert b"Disparu" in last_pages(net)
    net.well(8)
    assert b"Disparu" not in last_pages(net)
    assert net.records() == world.present()
    net.well(9)
    assert len(net.faults.calls) == 1


def test_the_address_of_a_home_with_many_calendars_is_no_calendar_without_an_event(
    network: New,
) -> None:
    world = seeded(CalDavWorld())
    world.toml = world.toml.replace(CALENDAR, "/impact/")
    [fault] = network(world).pull().failed
    assert "the address of no calendar → copy into `url` the address of one calendar" in fault


def test_changes_that_come_in_parts_are_all_taken(network: New) -> None:
    world = PartsWorld()
    net = network(seeded(world))
    net.well()
    assert net.records() == world.present()
    assert len(net.faults.calls) == 1 + 3 + 1


def test_a_list_of_changes_without_end_and_events_that_are_not_given_are_said(
    network: New,
) -> None:
    world = PartsWorld()
    world.parts.is_stuck = True
    assert "its list of changes has no end" in network(seeded(world)).pull().failed[0]
    world = PartsWorld()
    world.parts.hidden = {"3"}
    assert "lists events and does not give them" in network(seeded(world)).pull().failed[0]


class PartsWorld(CalendarAddressWorld):
    def __init__(self) -> None:
        super().__init__()
        self.toml = self.toml.replace("/agenda/permanences.ics", "/agenda/")
        self.parts = PartsOfCalendar()
        self.app = Faulty(self.parts.app)

    def write(self, number: int, event: str) -> None:
        self.parts.events[str(number)] = f"BEGIN:VCALENDAR\r\n{event}END:VCALENDAR\r\n"


def test_an_address_that_has_not_changed_says_so_in_one_request_without_the_calendar(
    network: New,
) -> None:
    world = seeded(CalendarAddressWorld())
    net = network(world)
    net.well()
    for night in (1, 2, 3):
        assert net.well(night).loaded == 0
    assert world.address.told == [200, 304, 304, 304]
    assert net.records() == world.present()
    world.add(6)
    net.well(4)
    assert world.address.told[4:] == [200]
    assert net.records() == world.present()


def test_an_address_without_a_mark_is_read_each_time(network: New) -> None:
    world = seeded(CalendarAddressWorld())
    world.address.is_marked = False
    net = network(world)
    net.well()
    assert net.well(1).loaded == 0
    assert world.address.told == [200, 200]


def test_a_feed_that_forgets_its_past_takes_none_of_ours_along(network: New) -> None:
    world = seeded(CalendarAddressWorld())
    world.toml = world.toml.replace("from = 2026-10-01", "from = 2026-08-01")
    for day in range(20):
        world.add_at(100 + day, instant(1) - timedelta(days=80 - day))
    net = network(world)
    net.well()
    world.remove(2)
    for day in range(4):
        del world.address.events[str(100 + day)]
    report = net.well(1)
    assert report.removed == 1, "what is not there of the last days was taken out"
    assert net.records() == world.present(), "what is not there of long ago was forgotten"


def test_a_server_that_stalls_in_a_page_is_asked_again_and_then_told(network: New) -> None:
    net = network(seeded(CalendarAddressWorld()))
    net.faults.waiting += ["stalled"] * 3
    assert "does not answer in time → try again later" in net.pull().failed[0]
    net.well()
    assert net.records() == net.world.present()


@pytest.mark.parametrize("cut", ["BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1", '{"error": 1}', ""])
def test_half_a_calendar_is_asked_for_again_and_never_loaded(network: New, cut: str) -> None:
    world = seeded(CalendarAddressWorld())
    type(world.address).text, whole = cut, type(world.address).text
    try:
        assert "its answer was cut off" in network(world).pull().failed[0]
    finally:
        type(world.address).text = whole


def secret_world(net_of: New, monkeypatch: pytest.MonkeyPatch, secret: str) -> Network:
    """A calendar whose whole address is the secret; `url` names its host alone."""
    world = seeded(CalendarAddressWorld())
    world.address.path = f"/ical/{TOKEN}/basic.ics"
    world.app = Faulty(world.address.app)
    world.toml = world.toml.replace("/agenda/permanences.ics", "").replace(
        LOGIN, 'token = { env = "CANARY" }\n'
    )
    net = net_of(world)
    monkeypatch.setenv("CANARY", secret.format(url=net.place.sources[0].url))
    return net


def test_a_secret_address_is_asked_and_written_nowhere(
    network: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    net = secret_world(network, monkeypatch, f"{{url}}/ical/{TOKEN}/basic.ics")
    net.well()
    net.well(1)
    assert net.records() == net.world.present()
    assert net.world.address.told == [200, 304]
    files = [file for file in net.settings.home.rglob("*") if file.is_file()]
    assert [file for file in files if TOKEN.encode() in file.read_bytes()] == []


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        (f"https://autre.invalid/{TOKEN}.ics", "it sends us to another host (autre.invalid)"),
        (TOKEN, "the secret is not the address of a calendar → put the whole address there"),
    ],
)
def test_a_secret_that_is_no_address_of_its_host_is_refused_in_words(
    network: New, monkeypatch: pytest.MonkeyPatch, secret: str, said: str
) -> None:
    [fault] = secret_world(network, monkeypatch, secret).pull().failed
    assert said in fault
    assert TOKEN not in fault


def test_recorded_answers_stand_in_for_the_server(network: New, tmp_path: Any) -> None:
    world = seeded(CalDavWorld())
    net = network(world)
    net.well()
    source = net.place.sources[0]
    file = tmp_path / "permanences-2026-11-02.pages"
    file.write_bytes(last_pages(net))
    with file.open("rb") as stream:
        rows = sum(len(page.rows) for page in calendar.parse(stream, file.name, source))
    assert rows == len(SEED)
