"""Somebody who comes late, or asks to be forgotten: two releases together say nothing of them.

Whoever reads all releases knows each figure as it was and is. Of periods that were over at the first
release, all that changes between two of them is told to be of those who came or went in between.
Here people of twelve places come late, one of each place at a time: at a place a figure is of one
of them alone, and above it of twelve at most. Their records go and come in the warehouse, since what
the tools deliver is not asked here; figures, draws, gate and ledger are those of a night.
"""

from __future__ import annotations

import random
import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.network.place_files import read_places
from flows.publication.revision import Chosen
from flows.samples import write_network
from flows.settings import Settings
from flows.stages.build import note_outcome
from flows.stages.revise import revise
from flows.warehouse.database import open_warehouse
from schemas import FEEDS
from tests.nights import Calendar, Rows, night_of

FIRST, SECOND = date(2026, 9, 16), date(2026, 10, 16)
OVER = "fin <= DATE '2026-07-31'"
"""Periods that are over for 45 days in the first night."""
OF_EACH = 17
"""People of each of twelve places."""
Person = tuple[str, str]
"""A place and a pseudonym there."""
PEOPLE = """
    SELECT DISTINCT r.place_id, r.person_key FROM (
        SELECT place_id, person_key FROM tape.attendance
        UNION ALL SELECT place_id, person_key FROM tape.service_usage
    ) AS r WHERE r.person_key IS NOT NULL ORDER BY ALL
"""
COME_NOW = """
    INSERT INTO ledger.attempt
    SELECT * REPLACE (CAST($attempt AS UUID) AS attempt_id, 'late' AS batch_id, $now AS attempted_at)
    FROM ledger.attempt WHERE outcome = 'accepted' LIMIT 1
"""
ATTEMPT = "00000000-0000-4000-8000-00000000001a"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Calendar:
    """Twelve places, collected; nothing is published yet."""
    folder = tmp_path_factory.mktemp("late-people")
    write_network(folder, 12)
    settings = Settings(folder / "home", folder / "places", folder / "keys")
    made = Calendar(settings, [*read_places(settings.places).values()], date(2026, 11, 2))
    made.collect()
    return made


@pytest.fixture(scope="module")
def drawn(network: Calendar) -> list[list[Person]]:
    """Two hundred people and four: by turns one of each place."""
    with open_warehouse(network.settings, read_only=True) as warehouse:
        people: list[Person] = warehouse.execute(PEOPLE).fetchall()
    of_place: dict[str, list[Person]] = {}
    for person in people:
        of_place.setdefault(person[0], []).append(person)
    chance = random.Random(200)
    turns = [chance.sample(known, OF_EACH) for known in of_place.values()]
    return [list(turn) for turn in zip(*turns, strict=True)]


def told(calendar: Calendar) -> Rows:
    """What the release says of periods that are over; what is not decided has no release of its own."""
    rows = calendar.shown(OVER)
    return {key: row if row[0] else (row[0], *row[2:]) for key, row in rows.items()}


def changed(before: Rows, after: Rows) -> set[tuple[str, ...]]:
    return {key for key in before | after if before.get(key) != after.get(key)}


def test_who_comes_late_and_who_goes_changes_nothing_that_two_releases_say_of_what_is_over(
    network: Calendar, drawn: list[list[Person]], tmp_path: Path
) -> None:
    usual = network.copy(tmp_path / "usual")
    assert len(usual.night(FIRST)) > 5000
    before = told(usual)
    with_all = usual.copy(tmp_path / "with-all")
    assert with_all.night(SECOND), "a month is published between the two"
    assert changed(before, told(with_all)) == set()
    attributes: dict[str, list[tuple[str, ...]]] = {"late": [], "gone": []}
    for people in drawn:
        late = network.copy(tmp_path / "late")
        late.night(FIRST, absent=people)
        without = told(late)
        late.night(SECOND)
        attributes["late"] += changed(without, told(late))
        shutil.rmtree(tmp_path / "late")
        gone = usual.copy(tmp_path / "gone")
        gone.night(SECOND, absent=people)
        attributes["gone"] += changed(before, told(gone))
        shutil.rmtree(tmp_path / "gone")
    assert sum(map(len, drawn)) >= 200
    assert attributes == {"late": [], "gone": []}


def test_a_revision_says_nothing_of_each_of_those_who_came_late(
    network: Calendar, drawn: list[list[Person]], tmp_path: Path
) -> None:
    """All of them at once, seventeen of each place: a category that all of them are in would."""
    calendar = network.copy(tmp_path / "revised")
    people = [person for turn in drawn for person in turn]
    calendar.night(FIRST, absent=people)
    come_now(calendar, people)
    calendar.night(SECOND)
    before = calendar.shown(f"{OVER} AND publiee_le IS NOT NULL")
    with open_warehouse(calendar.settings, read_only=True) as warehouse:
        [(last,)] = warehouse.execute("SELECT publication_id FROM registry.publication").fetchall()
    note_outcome(calendar.settings, last, "published")
    done = revise(calendar.settings, Chosen(), "Des venues notées en retard.", night_of(SECOND))
    after = calendar.shown(f"{OVER} AND publiee_le IS NOT NULL")
    assert len(done.tables) > 20
    people_of = [key for key in after if key[0] == "persons_reached" and key[1] == "lieu"]
    more = {  # at least so many of those who came are in that category
        key: after[key][3] - before[key][4]
        for key in people_of
        if after[key][3] is not None and before[key][4] is not None
    }
    assert max(more.values()) > 0, "a revision says something of all of them together"
    of_characteristics = [key for key in more if key[4] != "ensemble"]
    said = [key for key in of_characteristics if more[key] >= OF_EACH]
    assert of_characteristics and said == [], "what all of them are, each of them is"


def come_now(calendar: Calendar, people: list[Person]) -> None:
    """Their records are brought by a delivery of today."""
    with open_warehouse(calendar.settings) as warehouse:
        warehouse.execute(COME_NOW, {"attempt": ATTEMPT, "now": datetime.now(UTC)})
        for feed in FEEDS:
            for place_id, person in people:
                warehouse.execute(
                    f"UPDATE tape.{feed} SET attempt_id = ? WHERE place_id = ? AND person_key = ?",
                    [ATTEMPT, place_id, person],
                )
