"""The first rows of a file that nobody has described yet, as text; no header is known."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import polars as pl

from flows.connectors._layout import SEPARATORS
from flows.connectors._looks import first_column_of, merged_downwards, seen_in
from flows.connectors._objects import NO_OBJECT, flatten, objects_of
from flows.connectors._table import LONE_HOUR, MIDNIGHT
from flows.connectors._text import object_blocks, text_blocks
from flows.connectors._workbook import (
    archive_of,
    cannot_be_opened,
    first_sheet,
    refuse_far_cells,
    refuse_unsafe,
)
from flows.errors import BatchRefused
from flows.language import _
from flows.payroll import refuse_payroll_file

MOST_ROWS = 5000


@dataclass(frozen=True)
class Grid:
    """Rows of text as they stand in one sheet, the first one in row 1; `sheet` may be empty."""

    sheet: str
    rows: list[list[str]]
    first_column: int = 1
    """The number of the first column that has a value."""
    merged: frozenset[tuple[int, int]] = frozenset()
    """Row and column, from 1, of the cells that are merged with those below."""


def peek(file: Path) -> list[Grid]:
    """One grid a sheet; objects of JSON lines get their keys as the first row.

    Raises BatchRefused for a format that is not read, or a file that cannot be, or may not.
    """
    refuse_payroll_file(file, file.name)
    suffix = file.suffix.lower()
    try:
        if suffix in (".csv", ".txt", ".tsv"):
            return [Grid("", delimited_rows(first_lines(file)))]
        if suffix in (".jsonl", ".ndjson"):
            lines = (line for line in first_lines(file) if line.strip())
            return [Grid("", object_rows(flatten(json.loads(line)) for line in lines))]
        if suffix == ".json":
            with file.open("rb") as stream:
                objects = objects_of(object_blocks(stream, file.name), file.name)
                return [Grid("", object_rows(islice(objects, MOST_ROWS)))]
        if suffix in (".xlsx", ".ods"):
            return sheets(file)
    except (*NO_OBJECT, csv.Error, OSError) as fault:
        raise BatchRefused(
            _("the file cannot be read"), where=file.name, remedy=_("export it again")
        ) from fault
    raise BatchRefused(
        _("the format {suffix!r} is not looked at").format(suffix=file.suffix),
        where=file.name,
        remedy=_("give a CSV, XLSX, ODS or JSON file"),
    )


def first_lines(file: Path) -> list[str]:
    with file.open("rb") as stream:
        return next(text_blocks(stream), "").split("\n")[:MOST_ROWS]


def delimited_rows(lines: list[str]) -> list[list[str]]:
    """The separator is the one that cuts most lines into most cells."""
    separator = max(SEPARATORS, key=lambda sign: sum(line.count(sign) for line in lines))
    return [next(csv.reader([line], delimiter=separator), []) for line in lines]


def object_rows(objects: Iterable[dict[str, str | None]]) -> list[list[str]]:
    records = list(objects)
    headers = list(dict.fromkeys(key for record in records for key in record))
    return [headers, *([record.get(key) or "" for key in headers] for record in records)]


def sheets(file: Path) -> list[Grid]:
    import fastexcel

    content = file.read_bytes()
    refuse_unsafe(content, file.name)
    try:
        workbook = fastexcel.read_excel(content)
        first_sheet(workbook.sheet_names, file.name)
        for name in workbook.sheet_names:
            refuse_far_cells(content, file.name, name)
        return [grid_of(workbook, name, content) for name in workbook.sheet_names]
    except fastexcel.FastExcelError as fault:
        raise cannot_be_opened(file.name) from fault


def grid_of(workbook: Any, name: str, content: bytes) -> Grid:
    """One sheet with the cells that the reader tells otherwise than a person sees them."""
    cells = workbook.load_sheet(
        name, header_row=None, skip_rows=0, dtypes="string", n_rows=MOST_ROWS
    ).to_polars()
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return Grid(name, text_rows(cells))
    with archive_of(content, name) as archive:
        seen, first = seen_in(archive, name), first_column_of(archive, name)
        merged = merged_downwards(archive, name)
    for (row, column), text in seen.cells.items():
        at = column - first
        if row <= len(cells) and 0 <= at < cells.width:
            cells[row - 1, at] = text
    return Grid(name, text_rows(cells), first, frozenset(merged))


def text_rows(cells: pl.DataFrame) -> list[list[str]]:
    if cells.is_empty():
        return []
    plain = cells.select(pl.all().str.replace(*LONE_HOUR).str.replace(*MIDNIGHT).fill_null(""))
    return [list(row) for row in plain.iter_rows()]
