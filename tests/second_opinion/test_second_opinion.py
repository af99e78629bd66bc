"""Every figure is computed a second time, in plain Python and from its definition, and is equal."""

import math
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.second_opinion.opinion import OPINIONS, Values, indicators, judge
from tests.second_opinion.product import COLUMNS, INDICATORS, compute
from tests.second_opinion.world import THEMES, World, worlds

COMPARED = indicators(INDICATORS.keys() & OPINIONS.keys())
PATIENT = settings(
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate, Phase.shrink],
)


def test_every_indicator_has_a_second_opinion():
    assert INDICATORS.keys() - OPINIONS.keys() == set()


WORLDS = int(os.environ.get("WORLDS", "120"))


@pytest.mark.parametrize("theme", THEMES)
def test_a_second_opinion_agrees_in_every_cell_of_worlds_of(theme: str):
    @given(world=worlds(theme))
    @settings(PATIENT, max_examples=math.ceil(WORLDS * part(theme)), derandomize=True)
    def agree_on(world: World) -> None:
        agree(world)

    agree_on()


def part(theme: str) -> float:
    """How many of the worlds are about it: ties need most, and many worlds have none."""
    return {"anything": 0.4, "ties": 0.2}.get(theme, 0.1)


@pytest.mark.long
@pytest.mark.parametrize("theme", THEMES)
def test_a_second_opinion_agrees_in_every_cell_of_many_more_worlds_of(theme: str):
    @given(world=worlds(theme))
    @settings(PATIENT, max_examples=math.ceil(5000 / len(THEMES)))
    def agree_on(world: World) -> None:
        agree(world)

    agree_on()


def agree(world: World) -> None:
    found = {key: row for key, row in compute(world).items() if key[0] in COMPARED}
    told = list(disagreements(judge(world, COMPARED), found))
    assert not told, "\n".join([f"{len(told)} cells differ:", *told[:20]])


def disagreements(opinion: Values, found: Values) -> Iterator[str]:
    """One line for each cell: which, what the second opinion says, what the product says."""
    nothing = (None,) * len(COLUMNS)
    either = opinion.keys() | found.keys()
    # nearly all are the same to the last digit: those need no closer look
    for key in sorted(key for key in either if opinion.get(key) != found.get(key)):
        where = " · ".join(part for part in key if part != "all")
        if key not in found:
            yield f"{where}: the product has no row, the second opinion {opinion[key]}"
        elif key not in opinion:
            yield f"{where}: the product has {found[key]}, the second opinion no row"
        else:
            pairs = zip(COLUMNS, opinion.get(key, nothing), found[key], strict=True)
            for column, expected, given in pairs:
                if not is_equal(expected, given):
                    yield f"{where}, {column}: second opinion {expected}, product {given}"


def is_equal(expected: Any, given: Any) -> bool:
    if isinstance(expected, int | float) and isinstance(given, int | float):
        return math.isclose(expected, given, rel_tol=1e-9, abs_tol=1e-9)
    return bool(expected == given)
