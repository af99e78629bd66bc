"""Which tables say too much: to an outsider, and to each place that knows its own records.

A table (an indicator, of one characteristic, at one territory and in one period) is left out as a
whole, never the release; then all is judged again, until nothing says too much.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from flows.publication.gate.cells import ALL, KEY, PLACE, TABLE, Published
from flows.publication.gate.known import FEW
from flows.publication.gate.propagation import TOLERATED, propagate
from flows.publication.gate.system import Bounds, Flags, Numbers, Places, spread
from flows.publication.gate.world import World, world_of

OUTSIDER = ""
"""Who knows the release alone; an insider is called like its place, as level/id."""
LEVELS = (PLACE, "departement", "portefeuille", "reseau")


class Verdict(NamedTuple):
    """What is left out, and what was found of the release as it came; no value is in it."""

    left_out: pl.DataFrame
    """TABLE and `who` could tell too much, OUTSIDER or a place."""
    judged: pl.DataFrame
    """Each unknown that is to be protected: TABLE, `is_published`, `candidates` and `limit` for an
    outsider, `insiders` for the place that knows most of it."""


def judge(
    published: Published,
    own: Mapping[str, pl.DataFrame] | None = None,
    headlines: frozenset[str] = frozenset(),
) -> Verdict:
    """Leave tables out until none says too much.

    `own` are the exact figures of each place, as KEY and `exact`; headlines are left out last.
    """
    left_out: list[pl.DataFrame] = []
    first: pl.DataFrame | None = None
    while True:
        world = world_of(published)
        judged, telling = look_through(world, own or {})
        first = judged if first is None else first
        if not len(telling):
            break
        tables = to_leave_out(world, telling, headlines)
        left_out.append(tables)
        published = published.without(tables)
    names = first.select(TABLE).with_columns(who=pl.lit(OUTSIDER)).clear()
    return Verdict(pl.concat([names, *left_out]), first)


def look_through(
    world: World, own: Mapping[str, pl.DataFrame]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is to be protected, with its candidates; and which of it is told, to whom."""
    open_bounds = propagate(world.system, openly_known(world))
    outside = propagate(world.system, world.bounds)
    limits = world.unknowns["limit"].to_numpy()
    candidates = candidates_of(world, outside)
    protected = candidates_of(world, open_bounds) >= limits
    protected &= ~world.unknowns["is_open"].to_numpy()
    told = [(OUTSIDER, np.flatnonzero(protected & (candidates < limits)))]
    least = np.full(len(candidates), np.inf)
    for place, figures in sorted(own.items()):
        inside, seen = insider(world, outside, open_bounds, place, figures, protected)
        least = np.minimum(least, np.where(seen, inside, np.inf))
        told.append((place, np.flatnonzero(seen & (inside < FEW))))
    judged = world.unknowns.select(
        *TABLE, "is_published", "limit",
        candidates=pl.Series(candidates), insiders=pl.Series(least),
    ).filter(pl.Series(protected))  # fmt: skip
    telling = pl.concat(
        pl.DataFrame({"unknown": numbers.astype(np.int64)}).with_columns(who=pl.lit(who))
        for who, numbers in told
    )
    return judged, telling.unique("unknown", keep="first", maintain_order=True)


def openly_known(world: World) -> Bounds:
    """What there would be to know without the release."""
    said = world.unknowns["is_published"].to_numpy() & ~world.unknowns["is_open"].to_numpy()
    lower, upper = world.bounds.copy()
    lower[: len(said)][said] = 0
    upper[: len(said)][said] = np.inf
    return Bounds(lower, upper)


def candidates_of(world: World, bounds: Bounds) -> Numbers:
    """How many values each unknown may still have."""
    number = len(world.unknowns)
    width = bounds.upper[:number] - bounds.lower[:number]
    steps: Numbers = np.floor(width / world.unknowns["grain"].to_numpy() + TOLERATED)
    return steps + 1


def insider(
    world: World,
    outside: Bounds,
    open_bounds: Bounds,
    place: str,
    figures: pl.DataFrame,
    protected: Flags,
) -> tuple[Numbers, Flags]:
    """The candidates for a place that knows its own, and of which unknowns the release tells it.

    It goes on from what an outsider knows. What its own figures alone tell is no fault of the
    release.
    """
    mine = world.unknowns.filter(pl.col("scope") == place).select("unknown", *KEY)
    known = mine.join(figures, on=list(KEY)).filter(pl.col("exact").is_not_null())
    numbers, exact = known["unknown"].to_numpy().astype(np.int64), known["exact"].to_numpy()
    found, alone = (
        candidates_of(world, propagate(world.system, fixed(bounds, numbers, exact), numbers))
        for bounds in (outside, open_bounds)
    )
    is_mine = np.zeros(len(protected), dtype=bool)
    is_mine[mine["unknown"].to_numpy()] = True
    return found, protected & ~is_mine & (alone >= FEW)


def fixed(bounds: Bounds, numbers: Places, exact: Numbers) -> Bounds:
    lower, upper = bounds.copy()
    lower[numbers] = upper[numbers] = exact
    return Bounds(lower, upper)


def to_leave_out(world: World, telling: pl.DataFrame, headlines: frozenset[str]) -> pl.DataFrame:
    """The next tables to go: at most one of a territory and period, places before the rest.

    Where what is told is not published itself, what is published beside it goes, totals first.
    """
    published = world.unknowns.filter(pl.col("is_published") & ~pl.col("is_open"))
    told = published.join(telling, on="unknown")
    is_beside = not len(told)
    if is_beside:
        who = telling["who"][0]
        for ring in rings(world, telling["unknown"].to_numpy().astype(np.int64)):
            told = published.filter(pl.col("unknown").is_in(ring)).with_columns(who=pl.lit(who))
            if len(told):
                break
    assert len(told), "something is told, and nothing is published"
    order = pl.col("level").replace_strict({name: n for n, name in enumerate(LEVELS)})
    first = order.max() if is_beside else order.min()
    return (
        told.filter(order == first)
        .with_columns(
            is_total=pl.col("breakdown") == ALL, is_headline=pl.col("indicator").is_in(headlines)
        )
        .sort("is_total", "is_headline", "indicator", "breakdown")
        .unique(["scope", "period"], keep="first", maintain_order=True)
        .select(*TABLE, "who")
    )


def rings(world: World, unknowns: Places) -> Iterator[Places]:
    """What stands in one row with these unknowns; then with those; and so on."""
    reached = unknowns
    while True:
        rows = world.system.rows_with(reached)
        wider = np.unique(world.system.columns[spread(world.system.starts, rows)])
        if len(wider) == len(reached):
            return
        reached = wider
        yield reached


def year_later(tables: pl.DataFrame, drawn: pl.DataFrame) -> pl.DataFrame:
    """Of the tables that are drawn, those that a year before were left out.

    Whether a table is there must not depend on this year's people where last year's decide it.
    Both have TABLE, `first` and `length`, the first day and the length of the period.
    """
    same = ["indicator", "level", "scope", "breakdown", "length", "first"]
    before = tables.with_columns(first=pl.col("first").dt.offset_by("1y"))
    return drawn.join(before.select(same).unique(), on=same, how="semi")
