"""What every connector keeps, whatever its system is like: no record is lost, doubled or invented."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from flows.connectors import _http
from flows.onboarding.check_source import check_source
from tests.connectors.conftest import Network
from tests.connectors.worlds import AS_OF, TOKEN, WORLDS, World


def only(*systems: str) -> pytest.MarkDecorator:
    """The systems in which it can happen at all."""
    return pytest.mark.parametrize("net", systems, indirect=True)


def test_everything_is_taken_once(net: Network) -> None:
    report = net.well()
    assert (report.received, report.loaded, report.quarantined) == (5, 5, 0)
    assert net.records() == net.world.present()


def test_a_second_pull_brings_what_is_new_and_changes_nothing_else(net: Network) -> None:
    net.well()
    net.world.add(6)
    assert net.well(1).loaded == 1
    assert net.records() == net.world.present()


def test_when_nothing_is_new_few_calls_say_so(net: Network) -> None:
    net.well()
    report = net.well(1)
    assert report.loaded == 0
    assert len(net.faults.calls) == net.world.calls_of_nothing_new, net.faults.calls
    assert net.records() == net.world.present()


def test_a_correction_replaces_what_was_known(net: Network) -> None:
    net.well()
    net.world.correct(2)
    net.well(1)
    assert net.records() == net.world.present()


def test_what_the_system_says_is_deleted_goes_and_nothing_else(net: Network) -> None:
    net.well()
    is_told = net.world.remove(3)
    net.well(1)
    assert len(net.records()) == (4 if is_told else 5)
    assert net.records() == net.world.present()


def test_the_same_night_twice_changes_nothing(net: Network) -> None:
    net.well()
    before = net.records()
    report = net.well()
    assert (report.loaded, net.records()) == (0, before)


@pytest.mark.parametrize("fault", ["too_many", "broken", "truncated", "half_json", "slow"])
def test_what_is_no_answer_is_asked_for_again(net: Network, fault: str) -> None:
    net.faults.waiting.append(fault)
    started = time.monotonic()
    net.well()
    assert net.records() == net.world.present()
    if fault == "too_many":
        assert time.monotonic() - started >= 1, "Retry-After says one second"


HOPELESS = {
    "unauthorised": "does not accept our secret (401) → check what CANARY holds",
    "forbidden": "403",
    "come_back_in_an_hour": "come back in 60 minutes",
    "web_page": "a web page instead of data",
    "wrong_charset": "not UTF-8",
    "elsewhere": "another host (autre.invalid)",
    "too_large": "larger than 2 MB",
    "zip_bomb": "larger than 2 MB",
}


def test_what_will_not_get_better_is_said_and_nothing_is_loaded(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_http, "LARGEST_PAGE", 2_000_000)
    for fault, said in HOPELESS.items():
        net.faults.waiting.append(fault)
        report = net.pull()
        assert said in report.failed[0], fault
        assert report.loaded == 0
        assert len(net.faults.calls) == 1 + net.world.sign_ins, "it is not asked again"
    net.well()
    assert net.records() == net.world.present()


@pytest.mark.parametrize(("fault", "tries"), [("broken", 3), ("slow", 2)])
def test_a_system_that_gives_no_answer_fails_alone_and_loses_nothing(
    net: Network, fault: str, tries: int
) -> None:
    """One that is silent costs twice the longest silence, and no more."""
    net.well()
    net.world.add(6)
    net.faults.waiting += [fault] * tries
    assert len(net.pull(1).failed) == 1
    assert len(net.faults.calls) == tries + net.world.sign_ins
    net.well(2)
    assert net.records() == net.world.present()


def unfinished(net: Network) -> Path:
    return net.settings.landing / "le-lieu" / net.place.sources[0].id / "pull.part"


def test_a_pull_that_broke_off_goes_on_where_it_was(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    net.world.small_pages(monkeypatch)
    whole = net.well().received
    calls = list(net.faults.calls)
    source = net.place.sources[0]
    constants = {**source.constants, net.world.constant[0]: net.world.constant[1]}
    source = source.model_copy(update={"constants": constants})  # everything is asked for anew
    net.place = net.place.model_copy(update={"sources": [source]})
    net.faults.after, net.faults.waiting = len(calls) - 1, ["broken"] * 3
    assert len(net.pull().failed) == 1
    assert unfinished(net).exists()
    report = net.well()
    asked = net.faults.calls[net.world.sign_ins :]
    assert asked == calls[-1:], "only what had not come is asked for"
    assert (report.received, report.loaded) == (whole, whole)
    assert not unfinished(net).exists()


def test_a_page_that_was_cut_off_on_the_disk_is_asked_for_again(net: Network) -> None:
    net.faults.waiting = ["unauthorised"]
    net.pull()
    page = {"request": {}, "status": 200, "headers": {}, "size": 4096}
    with unfinished(net).open("ab") as file:
        file.write(json.dumps(page).encode() + b'\n{"records":[{"id"')
    net.well()
    assert net.records() == net.world.present()


@only("fab_manager", "rdv_service_public")
def test_rows_that_move_between_two_pages_are_neither_lost_nor_doubled(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = net.world.small_pages(monkeypatch)
    pages = iter(range(100))

    def meanwhile() -> None:
        page = next(pages)
        if page == 0:
            net.world.add(20)
        if hasattr(system, "is_reversed"):
            system.is_reversed = page < 3

    system.after_a_page = meanwhile
    net.well()
    assert net.records() == net.world.present()


@only("rdv_service_public")
def test_pages_that_never_hold_still_are_said(
    net: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = net.world.small_pages(monkeypatch)
    system.hidden = 1
    assert "moves while it is read" in net.pull().failed[0]


def test_an_empty_list_proves_its_days(net: Network) -> None:
    net.well()
    before = net.proven()
    net.well(5)
    assert net.proven() - before == {date(2026, 11, 2) + timedelta(n) for n in range(1, 6)}


def test_a_field_that_nobody_knows_changes_nothing(net: Network) -> None:
    net.world.add(6)
    net.world.raw(6)["inconnu"] = {"depuis": "hier"}
    report = net.well()
    assert (report.loaded, report.quarantined) == (6, 0)
    assert net.records() == net.world.present()


@pytest.mark.parametrize("name", WORLDS)
def test_a_system_that_has_nothing_yet_is_no_fault(
    name: str, network: Callable[[World], Network]
) -> None:
    net = network(WORLDS[name]())
    assert net.well().received == 0
    net.world.add(1)
    net.well(1)
    assert net.records() == net.world.present()


def test_a_record_that_lacks_something_is_refused_alone(net: Network) -> None:
    net.world.spoil(6)
    report = net.well()
    assert (report.loaded, report.quarantined) == (5, 1)
    assert net.records() == net.world.present()


@only(
    "grist", "grist_select", "fab_manager", "fab_manager_usage", "rdv_service_public", "la_coop",
    "helloasso",
)  # fmt: skip
def test_a_word_that_nobody_knows_is_refused_and_said(net: Network) -> None:
    net.world.unknown_status(6)
    report = net.well()
    assert (report.loaded, report.quarantined) == (5, 1)
    assert net.rules() == {"isin"}


@pytest.mark.parametrize("midnight", ["2026-03-28 23:00", "2026-10-24 22:00"])
@pytest.mark.parametrize("name", WORLDS)
def test_the_nights_on_which_clocks_change_keep_every_instant(
    name: str, midnight: str, network: Callable[[World], Network]
) -> None:
    world = WORLDS[name]()
    world.toml = world.toml.replace("from = 2026-10-01", "from = 2026-03-01")
    begins = datetime.fromisoformat(f"{midnight}+00:00")
    for number in range(8):
        world.add_at(10 + number, begins + timedelta(minutes=30 * number))
    net = network(world)
    net.well()
    assert len(net.records()) == 8
    assert net.records() == net.world.present()


def test_looking_at_a_source_says_what_it_would_bring_and_writes_nothing(net: Network) -> None:
    check = check_source(net.place, net.place.sources[0], net.settings, AS_OF)
    assert [(f.attempt.rows_in, f.attempt.loaded, f.refused) for f in check.files] == [(5, 5, "")]
    assert not net.settings.home.exists()


@pytest.mark.parametrize("fault", ["slow"])
def test_the_secret_is_written_nowhere(
    net: Network, fault: str, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    net.faults.waiting += ["broken", "unauthorised"]
    said = str(net.pull()) + str(net.pull()) + str(net.place)
    net.faults.waiting += [fault] * 3
    said += str(net.pull(1)) + "".join(capfd.readouterr()) + caplog.text
    said += "".join(str(vars(record)) for record in caplog.records)
    assert TOKEN not in said
    files = [file for file in net.settings.home.rglob("*") if file.is_file()]
    assert any(file.suffix == ".pages" for file in files)
    assert [file for file in files if TOKEN.encode() in Path(file).read_bytes()] == []
