"""What the cells of one column look like, and how many of them its kind would understand."""

from collections.abc import Callable
from typing import Any

import polars as pl

from flows.intake.cast import READERS, is_clock
from flows.intake.read_times import read_instants
from flows.onboarding.guess_words import known_words
from schemas import CONTRACTS
from schemas.fields import DIRECT_IDENTIFIER, IDENTIFIER
from schemas.record import codes_of, stored_columns

MOST_WORDS_OF_A_LIST = 60
LEAST_SHARE_READ = 0.5


def share_read(target: str, cells: pl.Series, feed: str, header: str = "") -> float:
    """The share of the filled cells that the target's kind understands; none filled, nothing."""
    filled = cells.drop_nulls()
    if filled.is_empty():
        return 0.0
    if target.startswith("identity."):
        fits = IDENTITY_LOOKS[target.removeprefix("identity.")](filled)
    else:
        fits = cell_looks(target, filled, stored_columns(CONTRACTS[feed])[target], header)
    return float(fits.fill_null(False).mean() or 0)  # type: ignore[arg-type]


def cell_looks(target: str, cells: pl.Series, column: Any, header: str) -> pl.Series:
    kind = column.metadata["kind"]
    if kind == "timestamp":
        return read_instants(cells)[0].is_not_null() | is_clock(cells)
    if kind == "identifier":
        is_own = cells.is_unique() if target == "record_id" else pl.Series([True] * len(cells))
        return cells.str.contains(IDENTIFIER) & ~cells.str.contains(DIRECT_IDENTIFIER) & is_own
    if codes := codes_of(column):
        known, words = known_words(target, codes, header), cells.unique()
        if len(words) > MOST_WORDS_OF_A_LIST:
            return pl.Series([False]).new_from_index(0, len(cells))
        understood = [known.understands(word) for word in words]
        return cells.replace_strict(words, pl.Series(understood), return_dtype=pl.Boolean)
    if kind == "code":
        form = next(c.statistics["pattern"] for c in column.checks if c.name == "str_matches")
        return cells.str.contains(str(getattr(form, "pattern", form)))
    looks: pl.Series = READERS[kind](cells).is_not_null()
    return looks


IDENTITY_LOOKS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "email": lambda cells: cells.str.contains(r"^\S+@\S+\.\S+$"),
    "last_name": lambda cells: cells.str.contains(r"^[\p{L}\p{M} .'’-]+$"),
    "first_name": lambda cells: cells.str.contains(r"^[\p{L}\p{M} .'’-]+$"),
    "birth_date": lambda cells: READERS["date"](cells).is_not_null(),
    "source_id": lambda cells: cells.str.contains(r"[0-9]"),
}


def percent(share: float) -> str:
    """Only what fits wholly is 100%."""
    return f"{min(share, 0.99) if share < 1 else share:.0%}"


def is_mostly_clock(cells: pl.Series) -> bool:
    filled = cells.drop_nulls()
    return not filled.is_empty() and bool((is_clock(filled).mean() or 0) > LEAST_SHARE_READ)  # type: ignore[operator]
