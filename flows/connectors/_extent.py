"""How far the cells of a workbook reach: a reader unfolds the whole rectangle, empty cells too."""

import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO
from xml.parsers import expat

from flows.errors import BatchRefused
from flows.language import _
from flows.records import letters

MOST_CELLS = 26 * 1_048_576
"""The columns A to Z down to the last row that a spreadsheet has, which no register reaches. The
reader takes 32 bytes for an empty cell, and as many again until it is text: 2 GB in all."""
BLOCK_BYTES = 4_000_000
WIDE = re.compile(rb'r="([A-Z]{2,3})[0-9]')
LOW = re.compile(rb'r="[A-Z]{0,3}([0-9]{6,9})"')
"""Places beyond column Z, and beyond row 99,999."""
ODS_CELL = ("table:table-cell", "table:covered-table-cell")
ODS_CELLS = "content.xml"
XLSX_BOOK, XLSX_PARTS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"

Attributes = dict[str, str]
Started = Callable[[str, Attributes], None]


@dataclass
class Reach:
    """The last row and the last column of a sheet with something in them, counted from 1."""

    sheet: str
    rows: int = 0
    columns: int = 0
    lowest: str = ""
    rightmost: str = ""

    def grow(self, row: int, column: int) -> None:
        if row > self.rows:
            self.rows, self.lowest = row, f"{letters(column)}{row}"
        if column > self.columns:
            self.columns, self.rightmost = column, f"{letters(column)}{row}"

    def refuse_far(self, file: str) -> None:
        """Raises BatchRefused when the rectangle is larger than can be unfolded."""
        if self.rows * self.columns <= MOST_CELLS:
            return
        raise BatchRefused(
            _(
                "cells stand far outside of the table: with {cells}, the sheet would unfold to "
                "{count:.0f} million cells, and {most:.0f} million are read"
            ).format(
                cells=", ".join(dict.fromkeys([self.lowest, self.rightmost])),
                count=self.rows * self.columns / 1e6, most=MOST_CELLS / 1e6,
            ),
            where=_("{file}, sheet {sheet!r}").format(file=file, sheet=self.sheet),
            remedy=_(
                "delete the rows below the table and the columns right of it, save the file, and "
                "deliver it again"
            ),
        )  # fmt: skip


def refuse_far_xlsx_cells(archive: zipfile.ZipFile, name: str, sheet: str) -> None:
    """Raises BatchRefused for a sheet of an XLSX file whose cells reach too far.

    Where each cell says that it stands is what counts: the size that the sheet declares may lie.
    """
    part = xlsx_part(archive, sheet)
    if part in archive.namelist() and may_reach_far(archive, part):
        with archive.open(part) as stream:
            xlsx_reach(stream, sheet).refuse_far(name)


def refuse_far_ods_cells(archive: zipfile.ZipFile, name: str) -> None:
    """The same for all sheets of an ODS file: its reader unfolds them when it opens the file."""
    with archive.open(ODS_CELLS) as stream:
        for reach in ods_reaches(stream):
            reach.refuse_far(name)


def xlsx_part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive that holds a sheet; empty when the archive does not say."""
    ids: dict[str, str] = {}
    targets: dict[str, str] = {}

    def started(tag: str, attributes: Attributes) -> None:
        local = local_names(attributes)
        if tag.endswith("Relationship"):
            targets[local.get("Id", "")] = local.get("Target", "")
        elif tag.endswith("sheet"):
            ids[local.get("name", "")] = local.get("id", "")

    for part in {XLSX_BOOK, XLSX_PARTS}.intersection(archive.namelist()):
        with archive.open(part) as stream:
            walk(stream, started)
    target = targets.get(ids.get(sheet, ""), "").removeprefix("/")
    return target if target.startswith("xl/") else f"xl/{target}"


def may_reach_far(archive: zipfile.ZipFile, part: str) -> bool:
    """A quick look without reading XML: could the cells that are named reach too far?

    Empty cells that have a format are named too, so that a yes has to be looked at again. A cell
    without a name stands beside the one before: it does not reach far.
    """
    wide: set[bytes] = set()
    low: set[bytes] = set()
    for block in blocks(archive, part):
        wide.update(WIDE.findall(block))
        low.update(LOW.findall(block))
    columns = max((column_number(name.decode()) for name in wide), default=26)
    return columns * max(map(int, low), default=99_999) > MOST_CELLS


def blocks(archive: zipfile.ZipFile, part: str) -> Iterator[bytes]:
    """A part of the archive with one kind of quotes, cut between two elements."""
    rest = b""
    with archive.open(part) as stream:
        while block := stream.read(BLOCK_BYTES):
            whole, start, rest = (rest + block).replace(b"'", b'"').rpartition(b"<")
            rest = start + rest
            yield whole
    yield rest


def xlsx_reach(stream: IO[bytes], sheet: str) -> Reach:
    """How far the cells with a value reach."""
    reach = Reach(sheet)
    row = column = 0

    def started(tag: str, attributes: Attributes) -> None:
        nonlocal row, column
        kind = tag.rpartition(":")[2]
        if kind == "row":
            row, column = int(attributes.get("r", row + 1)), 0
        elif kind == "c":
            column += 1
            if place := attributes.get("r"):
                name = place.rstrip("0123456789")
                row, column = int(place[len(name) :] or row), column_number(name)
        elif kind in ("v", "is"):
            reach.grow(row, column)

    walk(stream, started)
    return reach


def ods_reaches(stream: IO[bytes]) -> list[Reach]:
    """How far the cells with a value reach in each sheet.

    A row or a cell says how often it is repeated. Empty ones fill the sheet to its end, as every
    program writes it, and reach nowhere.
    """
    reaches: list[Reach] = []
    last_row = last_column = 0

    def started(tag: str, attributes: Attributes) -> None:
        nonlocal last_row, last_column
        if tag in ODS_CELL:
            last_column += int(attributes.get("table:number-columns-repeated", 1))
            if "office:value-type" in attributes and reaches:
                reaches[-1].grow(last_row, last_column)
        elif tag == "table:table-row":
            last_row += int(attributes.get("table:number-rows-repeated", 1))
            last_column = 0
        elif tag == "table:table":
            reaches.append(Reach(attributes.get("table:name", "")))
            last_row = 0

    walk(stream, started)
    return reaches


def walk(stream: IO[bytes], started: Started) -> None:
    """Tell of each element of an XML part, which is never held as a whole.

    What is not well-formed is looked at up to there: the reader that comes after says so.
    """
    parser = expat.ParserCreate()
    parser.StartElementHandler = started
    with suppress(expat.ExpatError, ValueError):
        parser.ParseFile(stream)


def local_names(attributes: Attributes) -> Attributes:
    return {name.rpartition(":")[2]: value for name, value in attributes.items()}


def column_number(name: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in name.upper():
        number = 26 * number + ord(letter) - 64
    return number
