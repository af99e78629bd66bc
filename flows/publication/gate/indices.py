"""What an index says of the counts that it is made from, by their squares or logarithms.

With n people of category c and k in all of known category, Blau's index is 1 - sum(n²) / k² and
Shannon's entropy is ln k - sum(n ln n) / k: both are linear in these curves.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl

from flows.publication.gate.cells import ALL, MINORS, MINORS_TOGETHER
from flows.publication.gate.known import INDICES, UNKNOWN
from flows.publication.gate.relations import ENDLESS, ENTRIES
from flows.publication.gate.system import Curve, Places

LARGEST = {"square": 1 - 1 / 4, "logarithm": float(np.log(7))}
"""Of four statuses and of seven age bands: an index is divided by it, so that its largest is 1."""


def index_rows(
    found: pl.DataFrame, values: pl.DataFrame
) -> tuple[int, list[Curve], list[pl.DataFrame]]:
    """How many unknowns come after those that are found, their curves, and all rows of them."""
    first, curves, frames = len(found), [], []
    for index, (breakdown, kind) in INDICES.items():
        shown = values.filter((pl.col("indicator") == index) & pl.col("least").is_not_null())
        people = found.filter(
            (pl.col("indicator") == "persons_reached") & pl.col("breakdown").is_in([breakdown, ALL])
        )
        cells = people.filter(
            (pl.col("breakdown") == breakdown) & (pl.col("category") != UNKNOWN)
        ).join(shown.select("scope", "period", "least", "most"), on=["scope", "period"])
        if not len(cells):
            continue
        scopes = (
            cells.select("scope", "period", "least", "most")
            .unique(["scope", "period"], maintain_order=True)
            .with_row_index("of")
        )
        cells = cells.select("scope", "period", "category", "unknown").join(
            scopes, on=["scope", "period"]
        )
        if kind == "logarithm":
            frames.append(minors_together(cells))
            cells = cells.filter(pl.col("category") != MINORS_TOGETHER)
        else:
            cells = cells.filter(~pl.col("category").is_in(MINORS))
        known = first + np.arange(len(scopes))
        curved_known = known + len(scopes)
        curved = first + 2 * len(scopes) + np.arange(len(cells))
        first = int(curved[-1]) + 1
        of_cells: Places = cells["unknown"].to_numpy().astype(np.int64)
        curves += [Curve(kind, of_cells, curved), Curve(kind, known, curved_known)]
        cells = cells.with_columns(curved=curved)
        scopes = scopes.with_columns(known=known, curved_known=curved_known)
        rest = people.filter((pl.col("breakdown") == ALL) | (pl.col("category") == UNKNOWN)).join(
            scopes, on=["scope", "period"]
        )
        frames += [together(cells, scopes), all_but_unknown(rest, scopes)]
        frames += spread_of(cells, scopes, kind)
    return first - len(found), curves, frames


def entries(frame: pl.DataFrame, row: str, unknown: str, weight: pl.Expr | float) -> pl.DataFrame:
    weighed = weight if isinstance(weight, pl.Expr) else pl.lit(weight)
    return frame.select(
        row=pl.col(row).cast(pl.Int64), unknown=pl.col(unknown).cast(pl.Int64), weight=weighed
    )


def between(at_least: float, at_most: float, *frames: pl.DataFrame) -> pl.DataFrame:
    return (
        pl.concat(frames)
        .with_columns(at_least=pl.lit(at_least), at_most=pl.lit(at_most))
        .select(ENTRIES)
    )


def minors_together(cells: pl.DataFrame) -> pl.DataFrame:
    """The two bands below 18 are the one that is published."""
    return between(
        0.0, 0.0,
        entries(cells.filter(pl.col("category").is_in(MINORS)), "of", "unknown", 1.0),
        entries(cells.filter(pl.col("category") == MINORS_TOGETHER), "of", "unknown", -1.0),
    )  # fmt: skip


def together(cells: pl.DataFrame, scopes: pl.DataFrame) -> pl.DataFrame:
    """All of known category."""
    return between(
        0.0, 0.0, entries(cells, "of", "unknown", 1.0), entries(scopes, "of", "known", -1.0)
    )


def all_but_unknown(rest: pl.DataFrame, scopes: pl.DataFrame) -> pl.DataFrame:
    """The total is who is known and who is not, where both are unknowns."""
    whole = rest.filter(pl.len().over("of") == 2)
    known = scopes.filter(pl.col("of").is_in(whole["of"].implode()))
    return between(
        0.0, 0.0,
        entries(known, "of", "known", 1.0),
        entries(whole.filter(pl.col("breakdown") != ALL), "of", "unknown", 1.0),
        entries(whole.filter(pl.col("breakdown") == ALL), "of", "unknown", -1.0),
    )  # fmt: skip


def spread_of(cells: pl.DataFrame, scopes: pl.DataFrame, kind: str) -> Iterator[pl.DataFrame]:
    """The two rows that the bounds of an index give."""
    largest = LARGEST[kind]
    for bound, at_least, at_most in (("least", -ENDLESS, 0.0), ("most", 0.0, ENDLESS)):
        index = pl.col(bound) * largest
        if kind == "square":  # sum(n²) - (1 - index) k²
            yield between(
                at_least, at_most,
                entries(cells, "of", "curved", 1.0),
                entries(scopes, "of", "curved_known", index - 1),
            )  # fmt: skip
        else:  # sum(n ln n) - k ln k + index k
            yield between(
                at_least, at_most,
                entries(cells, "of", "curved", 1.0),
                entries(scopes, "of", "curved_known", -1.0),
                entries(scopes, "of", "known", index),
            )  # fmt: skip
