"""Tables of cells, and the bytes of the formats in which tools hand them over."""

import codecs
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import xlsxwriter

from flows.connectors._journal import recorded
from flows.samples.ods import ods_bytes
from flows.samples.seasons import SAMPLES_AS_OF

TITLE = "Données synthétiques – démonstration"
WRITTEN_AT = datetime(2026, 11, 1, 2, 0)

Cell = str | int | float | date | None
Row = list[Cell]


class Verbatim(str):
    """A cell that a delimited file gets as it is, even where quotes would be needed."""


@dataclass
class Table:
    """Rows under a header; `faults` names the rows that were spoilt on purpose."""

    header: list[str]
    rows: list[Row]
    faults: list[tuple[Row, str]] = field(default_factory=list)

    def position(self, column: str) -> int:
        return self.header.index(column)


@dataclass(frozen=True)
class Export:
    """One file: where it goes in the target folder, what it holds, which lines are faulty."""

    path: str
    content: bytes
    rows: int
    faults: list[tuple[int, str]]


def export(path: str, table: Table, content: bytes, lines_above: int) -> Export:
    """`lines_above` is what stands before the first row: titles and header."""
    line_of = {id(row): number for number, row in enumerate(table.rows, start=lines_above + 1)}
    faults = sorted((line_of[id(row)], kind) for row, kind in table.faults)
    return Export(path, content, len(table.rows), faults)


def delimited(path: str, table: Table, separator: str, encoding: str) -> Export:
    """A title line, a header line and rows, as French tools export them."""
    body = (line_text(row, separator) for row in table.rows)
    text = "\r\n".join([TITLE, separator.join(table.header), *body, ""])
    mark = codecs.BOM_UTF16_LE if encoding == "utf-16-le" else b""
    return export(path, table, mark + text.encode(encoding), lines_above=2)


def line_text(row: Row, separator: str) -> str:
    """Cells between separators, quoted where they have to be."""
    line = separator.join(["" if cell is None else str(cell) for cell in row])
    if '"' not in line and line.count(separator) == len(row) - 1:
        return line
    return separator.join(cell_text(cell, separator) for cell in row)


def cell_text(cell: Cell, separator: str) -> str:
    text = "" if cell is None else str(cell)
    if isinstance(cell, Verbatim) or not (separator in text or '"' in text):
        return text
    return '"' + text.replace('"', '""') + '"'


def nested(header: Sequence[str], row: Row) -> dict[str, Any]:
    """A row as an object; a header such as `user.email` becomes an object in the object."""
    record: dict[str, Any] = {}
    for name, cell in zip(header, row, strict=True):
        *parents, leaf = name.split(".")
        target = record
        for parent in parents:
            target = target.setdefault(parent, {})
        target[leaf] = cell
    return record


def pages(path: str, table: Table, answers: Sequence[tuple[str, dict[str, Any]]]) -> Export:
    """Path and answer of a system as they would have landed; rows are counted through all."""
    bodies = [
        (asked, json.dumps({"synthetic": TITLE, **body}, ensure_ascii=False).encode())
        for asked, body in answers
    ]
    return export(path, table, recorded(*bodies, as_of=SAMPLES_AS_OF), lines_above=0)


def workbook(path: str, table: Table, sheet: str, subtitles: Sequence[str] = ()) -> Export:
    """An XLSX file with typed cells, a title row above the header and fixed properties."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"title": TITLE, "comments": TITLE, "created": WRITTEN_AT})
        page = book.add_worksheet(sheet)
        formats = {
            datetime: book.add_format({"num_format": "dd/mm/yyyy hh:mm"}),
            date: book.add_format({"num_format": "dd/mm/yyyy"}),
        }
        titles: list[Row] = [[text] for text in (TITLE, *subtitles)]
        above = [*titles, list[Cell](table.header)]
        for line, row in enumerate(above + table.rows):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    page.write_datetime(line, column, cell, formats[type(cell)])
                elif isinstance(cell, str):
                    page.write_string(line, column, cell)
                elif cell is not None:
                    page.write_number(line, column, cell)
    return export(path, table, target.getvalue(), lines_above=len(above))


def open_document(path: str, table: Table, sheet: str) -> Export:
    """An ODS file with typed cells and a title row above the header."""
    rows: list[Row] = [[TITLE], list[Cell](table.header), *table.rows]
    return export(path, table, ods_bytes(rows, sheet, TITLE, WRITTEN_AT), lines_above=2)
