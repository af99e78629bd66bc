"""JSON lines, and one array of objects, as pages of text."""

import itertools
import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

import polars as pl

from flows.connectors._headers import check_headers
from flows.connectors._shape import turned
from flows.connectors._text import LONGEST_BYTES, object_blocks, text_blocks
from flows.connectors._totals import UNIT_SEPARATOR, are_totals
from flows.errors import BatchRefused
from flows.language import _
from flows.records import ROW_NUMBER, Broken, Page
from flows.sources import Source

PAGE_OBJECTS = 50_000
SPACE = " \t\n\r"
NO_OBJECT = (ValueError, AttributeError, RecursionError)
"""What is no JSON, is no object, or holds so many in one another that no reader follows."""


def parse_json_lines(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One object a line; nested objects are named with dots (`user.email`)."""
    number = 1
    kept = None if source.unpivot else [*source.filed_headers([])]
    seen: set[str] = set()
    for block in text_blocks(stream, name=name):
        objects: list[tuple[int, dict[str, str | None]]] = []
        texts: list[str] = []
        broken: list[Broken] = []
        lines = block.split("\n")
        for position, line in enumerate(lines, start=number):
            if not line.strip():
                continue
            try:
                flat = flatten(json.loads(line))
                text = text_of(flat)
                text.encode()  # half a character is no text
            except NO_OBJECT:
                broken.append(Broken(position, "broken_json", line))
                continue
            seen.update(flat)
            texts.append(text)
            leaves = flat if kept is None else {header: flat.get(header) for header in kept}
            objects.append((position, leaves))
        headers = sorted(seen)
        if number == 1 and objects:
            check_headers(headers, name, source)
        blank = len(lines) - len(objects) - len(broken)
        objects, totals = without_totals(objects, texts)
        broken += totals
        read = Page(rows_of(objects, headers, source), len(lines), broken, blank)
        yield turned(read, source, headers)
        number += len(lines)


def flatten(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    """Leaves of a JSON object as text."""
    leaves: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            leaves.update(flatten(value, f"{prefix}{key}."))
        elif isinstance(value, str) or value is None:
            leaves[prefix + key] = value
        else:
            leaves[prefix + key] = json.dumps(value, ensure_ascii=False)
    return leaves


def rows_of(
    objects: list[tuple[int, dict[str, str | None]]], headers: list[str], source: Source
) -> pl.DataFrame:
    """The leaves that are wanted of numbered objects; null where an object has none."""
    wanted = source.filed_headers(headers)
    schema = {ROW_NUMBER: pl.Int64, **dict.fromkeys(wanted, pl.String)}
    rows = [{ROW_NUMBER: at, **{name: flat.get(name) for name in wanted}} for at, flat in objects]
    return pl.DataFrame(rows, schema=schema)


def text_of(flat: dict[str, str | None]) -> str:
    """All that an object says, in one text."""
    return UNIT_SEPARATOR.join(filter(None, flat.values()))


def without_totals(
    objects: list[tuple[int, dict[str, str | None]]], texts: list[str]
) -> tuple[list[tuple[int, dict[str, str | None]]], list[Broken]]:
    """The records among objects, and those that are totals by the label in one of their leaves."""
    is_total = are_totals(pl.Series(texts, dtype=pl.String), UNIT_SEPARATOR)
    if not is_total.any():
        return objects, []
    told = zip(objects, texts, is_total, strict=True)
    broken = [Broken(one[0], "total_row", text) for one, text, is_one in told if is_one]
    numbers = {one.row_number for one in broken}
    return [one for one in objects if one[0] not in numbers], broken


def parse_json(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One array of objects; row numbers count its objects from 1.

    Raises BatchRefused where the array breaks off or holds something else.
    """
    headers: list[str] = []
    objects = enumerate(objects_of(object_blocks(stream, name), name), start=1)
    number = 1
    while page := list(itertools.islice(objects, PAGE_OBJECTS)):
        if number == 1:
            headers = sorted({header for _at, flat in page for header in flat})
            check_headers(headers, name, source)
        kept, totals = without_totals(page, [text_of(flat) for _at, flat in page])
        read = Page(rows_of(kept, headers, source), len(page), totals)
        yield turned(read, source, headers)
        number += len(page)


def objects_of(blocks: Iterable[str], name: str) -> Iterator[dict[str, str | None]]:
    """Each object of an array, flat; one block of its text stands at a time, and one object."""
    decoder = json.JSONDecoder()
    text, number, wants = "", 0, "["
    for block in blocks:
        text, at = text + block, 0
        while (at := after_space(text, at)) < len(text):
            if text[at] == "]" and wants != "[":
                return
            if wants and text[at] != wants:
                raise not_an_array(name, number)
            if wants:
                number, at, wants = number + 1, at + 1, ""
                continue
            try:
                found, at = decoder.raw_decode(text, at)
                flat = flatten(found)
                "".join(filter(None, flat.values())).encode()  # half a character is no text
            except NO_OBJECT as fault:
                if isinstance(fault, json.JSONDecodeError) and len(text) - at < LONGEST_BYTES:
                    break  # it goes on in the next block
                is_deep = isinstance(fault, RecursionError)
                raise (too_deep if is_deep else not_an_array)(name, number) from fault
            wants = ","
            yield flat
        text = text[at:]
    raise not_an_array(name, number)


def after_space(text: str, at: int) -> int:
    while text[at : at + 1] and text[at] in SPACE:
        at += 1
    return at


def not_an_array(name: str, number: int) -> BatchRefused:
    what = _("the file is no array of objects")
    if number:
        what = _("the array breaks off, or holds no object, at its entry {number}")
    return BatchRefused(
        what.format(number=number),
        where=name,
        remedy=_("export it again, as [{…}, {…}] or with one object a line (.jsonl)"),
    )


def too_deep(name: str, number: int) -> BatchRefused:
    return BatchRefused(
        _("entry {number} of the array holds too many lists or objects in one another").format(
            number=number
        ),
        where=name,
        remedy=_("export its rows alone, as [{…}, {…}] or with one object a line (.jsonl)"),
    )
