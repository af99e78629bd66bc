"""Grist: any table of a document, or a SELECT on it, mapped by the place's TOML.

All of it each time, since there is no cursor. Grist tells no deletion: with
`delivery = "snapshot"`, what is no longer there is removed.

Unverified [mem]: how cells are written. A Date is seconds at midnight UTC, a DateTime is seconds,
a Ref is the row's number, a list begins with "L", a formula that fails begins with "E". A SELECT
gives cells as they are stored, which was read in the source: a list is text of JSON, true is 1, and
a cell that is not of its column's type is bytes. It says no types: they are those of `table`.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO, Self

from pydantic import Field, model_validator

from flows.connectors._http import Ask
from flows.connectors._journal import answers, recorded
from flows.connectors._json import Row, check_fields, pages_of
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.errors import BatchRefused
from flows.language import _
from flows.records import Declares, Delivery, Page, Pull
from flows.sources import Source

NAME = r"^[A-Za-z0-9_~-]+$"
LISTS = ("ChoiceList", "RefList")
FEEDS = ("attendance", "employment", "service_usage")


class Options(Declared):
    document: str = Field(pattern=NAME)
    table: str = Field(pattern=NAME)
    filter: dict[str, list[str | int]] = {}
    """Column → the values that are asked for: one document may serve several places."""
    select: str | None = None
    """Asked for instead of all records; columns named as those of `table` have their types."""

    @model_validator(mode="after")
    def is_asked_for_in_one_way(self) -> Self:
        if self.select and self.filter:
            raise ValueError(_("`filter` is for a table: say it in the WHERE of `select`"))
        return self


DECLARES = Declares(Options, {feed: {"columns": {"record_id": "id"}} for feed in FEEDS})

COLUMNS = b'{"columns":[{"id":"Arrivee","fields":{"type":"DateTime:Europe/Paris"}}]}'
RECORDS = (
    b'{"records":[{"id":1,"fields":{"Arrivee":1791187200}},'
    b'{"id":2,"fields":{"Arrivee":["E","TypeError"]}}]}'
)
SAMPLE = recorded(("columns", COLUMNS), ("records", RECORDS))


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """The types of the columns, then all records or rows in one page."""
    options = Options.model_validate(source.options)
    document = f"api/docs/{options.document}"
    table = f"{document}/tables/{options.table}"
    wanted = {"filter": json.dumps(options.filter)} if options.filter else {}
    with Ask(source, pull, {"Authorization": f"Bearer {secret(source, pull.folder)}"}) as ask:
        ask.get(f"{table}/columns")
        if options.select:
            ask.post(f"{document}/sql", {"sql": options.select})
        else:
            ask.get(f"{table}/records", wanted)
        return ask.finish()


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    is_select = Options.model_validate(source.options).select is not None
    columns, records = (answer.json() for answer in answers(stream))
    if "records" not in records:
        raise BatchRefused(_("there are no records in the answer"), where=name)
    kinds = {column["id"]: column["fields"]["type"] for column in columns["columns"]}
    known = {"id", *kinds}
    if is_select:
        known = set().union(*(row["fields"] for row in records["records"][:1]))
    if known:  # a SELECT that gives no row does not say its columns
        check_fields(known, name, source)
    wanted = list(source.wanted_headers())

    def rows_of(record: Any) -> list[Row]:
        fields = record["fields"] if is_select else {"id": record["id"], **record["fields"]}
        return [{header: plain(fields[header], kinds.get(header, "")) for header in wanted}]

    yield from pages_of([records["records"]], name, source, rows_of)


def plain(cell: Any, kind: str) -> Any:
    """A cell as a spreadsheet would show it; raises ValueError for a formula that fails."""
    if isinstance(cell, str) and kind.startswith(LISTS) and cell.startswith("["):
        cell = ["L", *json.loads(cell)]
    if isinstance(cell, list) and cell[:1] == ["L"]:
        return ", ".join(str(part) for part in cell[1:])
    if isinstance(cell, list | dict):
        raise ValueError(_("a formula fails"))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if kind == "Date":
            return datetime.fromtimestamp(cell, UTC).date().isoformat()
        if kind.startswith("DateTime"):
            return datetime.fromtimestamp(cell, UTC).isoformat()
    return cell
