"""Which tables say too much: to an outsider, and to each place that knows its own records.

A table (an indicator, of one characteristic, at one territory and in one period) is left out as a
whole, never the release; then all is judged again, until nothing says too much.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from flows.publication.gate.cells import ALL, KEY, PLACE, TABLE, Published, read_values
from flows.publication.gate.known import FEW
from flows.publication.gate.propagation import TOLERATED, go_on, propagate
from flows.publication.gate.system import Bounds, Numbers, Places, spread
from flows.publication.gate.world import World, world_of

OUTSIDER = ""
"""Who knows the release alone; an insider is called like its place, as level/id."""
LEVELS = (PLACE, "departement", "portefeuille", "reseau")


class Verdict(NamedTuple):
    """What is left out, and what was found of the release as it came; no value is in it."""

    left_out: pl.DataFrame
    """TABLE and `who` would know too much, OUTSIDER or a place."""
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
    world = world_of(published)
    first, telling = look_through(world, own or {})
    asked = {place: own[place] for place in telling["who"].unique() if own and place in own}
    while len(telling):
        tables = to_leave_out(world, telling, headlines)
        left_out.append(tables)
        published = published.without(tables)
        world = world_of(published)
        # where less is published nobody knows more: who was told nothing is not asked again, and
        # places not before outsiders are told nothing
        _judged, telling = look_through(world, {})
        if not len(telling) and asked:
            _judged, telling = look_through(world, asked)
            asked = {place: asked[place] for place in telling["who"].unique()}
    none = first.select(TABLE).with_columns(who=pl.lit(OUTSIDER)).clear()
    return Verdict(pl.concat([none, *left_out]), first)


def look_through(
    world: World, own: Mapping[str, pl.DataFrame]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is to be protected, with its candidates; and which of it is told, to whom."""
    openly = propagate(world.system, openly_known(world))
    outside = propagate(world.system, world.bounds)
    limits = world.unknowns["limit"].to_numpy()
    candidates = candidates_of(world, outside)
    protected = candidates_of(world, openly) >= limits
    protected &= ~world.unknowns["is_open"].to_numpy()
    told = [(OUTSIDER, np.flatnonzero(protected & (candidates < limits)))]
    least = np.full(len(candidates), np.inf)
    scopes = world.unknowns.filter(pl.col("level") == PLACE).partition_by("scope", as_dict=True)
    for place, figures in sorted(own.items()):
        mine = scopes.get((place,))
        if mine is None:
            continue
        unknowns, left = insider(world, outside, openly, mine, figures)
        is_told = protected[unknowns]
        unknowns, left = unknowns[is_told], left[is_told]
        least[unknowns] = np.minimum(least[unknowns], left)
        told.append((place, unknowns[left < FEW]))
    judged = world.unknowns.select(
        *TABLE, "is_published", "limit",
        candidates=pl.Series(candidates), insiders=pl.Series(np.minimum(least, candidates)),
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


def candidates_of(world: World, bounds: Bounds, unknowns: Places | slice = slice(None)) -> Numbers:
    """How many values each unknown, or some of them, may still have."""
    grain = world.unknowns["grain"].to_numpy()[unknowns]
    lower, upper = (side[: len(world.unknowns)][unknowns] for side in bounds)
    steps: Numbers = np.floor((upper - lower) / grain + TOLERATED)
    return steps + 1


def insider(
    world: World, outside: Bounds, openly: Bounds, mine: pl.DataFrame, figures: pl.DataFrame
) -> tuple[Places, Numbers]:
    """The unknowns of others that a place narrows by its own figures, and their candidates then.

    It goes on from what an outsider knows. What its own figures tell without the release is no
    fault of the release.
    """
    known = mine.select("unknown", *KEY).join(figures, on=list(KEY)).drop_nulls("exact")
    numbers, exact = known["unknown"].to_numpy().astype(np.int64), known["exact"].to_numpy()
    rows = world.system.rows_with(numbers)
    moved, left = told_by(world, outside, numbers, exact, rows)
    alone, without_release = told_by(world, openly, numbers, exact, rows)
    others = ~np.isin(moved, mine["unknown"].to_numpy())
    others &= ~np.isin(moved, alone[without_release < FEW])
    return moved[others], left[others]


def told_by(
    world: World, bounds: Bounds, numbers: Places, exact: Numbers, rows: Places
) -> tuple[Places, Numbers]:
    """The unknowns that move when some are known exactly, and the candidates of each then."""
    found = bounds.copy()
    found.lower[numbers] = found.upper[numbers] = exact
    moved = go_on(world.system, found, rows)
    moved = moved[moved < len(world.unknowns)]
    return moved, candidates_of(world, found, moved)


def to_leave_out(world: World, telling: pl.DataFrame, headlines: frozenset[str]) -> pl.DataFrame:
    """The next tables to go: at most one of a territory and period.

    What an outsider is told goes first, where it is finest. A place is told of others by their
    territory alone: there its figures go. Where what is told is not published itself, what is
    published beside it goes, the coarsest first.
    """
    to_outsiders = telling.filter(pl.col("who") == OUTSIDER)
    now = to_outsiders if len(to_outsiders) else telling
    published = world.unknowns.filter(pl.col("is_published") & ~pl.col("is_open"))
    if not len(to_outsiders):
        published = published.filter(pl.col("level") != PLACE)
    told = published.join(now, on="unknown")
    is_beside = not len(told)
    if is_beside:
        told = beside(world, published, now)
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


def beside(world: World, published: pl.DataFrame, telling: pl.DataFrame) -> pl.DataFrame:
    """What is published nearest to what is told."""
    for ring in rings(world, telling["unknown"].to_numpy().astype(np.int64)):
        found = published.filter(pl.col("unknown").is_in(ring))
        if len(found):
            return found.with_columns(who=pl.lit(telling["who"][0]))
    raise AssertionError("something is told, and nothing is published")


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


def year_later(left_out: pl.DataFrame, published: Published) -> pl.DataFrame:
    """The tables of the year after those that are left out.

    What would say too much for the size of the year before is not drawn: whether a table is there
    must depend on this year's people as little as can be.
    """
    tables = read_values(published.values).select(*TABLE, "length", "first").unique()
    same = ["indicator", "level", "scope", "breakdown", "length", "first"]
    before = tables.join(left_out, on=list(TABLE), how="semi")
    after = before.with_columns(pl.col("first").dt.offset_by("1y"))
    return tables.join(after.select(same), on=same, how="semi").select(TABLE)


def decide(
    published: Published,
    own: Mapping[str, pl.DataFrame],
    headlines: frozenset[str] = frozenset(),
) -> tuple[Verdict, pl.DataFrame]:
    """What is left out because of what it says now, and what is not drawn because of last year."""
    verdict = judge(published, own, headlines)
    by_rule = year_later(verdict.left_out, published)
    if not len(by_rule):
        return verdict, by_rule
    rest = judge(published.without(by_rule), own, headlines)
    return verdict._replace(left_out=rest.left_out), by_rule
