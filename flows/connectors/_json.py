"""Records of JSON pages as pages of text: only what is mapped is taken, the rest stays behind."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import polars as pl

from flows.errors import BatchRefused
from flows.language import _
from flows.places import Source
from flows.records import ROW_NUMBER, Broken, Page

Row = dict[str, Any]
Rows = Callable[[Any], Iterable[Row | None]]
"""One record of the system → its rows under our headers; None for one that says nothing yet."""


def pages_of(
    records_of_pages: Iterable[list[Any]], name: str, source: Source, rows_of: Rows
) -> Iterator[Page]:
    """One page of text for each page of records.

    A record in which something is missing that every record has is a broken row. Raises
    BatchRefused when all are: the system has changed.
    """
    number, good, last_fault = 0, 0, ""
    for records in records_of_pages:
        rows: list[Row] = []
        broken: list[Broken] = []
        ignored = 0
        for record in records:
            try:
                found = list(rows_of(record))
            except (KeyError, TypeError, ValueError, AttributeError) as fault:
                number += 1
                last_fault = missing_name(fault)
                broken.append(Broken(number, "unexpected_record", last_fault))
                continue
            for row in found:
                number += 1
                if row is None:
                    ignored += 1
                else:
                    rows.append({ROW_NUMBER: number, **row})
        good += len(rows) + ignored
        yield Page(frame(rows, source), len(rows) + len(broken) + ignored, broken, ignored)
    if number and not good:
        raise BatchRefused(
            _("no record has the expected shape ({what})").format(what=last_fault),
            where=name,
            remedy=_("the system has changed: the connector has to be adapted"),
        )


def frame(rows: list[Row], source: Source) -> pl.DataFrame:
    """The mapped headers of the rows, as text."""
    wanted = list(source.wanted_headers())
    schema = {ROW_NUMBER: pl.Int64, **dict.fromkeys(wanted, pl.String)}
    cells = {ROW_NUMBER: [row[ROW_NUMBER] for row in rows]}
    texts = {header: [as_text(row.get(header)) for row in rows] for header in wanted}
    return pl.DataFrame({**cells, **texts}, schema=schema)


def as_text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def missing_name(fault: Exception) -> str:
    """The key that was not there; other messages could hold a value."""
    return str(fault.args[0]) if isinstance(fault, KeyError) and fault.args else ""


def check_fields(known: set[str], name: str, source: Source) -> None:
    """Raises BatchRefused for a mapped field that the system does not have."""
    import difflib

    for wanted, purpose in source.wanted_headers().items():
        if wanted not in known:
            near = difflib.get_close_matches(wanted, sorted(known), n=1, cutoff=0.6)
            raise BatchRefused(
                _("the system has no field {wanted!r} ({purpose})").format(
                    wanted=wanted, purpose=purpose
                )
                + (_("; the nearest is {near!r}").format(near=near[0]) if near else ""),
                where=name,
                remedy=_("correct the mapping in the TOML, or the name in the system"),
            )
