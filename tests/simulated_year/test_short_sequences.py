"""Whatever happens to a few deliveries, in whatever order they come: the truth is there in the end."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.simulated_year.disturbances import (
    Disturbance,
    as_of,
    clean_history,
    possible,
    timeline,
)
from tests.simulated_year.files import Arrival, Home
from tests.simulated_year.network import tool
from tests.simulated_year.truth import MONTHS, SimulatedPlace, Tool, invent

DELIVERIES = 3
A_MONTH = 4
END = 14
"""The night after which nothing comes."""
MOST_NIGHTS_LATE = 5
STYLES_TOGETHER = [
    ("log of changes", "dated dump"),
    ("numbered log", "monthly sheet"),
    ("log without numbers", "dump without numbers"),
    ("daily log", "dated sheet"),
    ("kit",),
]
"""The styles of one or two places; each way of delivering is in one of them."""
COMMUNES = ("80021", "02381")
Facts = dict[str, list[tuple[Any, ...]]]


@dataclass(frozen=True)
class Fate:
    """What happens to one delivery, and how many nights later than it would."""

    disturbance: Disturbance
    nights_late: int


@cache
def invented_places(styles: tuple[str, ...]) -> list[SimulatedPlace]:
    """One place a style, with a register and the truth of the first months."""
    places = []
    for number, style in enumerate(styles):
        place = SimulatedPlace(f"lieu-{number}", COMMUNES[number], weekdays=("tuesday", "friday"))
        place.tools = [tool("attendance", style, until=DELIVERIES)]
        rng = random.Random(f"short/{style}")
        invent(rng, place, place.tools[0], MONTHS[:DELIVERIES], A_MONTH)
        places.append(place)
    return places


def fates(one: Tool) -> st.SearchStrategy[list[Fate]]:
    """One for each delivery. Of dumps, the order of sending is what makes the last one the truth."""
    lateness = st.just(0) if one.style.delivery == "snapshot" else st.integers(0, MOST_NIGHTS_LATE)
    fate = st.builds(Fate, st.sampled_from(possible(one.style)), lateness)
    return st.lists(fate, min_size=DELIVERIES, max_size=DELIVERIES)


def arrivals_of(one: Tool, chosen: list[Fate], seed: int) -> list[Arrival]:
    """All that comes of a tool, night after night; a delivery that is late is late as a whole."""
    rng = random.Random(seed)
    if one.style.delivery == "snapshot":
        found = timeline(rng, one, [fate.disturbance for fate in chosen])
    else:
        found = [
            replace(arrival, night=arrival.night + fate.nights_late)
            for number, fate in enumerate(chosen)
            for arrival in fate.disturbance(rng, one, number)
        ]
    return [replace(arrival, night=min(arrival.night, END)) for arrival in found]


class Sequences:
    """Homes that live through sequences, beside those that were told the truth in its order."""

    def __init__(self, folders: pytest.TempPathFactory) -> None:
        self.folders = folders
        self.keys = folders.mktemp("keys")
        self.told: dict[tuple[str, ...], Facts] = {}

    def lived(self, styles: tuple[str, ...], arrivals: list[Arrival]) -> tuple[Facts, Home]:
        """The nights on which something comes, then the figures."""
        home = Home(self.folders.mktemp("home"), self.keys, invented_places(styles))
        for night in sorted({arrival.night for arrival in arrivals}):
            home.receive([a for a in arrivals if a.night == night], as_of(night))
        home.build(as_of(END))
        return home.facts(), home

    def truth(self, styles: tuple[str, ...]) -> Facts:
        """What is there when every delivery came once and as it should."""
        if styles not in self.told:
            tools = [one for place in invented_places(styles) for one in place.tools]
            told = [arrival for one in tools for arrival in clean_history(one)]
            self.told[styles] = self.lived(styles, [replace(a, night=END) for a in told])[0]
            assert self.told[styles]["attendance"] and self.told[styles]["value"]
        return self.told[styles]

    def assert_ends_with_the_truth(self, styles: tuple[str, ...], data: st.DataObject) -> None:
        arrivals: list[Arrival] = []
        for place in invented_places(styles):
            [one] = place.tools
            chosen = data.draw(fates(one), label=place.id)
            arrivals += arrivals_of(one, chosen, data.draw(st.integers(0, 9), label="seed"))
        facts, home = self.lived(styles, arrivals)
        for table, rows in self.truth(styles).items():
            assert facts[table] == rows, table
        assert home.open_rejects() == []


@pytest.fixture(scope="module")
def sequences(tmp_path_factory: pytest.TempPathFactory) -> Sequences:
    return Sequences(tmp_path_factory)


# an example takes seconds: to look for a shorter one would take longer than to read this one
few = settings(
    max_examples=3, deadline=None, derandomize=True, database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@pytest.mark.parametrize("styles", STYLES_TOGETHER, ids="+".join)
@few
@given(data=st.data())
def test_a_short_sequence_ends_where_its_clean_history_does(
    sequences: Sequences, styles: tuple[str, ...], data: st.DataObject
) -> None:
    sequences.assert_ends_with_the_truth(styles, data)


@pytest.mark.long
@pytest.mark.parametrize("styles", STYLES_TOGETHER, ids="+".join)
@settings(few, max_examples=40, derandomize=False)
@given(data=st.data())
def test_many_short_sequences_end_where_their_clean_history_does(
    sequences: Sequences, styles: tuple[str, ...], data: st.DataObject
) -> None:
    sequences.assert_ends_with_the_truth(styles, data)
