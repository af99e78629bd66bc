"""Records of JSON pages as pages of text: only what is mapped is taken, the rest stays behind."""

import json
import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from operator import itemgetter
from types import NoneType, UnionType
from typing import Any

import polars as pl

from flows.connectors._journal import Answer
from flows.errors import BatchRefused
from flows.language import _
from flows.records import ROW_NUMBER, Broken, Page
from flows.sources import Source
from flows.spelling import closest

ROWS_A_PAGE = 20_000
SHAPES = {dict: "{…}", str: '"…"', bool: "true", int: "9", float: "9.9"}
"""How a value is shown of which only the form may be: as it would stand in the answer."""
LONGEST_FORM = 300
FIELD = re.compile(r"[a-z][A-Za-z0-9_]*")
Row = dict[str, Any]
Needs = Mapping[str, type | UnionType]
"""Field → what it is in each record of a list, without which the others cannot be read."""
NOTHING: Needs = {}
KNOWN_BY_ID: Needs = {"id": str | int}
Rows = Callable[[Any], Iterable[Row | None]]
"""One record of the system → its rows under our headers; None for one that says nothing yet."""


def pages_of(
    records_of_pages: Iterable[list[Any]], name: str, source: Source, rows_of: Rows
) -> Iterator[Page]:
    """Pages of text, each of some thousand rows.

    A record in which something is missing that every record has is a broken row. Raises
    BatchRefused when all are: the system has changed.
    """
    reading = Reading(source, rows_of)
    for records in filter(None, in_words(records_of_pages, name)):
        if len(reading.rows) >= ROWS_A_PAGE:  # the last page has rows, where there are any
            yield reading.page()
        for record in records:
            reading.take(record)
    yield reading.page()
    if reading.number and not reading.good:
        raise BatchRefused(
            _("no record has the expected shape ({what})").format(what=reading.last_fault),
            where=name,
            remedy=_("the system has changed: the connector has to be adapted"),
        )


def in_words(records_of_pages: Iterable[list[Any]], name: str) -> Iterator[list[Any]]:
    """Raises BatchRefused in place of OtherForm, where it is of no single record."""
    try:
        yield from records_of_pages
    except OtherForm as fault:
        raise BatchRefused(
            _("its answer has not the expected shape ({what})").format(what=fault),
            where=name,
            remedy=_("the system has changed: the connector has to be adapted"),
        ) from None


@dataclass
class Reading:
    """Rows that were read and are not yet given on."""

    source: Source
    rows_of: Rows
    number: int = 0
    good: int = 0
    last_fault: str = ""
    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    ignored: int = 0

    def take(self, record: Any) -> None:
        try:
            found = self.rows_of(record)
            if not isinstance(found, list):
                found = list(found)
        except BadCell as fault:
            self.number += 1
            self.good += 1  # the record has its form
            field = self.source.wanted_headers().get(fault.header, "")
            known = (fault.header, field, fault.record_id)
            self.broken.append(Broken(self.number, fault.rule, "", *known))
            return
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            self.number += 1
            self.last_fault = (
                missing_name(fault, self.source.wanted_headers()) or form(record)[:LONGEST_FORM]
            )
            self.broken.append(Broken(self.number, "unexpected_record", self.last_fault))
            return
        self.good += len(found)
        for row in found:
            self.number += 1
            if row is None:
                self.ignored += 1
            else:
                self.numbers.append(self.number)
                self.rows.append(row)

    def page(self) -> Page:
        count = len(self.rows) + len(self.broken) + self.ignored
        rows = frame(self.rows, self.numbers, self.source)
        page = Page(rows, count, self.broken, self.ignored)
        self.rows, self.numbers, self.broken, self.ignored = [], [], [], 0
        return page


def frame(rows: list[Row], numbers: list[int], source: Source) -> pl.DataFrame:
    """The mapped headers of the rows, as text."""
    columns = {header: text_cells(cells(rows, header)) for header in source.wanted_headers()}
    return pl.DataFrame({ROW_NUMBER: pl.Series(numbers, dtype=pl.Int64), **columns})


def cells(rows: list[Row], header: str) -> list[Any]:
    try:
        return list(map(itemgetter(header), rows))
    except KeyError:  # some systems leave out what is empty
        return [row.get(header) for row in rows]


def text_cells(values: list[Any]) -> pl.Series:
    try:
        return pl.Series(values, dtype=pl.String)
    except (TypeError, OverflowError):  # some are not text, and seldom are
        kinds = {*map(type, values)} - {NoneType}
        if kinds == {bool}:
            return pl.Series(values, dtype=pl.Boolean).cast(pl.String)
        if kinds == {int}:
            with suppress(OverflowError):
                return pl.Series(values, dtype=pl.Int128).cast(pl.String)
        return pl.Series([as_text(value) for value in values], dtype=pl.String)


def as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    is_number = type(value) in (int, float)
    return str(value) if is_number else json.dumps(value, ensure_ascii=False)


def missing_name(fault: Exception, known: Container[str]) -> str:
    """The key that was not there, or was something else; other messages could hold a value."""
    if isinstance(fault, OtherForm):
        return str(fault)
    return field_name(fault.args[0], known) if isinstance(fault, KeyError) and fault.args else ""


def field_name(key: Any, known: Container[str] = ()) -> str:
    """A key where it can be the name of a field, of the system or of our own; else its shape."""
    text = str(key)
    return text if text in known or FIELD.fullmatch(text) else shape(key)


class BadCell(ValueError):
    """A cell that cannot be read, in a record that has its form: which rule says so, and where."""

    def __init__(self, rule: str, header: str) -> None:
        self.rule, self.header = rule, header
        self.record_id: str | None = None
        super().__init__(rule)


class OtherForm(ValueError):
    """A field is not of the form that it has in this system: says which, and what is there."""


def objects(record: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """The list of objects under a key; raises KeyError without it, OtherForm for anything else."""
    found = record[key]
    for one in found if isinstance(found, list) else [None]:
        if not isinstance(one, dict):
            raise OtherForm(f"{key}: {shape(found)}")
    return found  # type: ignore[no-any-return]


def in_order(numbers: Iterable[Any]) -> list[int]:
    """Each number once, the smallest first; raises OtherForm for what is none."""
    found = list(numbers)
    for number in found:
        if type(number) is not int:
            raise OtherForm(f"id: {shape(number)}")
    return sorted(set(found))


def number_at(answer: Answer, *keys: str) -> int | None:
    """The whole number at the end of a path of keys; None where nothing is there.

    Raises OtherForm for anything else.
    """
    found = answer.json()
    for key in keys:
        if not isinstance(found, dict):
            break
        found = found.get(key)
        if found is None:
            return None
    if type(found) is not int:
        raise OtherForm(f"{'.'.join(keys)}: {shape(found)}")
    return found


def records_of(answer: Answer, key: str, name: str, needs: Needs = NOTHING) -> list[Any]:
    """The list of records of an answer; raises BatchRefused for an answer of another form.

    Also where one of them is not what it `needs` to be: each of its records hangs on it.
    """
    content = answer.json()
    found = content.get(key) if isinstance(content, dict) else content
    if not isinstance(content, dict) or not isinstance(found, list):
        raise BatchRefused(
            _("the answer to {path} has no list {key!r} ({seen})").format(
                path=answer.request["path"], key=key, seen=shape(found)
            ),
            where=name,
            remedy=_("the system has changed: the connector has to be adapted"),
        )
    refuse_other_records(found, needs, answer, name)
    return found


def whole_list(answer: Answer, name: str, needs: Needs = NOTHING) -> list[Any]:
    """An answer that is its list of records; raises BatchRefused like `records_of`."""
    content = answer.json()
    if not isinstance(content, list):
        raise BatchRefused(
            _("the answer to {path} is no list ({seen})").format(
                path=answer.request["path"], seen=shape(content)
            ),
            where=name,
            remedy=_("the system has changed: the connector has to be adapted"),
        )
    refuse_other_records(content, needs, answer, name)
    return content


def refuse_other_records(records: list[Any], needs: Needs, answer: Answer, name: str) -> None:
    for key, kind in needs.items():
        for record in records:
            if isinstance(record, dict) and isinstance(record.get(key), kind):
                continue
            raise BatchRefused(
                _("the answer to {path} has a record without {key!r} ({seen})").format(
                    path=answer.request["path"], key=key, seen=form(record)[:LONGEST_FORM]
                ),
                where=name,
                remedy=_("the system has changed: the connector has to be adapted"),
            )


def shape(value: Any) -> str:
    """What a value is, without what it says."""
    if isinstance(value, list):
        parts = sorted({shape(part) for part in value if not isinstance(part, list)})
        return f"[{', '.join(parts)}]"
    return SHAPES.get(type(value), "null")


def form(record: Any, depth: int = 2) -> str:
    """The fields of a record and of the objects in it, each as its shape."""
    if not isinstance(record, dict) or not depth:
        return shape(record)
    fields = (f"{field_name(key)}: {form(value, depth - 1)}" for key, value in record.items())
    return f"{{{', '.join(fields)}}}"


def check_fields(known: set[str], name: str, source: Source) -> None:
    """Raises BatchRefused for a mapped field that the system does not have."""
    for wanted, purpose in source.wanted_headers().items():
        if wanted not in known:
            near = closest(wanted, sorted(known))
            raise BatchRefused(
                _("the system has no field {wanted!r} ({purpose})").format(
                    wanted=wanted, purpose=purpose
                )
                + (_("; the nearest is {near!r}").format(near=near) if near else ""),
                where=name,
                remedy=_("correct the mapping in the TOML, or the name in the system"),
            )
