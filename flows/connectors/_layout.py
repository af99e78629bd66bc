"""What the header of a delimited file says, and whether a line stands under it."""

import csv
from dataclasses import dataclass

from flows.connectors._headers import (
    check_headers,
    clean_header,
    headers_under,
    named_by_letter,
    refuse_a_day_twice,
)
from flows.sources import Source

SEPARATORS = (";", ",", "\t", "|")
LONGEST_RECORD_LINES = 20
NOTHING_BEYOND = ("null", "none", "nan", r"\n")
"""What stands in a cell beyond the header of which a database knows nothing."""

csv.field_size_limit(16 * 1024 * 1024)  # a cell may be long; where a quote is left open, it ends


@dataclass(frozen=True)
class Layout:
    """What the header line says: separator, headers in order, and which of them are mapped."""

    separator: str
    headers: list[str]
    wanted: list[str]
    line: str
    has_tail: bool = False
    """Do most lines end with separators too many? In a lone one, a cell may have come between."""

    def positions(self) -> dict[str, int]:
        return {header: self.headers.index(header) for header in self.wanted}

    @property
    def fewest(self) -> int:
        """Cells that a line has at least: what is missing behind them is mapped to nothing."""
        return max(self.positions().values(), default=0) + 1

    def fitted(self, cells: list[str]) -> list[str] | None:
        """The cells as the header has them; None where one would stand under another header."""
        width = len(self.headers)
        is_too_long = len(cells) > width and not self.has_tail
        if len(cells) < self.fewest or is_too_long or not all(map(is_empty, cells[width:])):
            return None
        return cells[:width]


def header_lines(lines: list[str], source: Source) -> list[list[str]]:
    """The lines of each row of the header, in order: a cell of it may go over several."""
    found, first = [], source.header_rows[0] if source.header_rows else source.header_row
    for _row in range(max(1, len(source.header_rows))):
        last = last_header_line(lines, first)
        found.append(lines[first - 1 : last])
        first = last + 1
    return found


def is_empty(cell: str) -> bool:
    """A cell beyond the header that says nothing: dumps of databases write `null`."""
    return cell.strip().lower() in ("", *NOTHING_BEYOND)


def last_header_line(lines: list[str], first: int) -> int:
    """The number of the line with which the header ends: a cell of it may go over several."""
    quotes = 0
    for number, line in enumerate(lines[first - 1 :][:LONGEST_RECORD_LINES], start=first):
        quotes += line.count('"')
        if quotes % 2 == 0:
            return number
    return first


def read_layout(rows: list[list[str]], name: str, source: Source) -> Layout:
    """The separator is the one that gives most of the mapped headers."""
    found = {
        sign: headers_under([header_cells(lines, sign) for lines in rows]) for sign in SEPARATORS
    }
    told = {
        sign: len(source.filed_headers(headers).keys() & {*headers})
        for sign, headers in found.items()
    }
    separator = max(SEPARATORS, key=lambda sign: (told[sign], len(found[sign])))
    headers = named_by_letter(found[separator], source)
    refuse_a_day_twice(headers, source, name)
    wanted = check_headers(headers, name, source)
    return Layout(separator, headers, wanted, "\n".join(rows[-1]).strip())


def header_cells(lines: list[str], separator: str) -> list[str]:
    """The cells of a row of a header; none where the line is none of a table."""
    try:
        cells = next(csv.reader([f"{text}\n" for text in lines], delimiter=separator), [])
    except csv.Error:
        return []
    return [clean_header(cell) for cell in cells]
