"""A dry run beside the real thing: whatever it does, the home stays as it is."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows.intake import inbox
from flows.network.place_files import read_place
from flows.records import Delivery
from flows.runs.rehearsal import copy_home
from flows.stages.collect import collect_place
from flows.stages.request import Again, Request
from tests.connectors.conftest import Network
from tests.connectors.worlds import AS_OF, SEED, WORLDS, World

FILES = """
[[sources]]
id = "cahier"
feed = "attendance"
connector = "file"
path = "../exports/*.csv"
rhythm = "daily"
coverage = "span"
columns = { record_id = "N°", checked_in_at = "Arrivée" }
"""
GOOD = "N°;Arrivée\n{};2026-10-28 09:00\n"
OF_ANOTHER_TABLE = "Nom;Prénom\na;b\n"

State = dict[str, tuple[int, int, str]]
"""Path in a folder → instant in ns, rights, SHA-256 of the bytes."""


def state(folder: Path) -> State:
    return {
        file.relative_to(folder).as_posix(): (
            file.stat().st_mtime_ns,
            file.stat().st_mode,
            hashlib.sha256(file.read_bytes()).hexdigest(),
        )
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.fixture
def caught_in_the_middle(network: Callable[[World], Network]) -> Network:
    """A network with something of everything that waits, was refused, or was cut off."""
    world = WORLDS["grist"]()
    for number in SEED:
        world.add(number)
    net = network(world)
    exports = net.place.folder.parent / "exports"
    exports.mkdir()
    for name, text in [("a.csv", GOOD.format(1)), ("b.csv", OF_ANOTHER_TABLE)]:
        (exports / name).write_text(text)
    toml = net.place.folder / "le-lieu.toml"
    toml.write_text(toml.read_text() + FILES)
    net.place = read_place(toml)
    told, files = collect_place(net.place, net.settings, Request(AS_OF))
    assert (told.loaded, files.loaded, len(files.refused)) == (len(SEED), 1, 1)

    landing, (grist, cahier) = net.settings.landing, net.place.sources
    brought = exports.parent / "brought.csv"
    brought.write_text(GOOD.format(2))
    now = datetime.now(UTC)
    inbox.bring(Delivery("brought.csv", brought), net.place, cahier, landing, now)
    brought.write_text(GOOD.format(3))
    cut_off = inbox.bring(Delivery("c.csv", brought), net.place, cahier, landing, now)
    (exports / "c.csv").write_bytes(brought.read_bytes())
    folder = cut_off.payload.parent
    (folder / "waiting").unlink()
    (folder / "manifest.json").rename(folder / "manifest.json.part")
    inbox.note_news(landing, net.place, grist)
    (landing / net.place.id / grist.id / "pull.part").write_bytes(b"half of a pull of long ago\n")
    return net


@pytest.mark.parametrize("again", [None, "landed"])
def test_a_run_in_the_copy_changes_nothing_in_the_home(
    caught_in_the_middle: Network, again: Again | None
) -> None:
    net = caught_in_the_middle
    before = state(net.settings.home)
    copy = copy_home(net.settings, net.settings.home / "serving" / "rehearsal")
    net.world.add(6)
    request = Request(AS_OF + timedelta(days=1), again=again)
    told, files = collect_place(net.place, copy, request)
    assert told.failed == files.failed == []
    assert len(files.refused) == 1
    if again is None:
        assert (told.loaded, files.loaded) == (1, 2), "news, what waited, and what was cut off"
    kept = state(net.settings.home)
    assert {path: said for path, said in kept.items() if "rehearsal/" not in path} == before


def test_the_copy_knows_what_waits_by_the_same_name(caught_in_the_middle: Network) -> None:
    net = caught_in_the_middle
    copy = copy_home(net.settings, net.settings.home / "serving" / "rehearsal")
    for source in net.place.sources:
        news, waiting = [
            [ask(home.landing, net.place, source) for home in (net.settings, copy)]
            for ask in (inbox.news_of, lambda *where: [b.batch_id for b in inbox.waiting(*where)])
        ]
        assert news[0] == news[1]
        assert waiting[0] == waiting[1]


def test_a_copy_that_a_killed_dry_run_left_is_made_anew(caught_in_the_middle: Network) -> None:
    net = caught_in_the_middle
    folder = net.settings.home / "serving" / "rehearsal"
    for _dry_run in range(2):
        copy = copy_home(net.settings, folder)
    assert collect_place(net.place, copy, Request(AS_OF))[1].loaded == 2
