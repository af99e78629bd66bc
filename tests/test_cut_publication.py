"""Killed, without room, with a clock that went back: what readers see is whole, and the ledger true."""

from __future__ import annotations

import os
import random
import shutil
import time
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.publication.release import KEPT_RELEASES, current_id, releases
from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.stages.publish import publish_release
from flows.warehouse.database import open_warehouse
from tests.nights import few_tables
from tests.publishing import Publishing, Readers, read
from tests.test_moved import History, copied_sql

STANDS = "SELECT COLUMNS(c -> c NOT IN ('published_at')) FROM ledger.published_value ORDER BY ALL"


@dataclass
class Night:
    """A network whose last release stands, and whose next one is computed and not published."""

    settings: Settings
    before: str
    release_id: str

    def copy(self, folder: Path) -> Night:
        """The same night in a folder of its own, to be spoilt."""
        shutil.copytree(self.settings.home, folder / "home", symlinks=True)
        return replace(self, settings=replace(self.settings, home=folder / "home"))

    def publish(self) -> None:
        publish_release(self.settings, self.release_id)

    def ask_ledger(self, sql: str) -> list[tuple[object, ...]]:
        with open_warehouse(self.settings, read_only=True) as warehouse:
            return warehouse.execute(sql).fetchall()

    def must_hold(self) -> None:
        """What readers see is whole; the ledger has it as published, or nothing of it."""
        seen = current_id(self.settings)
        assert seen in (self.before, self.release_id)
        assert read(self.settings.current_release)[0] == seen
        said = dict(self.ask_ledger("SELECT release_id, outcome FROM ledger.build"))
        assert said[self.before] == "published"
        if said[self.release_id] == "published":
            assert seen == self.release_id
        taken = {name for (name,) in self.ask_ledger(
            "SELECT DISTINCT publication_id FROM ledger.published_value")}  # fmt: skip
        assert taken == ({self.before, self.release_id} if said[self.release_id] == "published"
                         else {self.before})  # fmt: skip

    def must_complete(self, whole: Night) -> None:
        """The next run ends where one that nothing disturbed did, and leaves nothing beside it."""
        self.publish()
        self.must_hold()
        assert self.ask_ledger(STANDS) == whole.ask_ledger(STANDS)
        assert read(self.settings.current_release) == read(whole.settings.current_release)
        assert names(self.settings.published) == names(whole.settings.published)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory, make_place) -> Night:
    """July was published; the night of 16 October publishes August."""
    folder = tmp_path_factory.mktemp("night")
    sql = few_tables(copied_sql(folder / "network" / "sql"))
    settings = Settings(folder / "home", folder / "places", folder / "keys", sql=sql)
    history = History(settings, folder, make_place, opened_on="2026-07-01")
    days = {f"d2026_{month:02}_{day:02}": 15 + day for month in (7, 8) for day in (3, 10, 21, 31)}
    history.night("2026-09-20", **days)
    before = current_id(settings)
    place = make_place(folder, history.files, place={"opened_on": "2026-07-01"}, coverage="months")
    as_of = datetime(2026, 10, 16, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))
    built = build_warehouse([place], settings, as_of, force=True)
    assert before and built.is_new
    return Night(settings, before, built.release_id)


@pytest.fixture(scope="module")
def whole(night: Night, tmp_path_factory: pytest.TempPathFactory) -> Night:
    """The night that nothing disturbed."""
    copy = night.copy(tmp_path_factory.mktemp("whole"))
    copy.publish()
    copy.must_hold()
    assert current_id(copy.settings) == copy.release_id
    return copy


@pytest.mark.parametrize(
    "moments", [5, pytest.param(50, marks=pytest.mark.long)], ids=["few", "many"]
)
def test_publishing_that_is_killed_at_any_moment_leaves_a_whole_release_and_a_true_ledger(
    night: Night, whole: Night, tmp_path: Path, moments: int
) -> None:
    """Three readers read all the time; now and then it is killed at once, or as soon as they see the
    new one."""
    chance = random.Random(22)
    rehearsal = night.copy(tmp_path / "rehearsal")
    begun = time.monotonic()
    assert Publishing.begin(rehearsal.settings, rehearsal.release_id).said() == "done"
    duration = time.monotonic() - begun
    ends = []
    for number in range(moments):
        one = night.copy(tmp_path / f"{number}")
        readers = Readers(one.settings.current_release)
        going_on = Publishing.begin(one.settings, one.release_id)
        if number % 5 == 0:
            going_on.kill_once_seen(one.settings, one.before)
        else:
            time.sleep(chance.uniform(0, duration) if number % 5 > 1 else 0)
            going_on.kill()
        one.must_hold()
        ends.append(current_id(one.settings))
        one.must_complete(whole)
        expected = {read(night.settings.current_release), read(whole.settings.current_release)}
        assert readers.saw() <= expected
        shutil.rmtree(tmp_path / f"{number}")
    assert {*ends} == {night.before, night.release_id}


def test_a_disk_that_is_full_while_it_publishes_is_said_and_the_last_release_stands(
    night: Night, whole: Night, tmp_path: Path
) -> None:
    """No room for the release; then room for it, and none for what the ledger takes of it."""
    release = whole.settings.current_release.stat().st_size
    seen = []
    for number, room in enumerate((release // 2, 0)):
        one = night.copy(tmp_path / f"{number}")
        said = Publishing.begin(one.settings, one.release_id, room).said()
        assert "File too large" in said  # what this disk says when it is full
        one.must_hold()
        seen.append(current_id(one.settings))
        one.must_complete(whole)
    assert seen == [night.before, night.release_id]


def test_what_is_published_while_the_clock_is_behind_is_what_readers_see(
    night: Night, whole: Night, tmp_path: Path
) -> None:
    """Many releases of a later day lie there: the one of now is not the oldest of them."""
    one = night.copy(tmp_path)
    later = time.time() + timedelta(days=400).total_seconds()
    [standing] = releases(one.settings)
    for number in range(KEPT_RELEASES + 2):
        folder = one.settings.published / f"release-2027-11-{number + 1:02}-00000000"
        shutil.copytree(standing.parent, folder)
        os.utime(folder / standing.name, (later + number, later + number))
    with open_warehouse(one.settings) as warehouse:
        warehouse.execute("UPDATE ledger.build SET built_at = built_at + INTERVAL 400 DAY")
    one.publish()
    one.must_hold()
    assert current_id(one.settings) == one.release_id
    assert one.ask_ledger(STANDS) == whole.ask_ledger(STANDS)
    assert len(releases(one.settings)) == KEPT_RELEASES
