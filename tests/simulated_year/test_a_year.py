"""A year of a messy network ends where its clean history does, and every empty figure says why."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.simulated_year.disturbances import LAST_NIGHT, as_of, clean_history, possible, timeline
from tests.simulated_year.expected import Oracle
from tests.simulated_year.files import Arrival, Home
from tests.simulated_year.network import twelve_places
from tests.simulated_year.truth import SimulatedPlace

SEED = 2025


def disturbed_history(places: list[SimulatedPlace], seed: int) -> list[Arrival]:
    """Every month of every tool meets one of the things that can happen to it."""
    arrivals: list[Arrival] = []
    for place in places:
        for tool in place.tools:
            rng = random.Random(f"{seed}/{place.id}/{tool.id}/fate")
            fates = possible(tool.style)
            rng.shuffle(fates)
            chosen = [fates[n % len(fates)] for n in range(len(tool.delivered))]
            arrivals += timeline(rng, tool, chosen)
    return arrivals


def live_through(home: Home, arrivals: list[Arrival]) -> None:
    """Two nights a month with the files that came; the figures after each quarter, and at the end."""
    for night in range(LAST_NIGHT + 1):
        home.receive([a for a in arrivals if a.night == night], as_of(night))
        if night % 6 == 5 or night == LAST_NIGHT:
            home.build(as_of(night))


class Year:
    """The same truth in two homes: one lived through it, the other was told at once."""

    def __init__(self, folder: Path, seed: int, a_month: int) -> None:
        self.places = twelve_places(seed, a_month)
        self.messy = Home(folder / "messy", folder / "keys", self.places)
        self.clean = Home(folder / "clean", folder / "keys", self.places)
        live_through(self.messy, disturbed_history(self.places, seed))
        tools = [tool for place in self.places for tool in place.tools]
        told = [arrival for tool in tools for arrival in clean_history(tool)]
        self.clean.receive(told, as_of(LAST_NIGHT))
        self.clean.build(as_of(LAST_NIGHT))
        self.oracle = Oracle(self.places, as_of(LAST_NIGHT).date())


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Year:
    return Year(tmp_path_factory.mktemp("year"), SEED, a_month=5)


def assert_same_facts(year: Year) -> None:
    messy, clean = year.messy.facts(), year.clean.facts()
    for table in clean:
        assert clean[table], table
        assert sorted({*messy[table]} ^ {*clean[table]}, key=str)[:10] == [], table
        assert messy[table] == clean[table], table


def assert_true_reasons(year: Year) -> None:
    found = {
        (indicator, scope, period): (status, value)
        for indicator, scope, period, status, value in year.messy.read(
            "SELECT indicator_id, scope_id, period_id, status, value FROM indicator.value"
        )
    }
    expected = year.oracle.reasons()
    judged = {indicator for indicator, *_ in expected}
    known = {key for key in found if key[0] in judged}
    assert known == expected.keys()
    said = {
        key: "no case" if value is None and status in ("ok", "identified_per_source") else status
        for key, (status, value) in found.items()
        if key in known
    }
    wrong = {k: (said[k], expected[k]) for k in sorted(known) if said[k] != expected[k]}
    assert wrong == {}
    assert all((found[key][1] is None) == (said[key] not in SAID_ALOUD) for key in known)


SAID_ALOUD = ("ok", "identified_per_source")


def test_the_messy_year_ends_where_the_clean_history_does(year: Year) -> None:
    assert_same_facts(year)


def test_every_empty_figure_has_the_true_reason(year: Year) -> None:
    assert_true_reasons(year)


def test_no_row_is_left_to_correct_once_all_were_corrected(year: Year) -> None:
    assert year.messy.open_rejects() == []


def test_every_attempt_of_the_year_balances(year: Year) -> None:
    assert year.messy.read(
        "SELECT count(*) FROM ledger.attempt WHERE outcome = 'accepted' AND rows_in <> loaded + "
        "unchanged + superseded + duplicates + tombstoned + quarantined + ignored"
    ) == [(0,)]
    [(refused, quarantined, removed, known)] = year.messy.read(
        "SELECT count(*) FILTER (outcome = 'refused'), sum(quarantined), sum(removed), "
        "sum(unchanged) FROM ledger.attempt"
    )
    assert min(refused, quarantined, removed, known) > 0
