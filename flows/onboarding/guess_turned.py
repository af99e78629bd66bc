"""A table that is turned, of which nobody has said what its columns are; and looks at its cells."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from flows.connectors._shape import turned
from flows.intake.cast import read_integer
from flows.intake.read_times import tidy
from flows.onboarding.header_words import MISSING_WORDS
from flows.records import ROW_NUMBER, Page
from flows.shape import Year
from flows.sources import Source
from schemas import FEEDS
from schemas.codes import TRUE_WORDS

MOSTLY = 0.6


@dataclass
class Turned:
    """The columns of a table after it was turned, and the keys of the TOML that turn it."""

    columns: dict[str, pl.Series]
    keys: dict[str, Any] = field(default_factory=dict)
    day: list[str] = field(default_factory=list)
    """The columns that are one day together."""
    sums: list[str] = field(default_factory=list)
    """The columns that count people, to be added up."""
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    year: Year | None = None
    """With which days without a year were recognised."""
    remarks: list[str] = field(default_factory=list)
    """What a person may want to know."""
    questions: list[str] = field(default_factory=list)
    """Lines of the TOML that only a person can complete."""

    @property
    def frame(self) -> pl.DataFrame:
        return pl.DataFrame([cells.alias(name) for name, cells in self.columns.items()])


def apply(table: Turned, **keys: Any) -> None:
    """Turn the table as these keys of a source say."""
    source = Source.model_validate(
        {"id": "x", "feed": next(iter(FEEDS)), "connector": "file", "rhythm": "weekly",
         "coverage": "days", **keys}
    )  # fmt: skip
    rows = table.frame.with_columns(pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias(ROW_NUMBER))
    page = turned(Page(rows, len(rows)), source, [*table.columns])
    rows = page.rows.drop(ROW_NUMBER)
    table.columns = {name: tidy(rows[name]) for name in rows.columns}
    table.keys |= keys


def free_name(table: Turned, name: str) -> str:
    return name if name not in table.columns else f"{name} (colonne)"


def is_crosses(cells: pl.Series) -> bool:
    said = cells.drop_nulls().str.to_lowercase()
    return not said.is_empty() and bool(said.is_in(list(TRUE_WORDS)).all())


def is_marks(cells: pl.Series) -> bool:
    """Crosses, or numbers."""
    return is_crosses(cells) or is_number(cells)


def is_number(cells: pl.Series) -> bool:
    """Whole numbers, but for words that say nothing, and a few others."""
    said = cells.drop_nulls()
    said = said.filter(~said.str.to_lowercase().is_in(list(MISSING_WORDS)))
    numbers = read_integer(said).is_not_null()
    return bool(numbers.all() if len(said) == 1 else mean(numbers) > MOSTLY) and bool(len(said))


def share(cells: pl.Series, pattern: str) -> float:
    return mean(cells.drop_nulls().str.contains(pattern))


def mean(truths: Iterable[bool]) -> float:
    found = [*truths]
    return sum(found) / len(found) if found else 0.0
