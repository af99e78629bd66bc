"""Which tables say too much: to an outsider, and to each place that knows its own records.

A table (an indicator, of one characteristic, at one territory and in one period) is left out as a
whole, never the release; then all is judged again, until nothing says too much.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from flows.publication.gate.cells import ALL, KEY, MINORS, PLACE, TABLE, Published, read_values
from flows.publication.gate.known import FEW
from flows.publication.gate.propagation import TOLERATED, go_on, propagate
from flows.publication.gate.system import Bounds, Flags, Numbers, Places, spread
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
    standing = sight_of(world_of(published.standing())) if published.stands() else None
    sight = sight_of(world_of(published))
    first, telling = look_through(sight, own or {}, standing)
    asked = {place: own[place] for place in telling["who"].unique() if own and place in own}
    while len(telling):
        tables = to_leave_out(sight.world, telling, headlines)
        if not len(tables):
            break  # what stands tells it: nothing that is new makes it worse
        left_out.append(tables)
        published = published.without(tables)
        sight = sight_of(world_of(published))
        # where less is published nobody knows more: who was told nothing is not asked again, and
        # places not before outsiders are told nothing
        _judged, telling = look_through(sight, {}, standing)
        if not len(telling) and asked:
            _judged, telling = look_through(sight, asked, standing)
            asked = {place: asked[place] for place in telling["who"].unique()}
    none = first.select(TABLE).with_columns(who=pl.lit(OUTSIDER)).clear()
    return Verdict(pl.concat([none, *left_out]), first)


class Sight(NamedTuple):
    """A world as an outsider sees it."""

    world: World
    openly: Bounds
    """What everybody could know without the release."""
    outside: Bounds
    candidates: Numbers
    protected: Flags
    places: Mapping[Any, pl.DataFrame]
    """The unknowns of each place, by its scope."""


def sight_of(world: World) -> Sight:
    openly = propagate(world.system, openly_known(world))
    outside = propagate(world.system, world.bounds)
    protected = candidates_of(world, openly) >= world.unknowns["limit"].to_numpy()
    protected &= ~world.unknowns["is_open"].to_numpy()
    places = world.unknowns.filter(pl.col("level") == PLACE).partition_by("scope", as_dict=True)
    return Sight(world, openly, outside, candidates_of(world, outside), protected, places)


def look_through(
    sight: Sight, own: Mapping[str, pl.DataFrame], standing: Sight | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What is to be protected, with its candidates; and which of it is told, to whom.

    What `standing` figures tell alone, and the new ones no more narrowly, is not told by these.
    """
    world, candidates = sight.world, sight.candidates
    limits = world.unknowns["limit"].to_numpy()
    known = inside(standing, None, len(world.unknowns))
    told = [
        (OUTSIDER, np.flatnonzero(sight.protected & (candidates < limits) & (candidates < known)))
    ]
    least = candidates.copy()
    for place, figures in sorted(own.items()):
        if (place,) not in sight.places:
            continue
        unknowns, left = insider(sight, place, figures)
        is_protected = sight.protected[unknowns]
        unknowns, left = unknowns[is_protected], left[is_protected]
        least[unknowns] = np.minimum(least[unknowns], left)
        is_told = left < FEW
        if standing and is_told.any():
            known = inside(standing, (place, figures), len(world.unknowns))
            is_told &= left < known[unknowns]
        told.append((place, unknowns[is_told]))
    judged = world.unknowns.select(
        *TABLE, "is_published", "limit",
        candidates=pl.Series(candidates), insiders=pl.Series(least),
    ).filter(pl.Series(sight.protected))  # fmt: skip
    telling = pl.concat(
        pl.DataFrame({"unknown": numbers.astype(np.int64)}).with_columns(who=pl.lit(who))
        for who, numbers in told
    )
    return judged, telling.unique("unknown", keep="first", maintain_order=True)


def inside(
    standing: Sight | None, place: tuple[str, pl.DataFrame] | None, unknowns: int
) -> Numbers:
    """The candidates of each unknown by what stands alone, to an outsider or to a place.

    The two age bands that an index tells apart come last, and are others in each world.
    """
    known = np.full(unknowns, np.inf)
    if standing is None:
        return known
    common = ~standing.world.unknowns["category"].is_in(MINORS).to_numpy()
    number = min(int(common.sum()), unknowns)
    known[:number] = standing.candidates[:number]
    if place is not None and (place[0],) in standing.places:
        moved, left = insider(standing, *place)
        known[moved[moved < number]] = left[moved < number]
    return known


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


def insider(sight: Sight, place: str, figures: pl.DataFrame) -> tuple[Places, Numbers]:
    """The unknowns of others that a place narrows by its own figures, and their candidates then.

    It goes on from what an outsider knows. What its own figures tell without the release is no
    fault of the release. A category of which it has no row it knows to be 0.
    """
    world, mine = sight.world, sight.places[place,]
    known = (
        mine.select("unknown", *KEY)
        .join(figures, on=list(KEY), how="left", maintain_order="left")
        .with_columns(
            exact=pl.when(pl.col("breakdown") == ALL)
            .then("exact")
            .otherwise(pl.col("exact").fill_null(0.0))
        )
        .drop_nulls("exact")
    )
    numbers, exact = known["unknown"].to_numpy().astype(np.int64), known["exact"].to_numpy()
    rows = world.system.rows_with(numbers)
    moved, left = told_by(world, sight.outside, numbers, exact, rows)
    alone, without_release = told_by(world, sight.openly, numbers, exact, rows)
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
    published = world.unknowns.filter(
        pl.col("is_published") & ~pl.col("is_open") & ~pl.col("stands")
    )
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
    """What is published nearest to what is told; nothing where all of it stands."""
    for ring in rings(world, telling["unknown"].to_numpy().astype(np.int64)):
        found = published.filter(pl.col("unknown").is_in(ring))
        if len(found):
            return found.with_columns(who=pl.lit(telling["who"][0]))
    return published.clear().with_columns(who=pl.lit(OUTSIDER))


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
    must depend on this year's people as little as can be. What stands already stays.
    """
    values = read_values(published.values)
    tables = values.group_by(*TABLE, "length", "first").agg(pl.col("stands").any())
    same = ["indicator", "level", "scope", "breakdown", "length", "first"]
    before = tables.join(left_out, on=list(TABLE), how="semi")
    after = before.with_columns(pl.col("first").dt.offset_by("1y"))
    new = tables.filter(~pl.col("stands"))
    return new.join(after.select(same), on=same, how="semi").select(TABLE)


def decide(
    published: Published,
    own: Mapping[str, pl.DataFrame],
    headlines: frozenset[str] = frozenset(),
) -> tuple[Verdict, pl.DataFrame]:
    """What is left out because of what it says now, and what is not drawn because of last year."""
    verdict = judge(published, own, headlines)
    told = pl.concat([verdict.left_out.select(TABLE), published.left_out_before()])
    by_rule = year_later(told, published)
    if not len(by_rule):
        return verdict, by_rule
    rest = judge(published.without(by_rule), own, headlines)
    # what would say too much itself is told as such: then that of the next year is not drawn either
    itself = verdict.left_out.join(by_rule, on=list(TABLE), how="semi")
    left_out = pl.concat([itself, rest.left_out]).unique(TABLE, maintain_order=True)
    return verdict._replace(left_out=left_out), by_rule.join(itself, on=list(TABLE), how="anti")
