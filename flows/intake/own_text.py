"""The source's own cells under the contract's names: its words as codes, and nothing as nothing."""

import unicodedata
from typing import Any

import polars as pl

from flows.intake.one_cell import OF_A_DAY, together, with_year
from flows.intake.read_times import tidy
from flows.nothing import NO_DAY, NOTHING
from flows.records import ROW_NUMBER
from flows.sources import Source
from schemas import CONTRACTS, Record
from schemas.record import codes_of, stored_columns

NEVER_EMPTY = ("record_id", "activity_id")
"""An identifier is one as it stands, or is refused."""
LONGEST_NOTHING = max(len(word.encode()) for word in NOTHING)
"""Bytes, of which its capitals take as many."""


def own_text(page: pl.DataFrame, source: Source, ways: dict[str, str]) -> pl.DataFrame:
    """The source's own cells under the contract's names, tidy, its words replaced by codes."""
    columns = stored_columns(CONTRACTS[source.feed])
    cells = []
    for name, headers in source.columns.items():
        cell = (
            page[headers]
            if isinstance(headers, str)
            else together(page, headers, columns[name], ways.get(name, ""))
        )
        if source.year and columns[name].metadata["kind"] in OF_A_DAY:
            cell = with_year(cell, source.year)
        words = words_of(name, columns[name], source)
        cells.append((coded(cell, words) if words else tidy(cell)).alias(name))
    text = pl.DataFrame(cells)
    if "record_id" not in source.columns:
        position = pl.concat_str(pl.lit("row-"), pl.col(ROW_NUMBER).cast(pl.String))
        text = text.with_columns(page.select(position.alias("record_id")).to_series())
    return text


def words_of(name: str, column: Any, source: Source) -> dict[str, str]:
    """Word of the source, in lower case → code of the contract."""
    words = {code.lower(): code for code in codes_of(column)}
    return words | {plain_word(w): code for w, code in source.values.get(name, {}).items()}


def says_nothing(word: str, column: Any) -> bool:
    """Is this what people write into an optional cell of which they know nothing?"""
    return column.nullable and plain_word(word) in NOTHING


def without_nothing(
    text: pl.DataFrame, contract: type[Record]
) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """Optional cells that say that nothing is known are empty; and of each column, which were."""
    emptied = {}
    for name, column in stored_columns(contract).items():
        if name not in text.columns or not column.nullable or name in NEVER_EMPTY:
            continue
        says_nothing = are_nothing(text[name])
        if column.metadata["kind"] in OF_A_DAY:
            says_nothing |= text[name].str.contains(NO_DAY)
        if says_nothing.any():
            emptied[name] = says_nothing.fill_null(False)
    return text.with_columns(
        text[name].set(nothing, None).alias(name) for name, nothing in emptied.items()
    ), emptied


def are_nothing(cells: pl.Series) -> pl.Series:
    """Which cells are a word for nothing, whatever its case: only what is so short is looked at."""
    seen = cells.filter(cells.str.len_bytes() <= LONGEST_NOTHING).unique()
    words = seen.filter(seen.str.to_lowercase().is_in(list(NOTHING)))
    if words.is_empty():
        return pl.Series([False]).new_from_index(0, len(cells))
    return cells.is_in(words.implode()).fill_null(False)


def coded(cells: pl.Series, words: dict[str, str]) -> pl.Series:
    """The code that each word stands for, whatever its case and spaces; else the word, tidy."""
    seen = cells.drop_nulls().unique()
    codes = [words.get(plain_word(word), word) for word in seen]
    return cells.replace_strict(seen, tidy(pl.Series(codes, dtype=pl.String)), default=None)


def plain_word(word: str) -> str:
    """A word without what differs between keyboards: a Mac writes é as two characters."""
    return unicodedata.normalize("NFC", " ".join(word.split())).lower()
