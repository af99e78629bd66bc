"""The unknowns tied to each other: categories, places, periods, quotients, related indicators.

Each function gives rows as a frame of entries: `row` (a number of its own within the frame),
`unknown`, `weight`, and `at_least` and `at_most` of the row.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from flows.publication.gate.cells import ALL, MINORS, PLACE
from flows.publication.gate.known import COUNTS, NOT_ALL_CATEGORIES, TIES, Related
from flows.publication.gate.periods import periods_within
from flows.publication.gate.system import Curve, Flags, System

ENDLESS = float("inf")
TYPES = pl.Schema({
    "row": pl.Int64, "unknown": pl.Int64, "weight": pl.Float64, "at_least": pl.Float64,
    "at_most": pl.Float64,
})  # fmt: skip
ENTRIES = tuple(TYPES)
OF_PEOPLE = ("people", "people_apart")


def system_of(
    frames: Sequence[pl.DataFrame], is_whole: Sequence[bool] | Flags, curves: Sequence[Curve] = ()
) -> System:
    """All rows of all frames, one after the other."""
    pieces = [frame.select(ENTRIES).cast(TYPES).sort("row") for frame in frames if len(frame)]
    pieces = pieces or [pl.DataFrame(schema=TYPES)]
    ids, before = [], 0
    for piece in pieces:
        number = piece["row"].rle_id().to_numpy().astype(np.int64) + before
        before = int(number[-1]) + 1 if len(number) else 0
        ids.append(number)
    entries = pl.concat(pieces)
    rows = np.concatenate(ids)
    starts = np.append(np.flatnonzero(np.diff(rows, prepend=-1)), len(rows))
    return System(
        starts=starts,
        columns=entries["unknown"].to_numpy(),
        weights=entries["weight"].to_numpy(),
        lower=entries["at_least"].to_numpy()[starts[:-1]],
        upper=entries["at_most"].to_numpy()[starts[:-1]],
        is_whole=np.asarray(is_whole),
        curves=curves,
    )


def rows(pairs: pl.DataFrame, at_least: float | pl.Expr, at_most: float | pl.Expr) -> pl.DataFrame:
    """Rows `sum of members - whole` between two numbers, of `group`, `whole` and `member`.

    With a `weight`, each member counts so much.
    """
    if "weight" not in pairs.columns:
        pairs = pairs.with_columns(weight=1.0)
    pairs = pairs.with_columns(
        one.alias(name) if isinstance(one, pl.Expr) else pl.lit(one).alias(name)
        for name, one in (("at_least", at_least), ("at_most", at_most))
    )
    members = pairs.select("at_least", "at_most", "weight", row="group", unknown="member")
    wholes = pairs.unique("group").select(
        "at_least", "at_most", pl.lit(-1.0).alias("weight"), row="group", unknown="whole"
    )
    return pl.concat([members, wholes])


def sums(pairs: pl.DataFrame, is_complete: pl.Expr) -> pl.DataFrame:
    """The whole is the sum of its members, or more where they are not all."""
    return rows(pairs, pl.when(is_complete).then(0.0).otherwise(-ENDLESS), 0.0)


def each_below(pairs: pl.DataFrame) -> pl.DataFrame:
    """A row for each pair: the member is at most the whole."""
    return rows(pairs.drop("group").with_row_index("group"), -ENDLESS, 0.0)


def union(pairs: pl.DataFrame, is_complete: pl.Expr) -> Iterator[pl.DataFrame]:
    """Each member is at most the whole, which is at most all of them, if they are all."""
    yield each_below(pairs)
    yield rows(pairs.filter(is_complete), 0.0, ENDLESS)


def categories(found: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Of every characteristic, the categories and their total."""
    key = ["indicator", "part", "scope", "period"]
    totals = found.filter(pl.col("breakdown") == ALL).select(*key, whole="unknown")
    pairs = (
        found.filter((pl.col("breakdown") != ALL) & ~pl.col("category").is_in(MINORS))
        .select(*key, "breakdown", member="unknown")
        .join(totals, on=key)
        .with_columns(group=pl.struct("whole", "breakdown").rank("dense"))
    )
    several = [(name, by) for name, one in COUNTS.items() for by in one.union_by]
    unions = pl.DataFrame(several, ["indicator", "breakdown"], orient="row")
    same = ["indicator", "breakdown"]
    yield from union(pairs.join(unions, on=same, how="semi"), pl.lit(True))
    is_all = ~pl.col("breakdown").is_in(NOT_ALL_CATEGORIES)
    yield sums(pairs.join(unions, on=same, how="anti"), is_all)


def places(found: pl.DataFrame, members: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Of every territory, its places; `counted` says whether who comes to two counts twice."""
    key = ["indicator", "part", "period", "breakdown", "category"]
    at_places = found.filter(pl.col("level") == PLACE).select(*key, place="scope", member="unknown")
    twice = (pl.col("counted") == "par_lieu").fill_null(False)
    kind, is_total = pl.col("over_places"), pl.col("breakdown") == ALL
    pairs = (
        found.filter((pl.col("level") != PLACE) & ~pl.col("is_partial"))
        .select(*key, "scope", "counted", "over_places", whole="unknown")
        .join(members.with_columns(expected=pl.len().over("scope")), on="scope")
        .join(at_places, on=[*key, "place"])
        .with_columns(
            group="whole",
            is_complete=pl.len().over("whole") == pl.col("expected"),
            is_sum=(kind == "sum") | (kind.is_in(OF_PEOPLE) & twice),
            is_union=(kind == "union") | ((kind == "people") & ~twice & is_total),
        )
    )
    yield sums(pairs.filter("is_sum"), pl.col("is_complete"))
    yield from union(pairs.filter("is_union"), pl.col("is_complete"))


def times(found: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Of every period, the finer ones within it."""
    key = ["indicator", "part", "scope", "breakdown", "category"]
    finer = found.select(*key, inner="period", member="unknown")
    pairs = (
        found.filter(pl.col("over_time") != "")
        .select(*key, "period", "over_time", whole="unknown")
        .join(periods_within(found), on="period")
        .join(finer, on=[*key, "inner"])
        .with_columns(group=pl.struct("whole", "finer").rank("dense"))
        .with_columns(is_complete=pl.col("fills") & (pl.len().over("group") == pl.col("number")))
    )
    kind, is_complete = pl.col("over_time"), pl.col("is_complete")
    yield sums(pairs.filter(kind == "sum"), is_complete)
    # what is known of somebody may be other in the next month: of all together alone
    of_all = pairs.filter(pl.col("breakdown") == ALL)
    yield from union(of_all.filter(kind == "union"), is_complete)
    yield each_below(of_all.filter(kind == "rise"))
    yield rows(pairs.filter((kind == "last") & pl.col("ends")), 0.0, 0.0)
    yield rows(pairs.filter((kind == "mean") & is_complete).with_columns(weight="share"), 0.0, 0.0)


def quotients(found: pl.DataFrame, values: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Numerators are at most their denominators, and in the drawn proportion to them."""
    key = ["indicator", "scope", "period", "breakdown", "category"]
    numerators = found.filter(pl.col("part") == "numerator").select(*key, numerator="unknown")
    pairs = (
        found.filter(pl.col("part") == "denominator")
        .select(*key, denominator="unknown")
        .join(numerators, on=key)
        .join(values.select(*key, "least", "most"), on=key, how="left")
    )
    scale = pl.col("indicator").replace_strict(TIES, default=1.0, return_dtype=pl.Float64)
    pairs = pairs.with_columns(least=pl.col("least") / scale, most=pl.col("most") / scale)
    among = pairs.filter(~pl.col("indicator").is_in([*TIES]))
    yield proportion(among, pl.lit(1.0), at_least=-ENDLESS, at_most=0.0)
    drawn = pairs.filter(pl.col("least").is_not_null())
    yield proportion(drawn, pl.col("least"), at_least=0.0, at_most=ENDLESS)
    ended = drawn.filter(pl.col("most").is_finite())
    yield proportion(ended, pl.col("most"), at_least=-ENDLESS, at_most=0.0)


def proportion(
    pairs: pl.DataFrame, share: pl.Expr, at_least: float, at_most: float
) -> pl.DataFrame:
    """Rows `numerator - share * denominator`, between two numbers."""
    numbered = pairs.with_row_index("row").with_columns(
        at_least=pl.lit(at_least), at_most=pl.lit(at_most)
    )
    above = numbered.with_columns(unknown="numerator", weight=pl.lit(1.0))
    below = numbered.with_columns(unknown="denominator", weight=-share).filter(
        pl.col("weight") != 0
    )
    return pl.concat([above.select(ENTRIES), below.select(ENTRIES)])


def related_rows(found: pl.DataFrame, related: Related) -> Iterator[pl.DataFrame]:
    """One relation between indicators, wherever all its unknowns are."""
    for breakdown in related.by or (None,):
        joined: pl.DataFrame | None = None
        key = ["scope", "period"] if breakdown is None else ["scope", "period", "category"]
        for number, term in enumerate(related.terms):
            own = found.filter(
                (pl.col("indicator") == term.indicator)
                & (pl.col("part") == term.part)
                & (pl.col("breakdown") == (breakdown or term.breakdown))
            )
            if breakdown is None:
                own = own.filter(pl.col("category") == term.category)
            own = own.select(*key, pl.col("unknown").alias(str(number)))
            joined = own if joined is None else joined.join(own, on=key)
        assert joined is not None
        numbered = joined.with_row_index("row").with_columns(
            at_least=pl.lit(0.0 if related.is_equal else -ENDLESS), at_most=pl.lit(0.0)
        )
        yield pl.concat(
            numbered.with_columns(unknown=str(number), weight=pl.lit(term.weight)).select(ENTRIES)
            for number, term in enumerate(related.terms)
        )
