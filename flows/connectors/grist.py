"""Grist: any table of a document, mapped by the place's TOML. A snapshot, since there is no cursor.

Unverified [mem]: how cells are written. A Date is seconds at midnight UTC, a DateTime is seconds,
a Ref is the row's number, a list begins with "L", a formula that fails begins with "E". Grist tells
no deletion: with `delivery = "snapshot"`, what is no longer there is removed.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, BinaryIO

from pydantic import Field

from flows.connectors._http import Ask
from flows.connectors._journal import answers, recorded
from flows.connectors._json import Row, check_fields, pages_of
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.errors import BatchRefused
from flows.language import _
from flows.places import Source
from flows.records import Declares, Delivery, Page, Pull

NAME = r"^[A-Za-z0-9_~-]+$"
FEEDS = ("attendance", "employment", "service_usage")


class Options(Declared):
    document: str = Field(pattern=NAME)
    table: str = Field(pattern=NAME)
    filter: dict[str, list[str | int]] = {}
    """Column → the values that are asked for: one document may serve several places."""


DECLARES = Declares(Options, {feed: {"columns": {"record_id": "id"}} for feed in FEEDS})

COLUMNS = b'{"columns":[{"id":"Arrivee","fields":{"type":"DateTime:Europe/Paris"}}]}'
RECORDS = (
    b'{"records":[{"id":1,"fields":{"Arrivee":1791187200}},'
    b'{"id":2,"fields":{"Arrivee":["E","TypeError"]}}]}'
)
SAMPLE = recorded(("columns", COLUMNS), ("records", RECORDS))


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """The types of the columns, then all records in one page."""
    options = Options.model_validate(source.options)
    table = f"api/docs/{options.document}/tables/{options.table}"
    wanted = {"filter": json.dumps(options.filter)} if options.filter else {}
    with Ask(source, pull, {"Authorization": f"Bearer {secret(source, pull.folder)}"}) as ask:
        ask.get(f"{table}/columns")
        ask.get(f"{table}/records", wanted)
        return ask.finish()


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    columns, records = (answer.json() for answer in answers(stream))
    kinds = {column["id"]: column["fields"]["type"] for column in columns["columns"]}
    check_fields({"id", *kinds}, name, source)
    wanted = [header for header in source.wanted_headers() if header != "id"]
    if "records" not in records:
        raise BatchRefused(_("there are no records in the answer"), where=name)

    def rows_of(record: Any) -> list[Row]:
        fields = record["fields"]
        cells = {header: plain(fields[header], kinds[header]) for header in wanted}
        return [{"id": record["id"], **cells}]

    yield from pages_of([records["records"]], name, source, rows_of)


def plain(cell: Any, kind: str) -> Any:
    """A cell as a spreadsheet would show it; raises ValueError for a formula that fails."""
    if isinstance(cell, list):
        if cell[:1] == ["L"]:
            return ", ".join(str(part) for part in cell[1:])
        raise ValueError(_("a formula fails"))
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        if kind == "Date":
            return datetime.fromtimestamp(cell, UTC).date().isoformat()
        if kind.startswith("DateTime"):
            return datetime.fromtimestamp(cell, UTC).isoformat()
    return cell
