"""Bounds are drawn tighter and no possible world is lost: small systems, against all their worlds."""

import itertools
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.publication.gate.propagation import go_on, propagate
from flows.publication.gate.relations import system_of
from flows.publication.gate.system import Bounds, Curve
from tests.programmes import reach

MOST = 4
UNKNOWNS = 4


def system(rows, whole, curves=()):
    """Of rows as (weights by unknown, least, most)."""
    entries = [
        (row, unknown, float(weight), float(least), float(most))
        for row, (weights, least, most) in enumerate(rows)
        for unknown, weight in weights.items()
    ]
    frame = pl.DataFrame(entries, ["row", "unknown", "weight", "at_least", "at_most"], orient="row")
    return system_of([frame], whole, curves)


def fits(world, rows):
    sums = ((sum(w * world[u] for u, w in weights.items()), a, b) for weights, a, b in rows)
    return all(a - 1e-9 <= total <= b + 1e-9 for total, a, b in sums)


@st.composite
def rows_of_a_true_world(draw):
    """Rows of the kinds that releases have, which one world at least fits."""
    world = draw(st.tuples(*[st.integers(0, MOST)] * UNKNOWNS))
    rows = []
    for _row in range(draw(st.integers(1, 4))):
        some = draw(st.sets(st.integers(0, UNKNOWNS - 1), min_size=2))
        weights = {u: draw(st.sampled_from([1, 1, -1, -0.35, 2])) for u in sorted(some)}
        total = sum(w * world[u] for u, w in weights.items())
        rows.append((weights, total - draw(slack), total + draw(slack)))
    return world, rows


slack = st.sampled_from([0, 0, 1, 2.5, math.inf])


@given(rows_of_a_true_world())
@settings(max_examples=150, deadline=None)
def test_no_world_that_fits_is_lost(drawn):
    _true, rows = drawn
    bounds = Bounds(np.zeros(UNKNOWNS), np.full(UNKNOWNS, float(MOST)))
    found = propagate(system(rows, [True] * UNKNOWNS), bounds)
    worlds = np.array(
        [w for w in itertools.product(range(MOST + 1), repeat=UNKNOWNS) if fits(w, rows)]
    )
    assert (found.lower <= worlds.min(axis=0)).all()
    assert (found.upper >= worlds.max(axis=0)).all()
    assert (found.lower >= 0).all() and (found.upper <= MOST).all()


@given(rows_of_a_true_world(), st.integers(0, UNKNOWNS - 1))
@settings(max_examples=60, deadline=None)
def test_going_on_from_what_is_known_leads_where_starting_anew_does(drawn, unknown):
    true, rows = drawn
    whole = system(rows, [True] * UNKNOWNS)
    start = Bounds(np.zeros(UNKNOWNS), np.full(UNKNOWNS, float(MOST)))
    before = propagate(whole, start)
    for bounds in (before, start):
        bounds.lower[unknown] = bounds.upper[unknown] = true[unknown]
    anew = propagate(whole, start)
    gone_on = before
    go_on(whole, gone_on, whole.rows_with(np.array([unknown])))
    assert (gone_on.lower == anew.lower).all() and (gone_on.upper == anew.upper).all()


def test_a_total_less_the_others_is_what_is_hidden():
    bounds = Bounds(np.array([100.0, 60, 37, 0]), np.array([100.0, 60, 37, np.inf]))
    found = propagate(system([({0: -1, 1: 1, 2: 1, 3: 1}, 0, 0)], [True] * 4), bounds)
    assert (found.lower[3], found.upper[3]) == (3, 3)


def test_a_share_with_all_its_digits_gives_both_its_parts():
    share = 10 / 14
    rows = [({0: 1, 1: -share}, -1e-9, 1e-9)]
    found = propagate(system(rows, [True, True]), Bounds(np.zeros(2), np.array([19.0, 19])))
    assert (found.lower[1], found.upper[1]) == (0, 14)
    found = propagate(
        system(rows, [True, True]), Bounds(np.array([0.0, 11]), np.array([np.inf, 19]))
    )
    assert [*found.lower, *found.upper] == [10, 14, 10, 14]


def test_a_row_that_no_world_fits_is_not_believed():
    """Figures of different days need not be of one world; the rest still is."""
    rows = [({0: 1, 1: -1}, 0, 0), ({1: 1, 2: -1}, 0, 0)]
    bounds = Bounds(np.array([0.0, 10, 0]), np.array([4.0, 12, 11]))
    found = propagate(system(rows, [True] * 3), bounds)
    assert [*found.lower] == [0, 10, 10] and [*found.upper] == [4, 11, 11]


@given(st.lists(st.integers(0, 6), min_size=2, max_size=3), st.sampled_from([0.005, 0.1]))
@settings(max_examples=40, deadline=None)
def test_an_index_loses_no_world_by_its_squares_and_logarithms(world, margin):
    together = sum(world)
    number, known = len(world), 2 * len(world)
    for kind, curve in (("square", lambda n: n * n), ("logarithm", lambda n: n * math.log(n or 1))):
        said = sum(curve(n) for n in world)
        rows = [
            ({**{n: 1 for n in range(number)}, known: -1}, 0, 0),
            ({number + n: 1 for n in range(number)}, said - margin, said + margin),
        ]
        top = [6.0] * number + [np.inf] * number + [float(together)]
        curves = [Curve(kind, np.arange(number), number + np.arange(number))]
        found = propagate(
            system(rows, [True] * number + [False] * number + [True], curves),
            Bounds(np.zeros(len(top)), np.array(top)),
        )
        fitting = np.array([
            w for w in itertools.product(range(7), repeat=number)
            if sum(w) <= together and abs(sum(curve(n) for n in w) - said) <= margin + 1e-9
        ])  # fmt: skip
        assert (found.lower[:number] <= fitting.min(axis=0)).all()
        assert (found.upper[:number] >= fitting.max(axis=0)).all()


@given(rows_of_a_true_world(), st.integers(0, UNKNOWNS - 1))
@settings(max_examples=40, deadline=None)
def test_a_programme_finds_exactly_how_far_an_unknown_reaches(drawn, unknown):
    _true, rows = drawn
    whole = system(rows, [True] * UNKNOWNS)
    start = Bounds(np.zeros(UNKNOWNS), np.full(UNKNOWNS, float(MOST)))
    worlds = [w for w in itertools.product(range(MOST + 1), repeat=UNKNOWNS) if fits(w, rows)]
    reached = [world[unknown] for world in worlds]
    found = reach(whole, propagate(whole, start), unknown, near=UNKNOWNS)
    assert found == pytest.approx((min(reached), max(reached)), abs=1e-6)
    near = reach(whole, start, unknown, near=1)
    assert near[0] <= min(reached) + 1e-6 and near[1] >= max(reached) - 1e-6, "few rows lose none"


def test_a_programme_finds_what_rows_say_only_together():
    """Of three pairs that sum to 2 propagation leaves all open; together each is 1."""
    rows = [({0: 1, 1: 1}, 2, 2), ({1: 1, 2: 1}, 2, 2), ({0: 1, 2: 1}, 2, 2)]
    whole = system(rows, [True] * 3)
    found = propagate(whole, Bounds(np.zeros(3), np.full(3, 2.0)))
    assert (found.lower[0], found.upper[0]) == (0, 2)
    assert reach(whole, found, 0) == pytest.approx((1, 1))
