"""Which periods lie in which, and which of them fill it: months, quarters, years, conventions."""

import polars as pl

ORDER = {"mois": 0, "trimestre": 1, "annee": 2, "convention": 3}


def periods_within(found: pl.DataFrame) -> pl.DataFrame:
    """One row a `period` and an `inner` one of a `finer` length.

    `number`: how many of that length there are in it; `fills`: are they all of it, from the first
    day on of which anything is known; `ends`: do both end together; `share`: of its days.
    """
    order = pl.col("length").replace_strict(ORDER, return_dtype=pl.Int64)
    periods = found.select("period", "length", "first", "last", order=order).unique("period")
    pairs = periods.join(periods, how="cross", suffix="_inner").filter(
        (pl.col("order_inner") < pl.col("order"))
        & (pl.col("first_inner") >= pl.col("first"))
        & (pl.col("last_inner") <= pl.col("last"))
    )
    begun = pl.max_horizontal("first", pl.lit(periods["first"].min()).first())
    days = (pl.col("last_inner") - pl.col("first_inner")).dt.total_days() + 1
    own_days = (pl.col("last") - begun).dt.total_days() + 1
    group = ["period", "length_inner"]
    return pairs.select(
        "period",
        inner="period_inner",
        finer="length_inner",
        number=pl.len().over(group),
        fills=days.sum().over(group) == own_days,
        ends=pl.col("last") == pl.col("last_inner"),
        share=days / own_days,
    )
