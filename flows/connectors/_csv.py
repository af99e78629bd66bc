"""Delimited text, line by line, so that a broken line never takes its neighbours with it.

A block of lines that are all ordinary goes through polars' CSV reader as it is. In other blocks
each line is looked at: without a quote it is a record as soon as it has the right number of
separators. Only lines with a quote go through Python's `csv`, alone or joined to the next lines
that close the quote.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import BinaryIO

import numpy as np
import polars as pl

from flows.connectors._layout import (
    LONGEST_RECORD_LINES,
    NOTHING_BEYOND,
    Layout,
    header_lines,
    read_layout,
)
from flows.connectors._shape import turned
from flows.connectors._text import UNREADABLE, utf8_blocks
from flows.connectors._totals import are_totals, may_have_totals
from flows.errors import BatchRefused
from flows.language import _
from flows.records import ROW_NUMBER, Broken, Page
from flows.sources import Source

BLANK_ROW = r'^[\s;,\t|"]*$'


@dataclass(frozen=True)
class Lines:
    """A run of lines, the number of the first one, and whether the file ends with them."""

    first: int
    texts: list[str]
    is_last: bool


def parse_csv(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """Pages of a delimited file; raises BatchRefused when the header line is not as mapped."""
    layout: Layout | None = None
    held: list[str] = []
    number = 1
    for block in utf8_blocks(stream, name=name):
        if layout is None:
            held += block.decode().split("\n")
            if len(held) < source.last_header_row:
                continue
            rows = header_lines(held, source)
            layout = read_layout(rows, name, source)
            last = source.last_header_row - len(rows) + sum(map(len, rows))
            number += last
            held, body = [], held[last:]
            if not body:
                continue
            block = "\n".join(body).encode()
        ordinary = None if held else ordinary_block(block, number, layout)
        if ordinary is not None:
            yield turned(ordinary, source, layout.headers)
            number += ordinary.records
            continue
        lines = held + block.decode().split("\n")
        read, held = page(Lines(number, lines, is_last=False), layout)
        yield turned(read, source, layout.headers)
        number += len(lines) - len(held)
    if layout is None:
        raise BatchRefused(
            _("there is no header in row {header_row}").format(header_row=source.last_header_row),
            where=name,
            remedy=_("check that the file is complete, or header_row in the TOML"),
        )
    if held:
        read, _held = page(Lines(number, held, is_last=True), layout)
        yield turned(read, source, layout.headers)


def ordinary_block(block: bytes, first: int, layout: Layout) -> Page | None:
    """All lines of a block at once; None when one of them has to be looked at.

    What could be a quote, a total, a header, a blank or a line of another length has to be seen:
    the reader takes a line that is too long as it comes, when it is asked for some columns alone.
    """
    records = lines_with(block, layout.separator, len(layout.headers) - 1)
    if records is None:
        return None
    if any(sign in block for sign in (b'"', layout.line.encode())):
        return None
    if not block.isascii() and UNREADABLE.encode() in block:
        return None
    if may_have_totals(block):
        return None
    try:
        rows = pl.scan_csv(
            block,
            has_header=False,
            schema={str(position): pl.String() for position in range(len(layout.headers))},
            separator=layout.separator,
            quote_char=None,
            empty_string_is_null=False,
            extra_columns="raise",
            missing_columns="raise",
            row_index_name=ROW_NUMBER,
            row_index_offset=first,
        ).select(
            pl.col(ROW_NUMBER).cast(pl.Int64),
            *(pl.col(str(at)).alias(header) for header, at in layout.positions().items()),
        )
        read = rows.collect()
    except (pl.exceptions.ComputeError, pl.exceptions.SchemaError):
        return None
    suspects = read
    for header in layout.wanted:
        suspects = suspects.filter(pl.col(header).str.contains(BLANK_ROW))
    return Page(read, records) if suspects.is_empty() else None


def lines_with(block: bytes, separator: str, in_each: int) -> int | None:
    """How many lines the block has; None where one has not that many separators."""
    codes = np.frombuffer(block, np.uint8)
    ends, signs = np.flatnonzero(codes == ord("\n")), np.flatnonzero(codes == ord(separator))
    lines = len(ends) + 1
    if len(signs) != lines * in_each:
        return None
    before = np.searchsorted(signs, ends)
    return lines if (before == np.arange(1, lines) * in_each).all() else None


def page(lines: Lines, layout: Layout) -> tuple[Page, list[str]]:
    """Rows, broken rows and blanks of a run of lines; and the last lines, to be held back when a
    quoted field may go on after them.
    """
    text = pl.Series("line", lines.texts, dtype=pl.String)
    numbered = pl.DataFrame(
        {ROW_NUMBER: pl.arange(lines.first, lines.first + len(text), eager=True), "line": text}
    )
    line = pl.col("line")
    tailed = int(numbered.select(ends_with_separators(line, layout).sum()).item() or 0)
    layout = replace(layout, has_tail=2 * tailed > len(numbered))
    kind = numbered.select(
        pl.when(line.str.contains(BLANK_ROW))
        .then(pl.lit("blank"))
        .when(line.str.contains(UNREADABLE, literal=True))
        .then(pl.lit("unreadable_characters"))
        .when(line.str.strip_chars() == layout.line)
        .then(pl.lit("repeated_header"))
        .when(pl.lit(are_totals(text, layout.separator)))
        .then(pl.lit("total_row"))
        .when(line.str.contains('"', literal=True))
        .then(pl.lit("quoted"))
        .when(fits(line, layout))
        .then(pl.lit("plain"))
        .otherwise(pl.lit("ragged_line"))
    ).to_series()
    numbered = numbered.with_columns(kind.alias("kind"))
    quoted = quoted_rows(numbered, layout, lines.is_last)
    numbered = numbered.filter(~pl.col(ROW_NUMBER).is_in(quoted.continuations))
    if quoted.open_at is not None:
        numbered = numbered.filter(pl.col(ROW_NUMBER) < quoted.open_at)
    broken = numbered.filter(~pl.col("kind").is_in(["blank", "plain", "quoted"]))
    read = Page(
        rows=pl.concat(
            [plain_rows(numbered.filter(pl.col("kind") == "plain"), layout), quoted.rows]
        ),
        records=len(numbered),
        broken=[Broken(*row) for row in broken.select(ROW_NUMBER, "kind", "line").iter_rows()]
        + quoted.broken,
        ignored=int((numbered["kind"] == "blank").sum()),
    )
    held = [] if quoted.open_at is None else lines.texts[quoted.open_at - lines.first :]
    return read, held


def fits(line: pl.Expr, layout: Layout) -> pl.Expr:
    """As `Layout.fitted`, of lines without a quote."""
    separators = line.str.count_matches(layout.separator, literal=True)
    is_right = separators.is_between(layout.fewest - 1, len(layout.headers) - 1)
    return is_right | ends_with_separators(line, layout) if layout.has_tail else is_right


def ends_with_separators(line: pl.Expr, layout: Layout) -> pl.Expr:
    """Are the cells too many of a line empty?"""
    width, sign = len(layout.headers), re.escape(layout.separator)
    empty = "|".join(map(re.escape, NOTHING_BEYOND))
    beyond = rf"(?:{sign}\s*(?i:{empty})?\s*)+"
    pattern = rf"^(?:[^{sign}]*{sign}){{{width - 1}}}[^{sign}]*{beyond}$"
    return line.str.contains(pattern)


def plain_rows(numbered: pl.DataFrame, layout: Layout) -> pl.DataFrame:
    """Rows without quotes: only the mapped columns are ever taken out of the line."""
    cells = pl.col("line").str.split(layout.separator)
    return (
        numbered.lazy()
        .with_columns(cells.alias("cells"))
        .select(
            pl.col(ROW_NUMBER),
            *(
                pl.col("cells").list.get(position).alias(header)
                for header, position in layout.positions().items()
            ),
        )
        .collect()
    )


@dataclass
class Quoted:
    """Rows that needed a real CSV reader.

    `continuations` are the numbers of lines that belong to the record before them; `open_at` is
    that of a record which may go on after the last line.
    """

    rows: pl.DataFrame
    broken: list[Broken] = field(default_factory=list)
    continuations: list[int] = field(default_factory=list)
    open_at: int | None = None


def quoted_rows(numbered: pl.DataFrame, layout: Layout, is_last: bool) -> Quoted:
    """Read each line that has a quote, joined to those that close it where they exist."""
    schema = {ROW_NUMBER: pl.Int64, **{header: pl.String for header in layout.positions()}}
    quoted = Quoted(pl.DataFrame(schema=schema))
    suspects = numbered.filter(pl.col("kind") == "quoted")[ROW_NUMBER].to_list()
    if not suspects:
        return quoted
    texts, kinds = numbered["line"].to_list(), numbered["kind"].to_list()
    first, done = numbered[ROW_NUMBER][0], 0
    rows: list[list[str | int]] = []
    for number in suspects:
        if number < done:
            continue
        end = closing_line(texts, kinds, number - first)
        if end is None and not is_last and number - first + LONGEST_RECORD_LINES > len(texts):
            quoted.open_at = number
            break
        cells, rule = read_record(texts[number - first : (end or number - first) + 1], layout)
        if end is None or cells is None:
            quoted.broken.append(Broken(number, rule or "unclosed_quote", texts[number - first]))
            continue
        rows.append([number, *(cells[position] for position in layout.positions().values())])
        quoted.continuations.extend(range(number + 1, first + end + 1))
        done = first + end + 1
    quoted.rows = pl.DataFrame(rows, schema=schema, orient="row")
    return quoted


def closing_line(texts: list[str], kinds: list[str], start: int) -> int | None:
    """Where the record that starts here ends; None when its quote is never closed."""
    if texts[start].count('"') % 2 == 0:
        return start
    for candidate in range(start + 1, min(start + LONGEST_RECORD_LINES, len(texts))):
        if kinds[candidate] == "plain":  # a complete row of its own: the quote was left open
            return None
        if texts[candidate].count('"') % 2:
            return candidate
    return None


def read_record(lines: list[str], layout: Layout) -> tuple[list[str] | None, str]:
    """The cells of one record, or the rule that it breaks."""
    try:
        text = [f"{line}\n" for line in lines]
        records = list(csv.reader(text, delimiter=layout.separator, strict=True))
    except csv.Error:
        return None, "unclosed_quote"
    cells = layout.fitted(records[0]) if len(records) == 1 else None
    if cells is None:
        return None, "unclosed_quote" if len(lines) > 1 else "ragged_line"
    return cells, ""
