"""Delimited text, line by line, so that a broken line never takes its neighbours with it.

A line without a quote is a record as soon as it has the right number of separators: it is split
by polars. Only lines with a quote go through Python's `csv`, alone or joined to the next lines
that close the quote.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

import polars as pl

from flows.connectors._headers import check_headers, clean_header
from flows.connectors._text import UNREADABLE, text_blocks
from flows.errors import BatchRefused
from flows.places import Source
from flows.records import ROW_NUMBER, Broken, Page

SEPARATORS = (";", ",", "\t")
LONGEST_RECORD_LINES = 20
TOTAL_ROW = r'(?i)^[\s;,\t"]*(?:sous[ -]?)?tota(?:l|ux)\b'
BLANK_ROW = r'^[\s;,\t"]*$'


@dataclass(frozen=True)
class Layout:
    """What the header line says: separator, headers in order, and which of them are mapped."""

    separator: str
    headers: list[str]
    wanted: list[str]
    line: str

    def positions(self) -> dict[str, int]:
        return {header: self.headers.index(header) for header in self.wanted}


@dataclass
class Lines:
    """A run of lines and the number of the first one."""

    first: int
    texts: list[str]
    held: list[str] = field(default_factory=list)


def parse_csv(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """Pages of a delimited file; raises BatchRefused when the header line is not as mapped."""
    layout: Layout | None = None
    held: list[str] = []
    number = 1
    for block in text_blocks(stream):
        lines = held + block.split("\n")
        if layout is None:
            if len(lines) < source.header_row:
                held = lines
                continue
            layout = read_layout(lines[source.header_row - 1], name, source)
            lines = lines[source.header_row :]
            number += source.header_row
        lines, held = hold_open_record(lines)
        yield page(Lines(number, lines), layout)
        number += len(lines)
    if layout is None:
        raise BatchRefused(
            f"there is no header in row {source.header_row}",
            where=name,
            remedy="check that the file is complete, or header_row in the TOML",
        )
    if held:
        yield page(Lines(number, held), layout)


def read_layout(line: str, name: str, source: Source) -> Layout:
    """The separator is the one that gives most of the mapped headers."""
    wanted = set(source.wanted_headers())
    rows = {
        separator: [clean_header(cell) for cell in next(csv.reader([line], delimiter=separator))]
        for separator in SEPARATORS
    }
    separator = max(SEPARATORS, key=lambda s: (len(wanted & set(rows[s])), len(rows[s])))
    headers = rows[separator]
    return Layout(separator, headers, check_headers(headers, name, source), line.strip())


def hold_open_record(lines: list[str]) -> tuple[list[str], list[str]]:
    """Keep back the last lines of a block when a quoted field may go on in the next one."""
    for back, line in enumerate(reversed(lines[-LONGEST_RECORD_LINES:]), start=1):
        if line.count('"') % 2:
            return lines[:-back], lines[-back:]
    return lines, []


def page(lines: Lines, layout: Layout) -> Page:
    """Split one run of lines into rows, broken rows and blanks."""
    text = pl.Series("line", lines.texts, dtype=pl.String)
    numbered = pl.DataFrame(
        {ROW_NUMBER: pl.arange(lines.first, lines.first + len(text), eager=True), "line": text}
    )
    line = pl.col("line")
    kind = numbered.select(
        pl.when(line.str.contains(BLANK_ROW))
        .then(pl.lit("blank"))
        .when(line.str.contains(UNREADABLE, literal=True))
        .then(pl.lit("unreadable_characters"))
        .when(line.str.strip_chars() == layout.line)
        .then(pl.lit("repeated_header"))
        .when(line.str.contains(TOTAL_ROW))
        .then(pl.lit("total_row"))
        .when(line.str.contains('"', literal=True))
        .then(pl.lit("quoted"))
        .when(line.str.count_matches(layout.separator, literal=True) == len(layout.headers) - 1)
        .then(pl.lit("plain"))
        .otherwise(pl.lit("ragged_line"))
    ).to_series()
    plain = plain_rows(numbered.filter(kind == "plain"), layout)
    quoted = quoted_rows(numbered.with_columns(kind.alias("kind")), layout)
    consumed = set(quoted.continuations)
    broken = [
        Broken(number, rule, content)
        for number, content, rule in numbered.with_columns(kind.alias("kind"))
        .filter(~kind.is_in(["blank", "plain", "quoted"]))
        .iter_rows()
        if number not in consumed
    ]
    if consumed:
        plain = plain.filter(~pl.col(ROW_NUMBER).is_in(list(consumed)))
    ignored = sum(
        1 for number in numbered.filter(kind == "blank")[ROW_NUMBER] if number not in consumed
    )
    rows = pl.concat([plain, quoted.rows]) if len(quoted.rows) else plain
    return Page(
        rows=rows,
        records=len(text) - len(consumed),
        broken=broken + quoted.broken,
        ignored=ignored,
    )


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


@dataclass(frozen=True)
class Quoted:
    """Rows that needed a real CSV reader; `continuations` are lines eaten by a quoted field."""

    rows: pl.DataFrame
    broken: list[Broken]
    continuations: list[int]


def quoted_rows(numbered: pl.DataFrame, layout: Layout) -> Quoted:
    """Read each line that has a quote, joined to those that close it where they exist."""
    rows: list[list[str | int]] = []
    broken: list[Broken] = []
    continuations: list[int] = []
    positions = list(layout.positions().values())
    suspects = numbered.filter(pl.col("kind") == "quoted")
    if len(suspects):
        texts, kinds = numbered["line"].to_list(), numbered["kind"].to_list()
        first = numbered[ROW_NUMBER][0]
        done = 0
        for number in suspects[ROW_NUMBER]:
            if number < done:
                continue
            cells, length, rule = read_record(texts, kinds, number - first, layout)
            if cells is None:
                broken.append(Broken(number, rule, texts[number - first]))
                continue
            rows.append([number, *(cells[position] for position in positions)])
            continuations.extend(range(number + 1, number + length))
            done = number + length
    schema = {ROW_NUMBER: pl.Int64, **{header: pl.String for header in layout.positions()}}
    return Quoted(pl.DataFrame(rows, schema=schema, orient="row"), broken, continuations)


def read_record(
    texts: list[str], kinds: list[str], start: int, layout: Layout
) -> tuple[list[str] | None, int, str]:
    """Cells, number of lines and, when unreadable, the rule that the record breaks."""
    text = texts[start]
    end = start
    if text.count('"') % 2:
        for candidate in range(start + 1, min(start + LONGEST_RECORD_LINES, len(texts))):
            if kinds[candidate] == "plain":  # a complete row of its own: the quote was never closed
                return None, 1, "unclosed_quote"
            if texts[candidate].count('"') % 2:
                end = candidate
                break
        else:
            return None, 1, "unclosed_quote"
        text = "\n".join(texts[start : end + 1])
    try:
        cells = text.splitlines(keepends=True)
        records = list(csv.reader(cells, delimiter=layout.separator, strict=True))
    except csv.Error:
        return None, 1, "unclosed_quote"
    if len(records) != 1 or len(records[0]) != len(layout.headers):
        return None, 1, "unclosed_quote" if end > start else "ragged_line"
    return records[0], end - start + 1, ""
