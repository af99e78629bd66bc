"""What a person sees in a cell of a workbook, where the reader gives something else, or nothing.

The reader leaves out errors and the times of ODS files, and tells a duration as an instant, 80 % as
0.8 and `00123` as 123. Those cells are looked up in the XML of the sheet, by their place.
"""

import re
import zipfile
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import product
from typing import IO
from xml.etree.ElementTree import Element, ParseError, iterparse

from flows.connectors._extent import (
    ODS_CELLS,
    Attributes,
    blocks,
    column_number,
    walk,
    xlsx_part,
)
from flows.records import letters

XLSX_STYLES, XLSX_BOOK = "xl/styles.xml", "xl/workbook.xml"
BUILT_IN = {9: "0%", 10: "0.00%", 17: "mmm-yy", 46: "[h]:mm:ss"}
"""Of the formats that every workbook has without declaring them: ECMA-376, part 1, 18.8.30."""
NO_TEXT = re.compile(r'"[^"]*"|\\.|\[\$[^\]]*\]')
ELAPSED = re.compile(r"\[(?:h+|m+|s+)\]", re.IGNORECASE)
ZEROS = re.compile(r"^0{2,}$")
MONTH_LOOK = re.compile(r"^[my /.,-]*y[my /.,-]*$", re.IGNORECASE)
"""The look of a day that shows its month or its year alone."""
DAY_SECONDS = 86_400
FIRST_DAY = date(1899, 12, 30)
MOST_REPEATED = 10_000
ODS_TIME = re.compile(r"^(-?)PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?$")

TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
CALC_TYPE = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
VALUE_TYPE, FORMULA = f"{OFFICE}value-type", f"{TABLE}formula"
ROWS, COLUMNS = f"{TABLE}number-rows-repeated", f"{TABLE}number-columns-repeated"
SPANNED = f"{TABLE}number-rows-spanned"
MERGED = re.compile(r"^\$?(?P<column>[A-Z]+)\$?(?P<first>\d+):\$?[A-Z]+\$?(?P<last>\d+)$")
ODS_MONTH = r"[^<\d]{2,12}\d{2,4}|\d{1,2}[/.-]\d{4}|\d{4}(?:-\d{2})?"
ODS_TELLING = re.compile(
    rb'value-type="(?:time|percentage|error)"|table:formula=|>0[0-9]+</text:p'
    rb'|value-type="date"[^>]*><text:p[^>]*>(?:' + ODS_MONTH.encode() + rb")</text:p"
)

Look = Callable[[float], str]
Cells = dict[tuple[int, int], str]
"""Row and column, counted from 1 → text."""


@dataclass
class Seen:
    """The cells of a sheet that look other than they are read."""

    cells: Cells = field(default_factory=dict)
    uncounted: Cells = field(default_factory=dict)
    """Formulas whose result was never stored → the name of their cell."""
    first_column: int = 0
    """The first one that has a value: there the reader begins."""

    def grow(self, column: int) -> None:
        self.first_column = min(self.first_column or column, column)


def seen_in(archive: zipfile.ZipFile, sheet: str) -> Seen:
    """What is seen in a sheet of an XLSX or ODS file."""
    if ODS_CELLS in archive.namelist():
        if not any(ODS_TELLING.search(block) for block in blocks(archive, ODS_CELLS)):
            return Seen()
        with archive.open(ODS_CELLS) as stream:
            return seen_in_ods(stream, sheet)
    part = xlsx_part(archive, sheet)
    if part not in archive.namelist():
        return Seen()
    looks = looks_of_styles(archive)
    if not may_look_other(archive, part, looks):
        return Seen()
    with archive.open(part) as stream:
        return seen_in_xlsx(stream, looks)


def first_column_of(archive: zipfile.ZipFile, sheet: str) -> int:
    """The number of the first column that has a value: there the reader begins."""
    if ODS_CELLS in archive.namelist():
        with archive.open(ODS_CELLS) as stream:
            return seen_in_ods(stream, sheet).first_column or 1
    part = xlsx_part(archive, sheet)
    if part not in archive.namelist():
        return 1
    with archive.open(part) as stream:
        return seen_in_xlsx(stream, {}).first_column or 1


def merged_downwards(archive: zipfile.ZipFile, sheet: str) -> set[tuple[int, int]]:
    """Row and column, counted from 1, of the cells that are merged with others below them."""
    if ODS_CELLS in archive.namelist():
        with archive.open(ODS_CELLS) as stream:
            return merged_in_ods(stream, sheet)
    part, found = xlsx_part(archive, sheet), set[tuple[int, int]]()

    def started(tag: str, attributes: Attributes) -> None:
        told = MERGED.match(attributes.get("ref", "")) if tag.endswith("mergeCell") else None
        if told and int(told["last"]) > int(told["first"]):
            found.add((int(told["first"]), column_number(told["column"])))

    if part in archive.namelist():
        with archive.open(part) as stream:
            walk(stream, started)
    return found


def merged_in_ods(stream: IO[bytes], sheet: str) -> set[tuple[int, int]]:
    found, row = set(), 0
    for element in rows_of(stream, "table-row", sheet):
        column = 0
        for cell in element:
            if int(cell.get(SPANNED) or 1) > 1:
                found.add((row + 1, column + 1))
            column += int(cell.get(COLUMNS) or 1)
        row += int(element.get(ROWS) or 1)
    return found


def counts_from_1904(archive: zipfile.ZipFile) -> bool:
    """Does this XLSX file count its days from 1904, as the first ones of Apple did?"""
    found = False

    def started(tag: str, attributes: Attributes) -> None:
        nonlocal found
        if tag.endswith("workbookPr"):
            found = attributes.get("date1904") in ("1", "true")

    if XLSX_BOOK in archive.namelist():
        with archive.open(XLSX_BOOK) as stream:
            walk(stream, started)
    return found


def looks_of_styles(archive: zipfile.ZipFile) -> dict[str, Look]:
    """Number of a cell style → what it makes of a number; only those that change what is read."""
    formats: dict[int, str] = dict(BUILT_IN)
    used: list[int] = []
    is_of_cells = False

    def started(tag: str, attributes: Attributes) -> None:
        nonlocal is_of_cells
        kind = tag.rpartition(":")[2]
        if kind == "numFmt":
            formats[int(attributes["numFmtId"])] = attributes.get("formatCode", "")
        elif kind in ("cellXfs", "cellStyleXfs", "cellStyles"):
            is_of_cells = kind == "cellXfs"
        elif kind == "xf" and is_of_cells:
            used.append(int(attributes.get("numFmtId", 0)))

    if XLSX_STYLES in archive.namelist():
        with archive.open(XLSX_STYLES) as stream:
            walk(stream, started)
    looks = {str(number): look_of(formats.get(one, "")) for number, one in enumerate(used)}
    return {number: look for number, look in looks.items() if look}


def look_of(code: str) -> Look | None:
    """What a number format makes of a number, for the formats that change what is read."""
    bare = NO_TEXT.sub("", code.partition(";")[0]).strip()
    if ELAPSED.search(bare):
        has_seconds = "s" in bare.lower()
        return lambda value: elapsed(round(value * DAY_SECONDS), has_seconds)
    if "%" in bare:
        return lambda value: f"{round(value * 100, 6):g} %"
    if MONTH_LOOK.match(bare):
        return lambda value: f"{FIRST_DAY + timedelta(int(value)):%Y-%m}"
    if ZEROS.match(bare):
        return lambda value: f"{value:0{len(bare)}.0f}"
    return None


def elapsed(seconds: int, has_seconds: bool = True) -> str:
    """`35:00`, `-2:00`, `1:02:03`."""
    hours, rest = divmod(abs(seconds), 3600)
    shown = f"{hours}:{rest // 60:02}" + (f":{rest % 60:02}" if has_seconds else "")
    return f"-{shown}" if seconds < 0 else shown


def may_look_other(archive: zipfile.ZipFile, part: str, looks: Collection[str]) -> bool:
    """A quick look without reading XML: is there an error, a formula, or a style that counts?"""
    styles = "|".join(sorted(looks)) or "none"
    telling = re.compile(rf'\bt="e"|<(?:\w+:)?f\b|\bs="(?:{styles})"'.encode())
    return any(telling.search(block) for block in blocks(archive, part))


def seen_in_xlsx(stream: IO[bytes], looks: dict[str, Look]) -> Seen:
    seen = Seen()
    row = 0
    for element in rows_of(stream, "row"):
        row = int(element.get("r") or row + 1)
        column = 0
        for cell in element:
            place = (cell.get("r") or "").rstrip("0123456789")
            column = column_number(place) if place else column + 1
            parts = {part.tag.rpartition("}")[2]: part.text or "" for part in cell}
            if "v" in parts or "is" in parts:
                seen.grow(column)
            elif "f" in parts:
                seen.uncounted[row, column] = f"{letters(column)}{row}"
            if shown := look_of_xlsx(cell, parts.get("v", ""), looks):
                seen.cells[row, column] = shown
    return seen


def look_of_xlsx(cell: Element, value: str, looks: dict[str, Look]) -> str | None:
    """What a cell of an XLSX file shows, where the reader gives something else."""
    kind = cell.get("t", "n")
    if kind == "e":
        return value
    look = looks.get(cell.get("s", "0"))
    return look(float(value)) if look and kind == "n" and value else None


def seen_in_ods(stream: IO[bytes], sheet: str) -> Seen:
    """The same of an ODS file, where each cell holds what it shows beside its value."""
    seen = Seen()
    row = 0
    for element in rows_of(stream, "table-row", sheet):
        rows = range(row + 1, row + 1 + int(element.get(ROWS) or 1))
        row, column = rows[-1], 0
        for cell in element:
            columns = range(column + 1, column + 1 + int(cell.get(COLUMNS) or 1))
            column = columns[-1]
            if cell.get(VALUE_TYPE):
                seen.grow(columns[0])
            places = product(rows[:MOST_REPEATED], columns[:MOST_REPEATED])
            if shown := look_of_ods(cell):
                seen.cells.update(dict.fromkeys(places, shown))
            elif cell.get(FORMULA) and not cell.get(VALUE_TYPE):
                seen.uncounted.update({at: f"{letters(at[1])}{at[0]}" for at in places})
    return seen


def look_of_ods(cell: Element) -> str | None:
    """What a cell of an ODS file shows, where the reader gives something else."""
    kind, value = cell.get(VALUE_TYPE), cell.get(f"{OFFICE}value") or ""
    text = "".join("".join(part.itertext()) for part in cell if part.tag.endswith("}p"))
    if cell.get(CALC_TYPE) == "error":
        return text or "#N/A"
    if kind == "time" and (told := ODS_TIME.match(cell.get(f"{OFFICE}time-value") or "")):
        hours, minutes, seconds = (int(part or 0) for part in told.groups()[1:])
        total = hours * 3600 + minutes * 60 + seconds
        return elapsed(-total if told[1] else total)
    if kind == "percentage" and value:
        return f"{round(float(value) * 100, 6):g} %"
    if kind == "date" and re.fullmatch(ODS_MONTH, text):
        return (cell.get(f"{OFFICE}date-value") or "")[:7]
    is_padded = kind == "float" and re.fullmatch(r"0\d+", text) and float(text) == float(value or 0)
    return text if is_padded else None


def rows_of(stream: IO[bytes], tag: str, table: str = "") -> Iterator[Element]:
    """The rows of a sheet, one after the other; of an ODS file, those of the table of this name.

    What is not well-formed is looked at up to there: the reader has said so before.
    """
    is_wanted = not table
    with suppress(ParseError, ValueError):
        for event, element in iterparse(stream, events=("start", "end")):
            name = element.tag.rpartition("}")[2]
            if event == "start" and name == "table" and table:
                is_wanted = element.get(f"{TABLE}name") == table
            elif event == "end" and name == tag:
                if is_wanted:
                    yield element
                element.clear()
