"""Grist (1.7.17, tried against one that runs): any table of a document, or a SELECT on it.

All of it each time, since there is no cursor. Grist tells no deletion: with
`delivery = "snapshot"`, what is no longer there is removed. It does not tell either what an access
rule hides from an account; but such an account may ask no SELECT, and so that is tried before.

A SELECT gives cells as they are stored, and says no types: they are those of `table`.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO, Self

from pydantic import Field, model_validator

from flows.connectors._grist_cells import HELPER, Column, asked_values, columns_of, plain
from flows.connectors._http import Ask
from flows.connectors._journal import Answer, answers, recorded
from flows.connectors._json import BadCell, Row, check_fields, pages_of, records_of
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.errors import BatchRefused
from flows.language import _
from flows.records import Declares, Delivery, Page, Pull
from flows.sources import Source
from flows.spelling import did_you_mean
from schemas import CONTRACTS
from schemas.record import stored_columns

NAME = r"^[A-Za-z0-9_~-]+$"
READ_OF_A_COLUMN = ("colRef", "type", "isFormula", "displayCol")
MAY_IT_SEE_ALL = "SELECT 1 AS yes"


class Options(Declared):
    document: str = Field(pattern=NAME)
    table: str = Field(pattern=NAME)
    filter: dict[str, list[str | int]] = {}
    """Column → the values that are asked for, as people see them."""
    select: str | None = None
    """Asked for instead of all records; columns named as those of `table` have their types."""

    @model_validator(mode="after")
    def is_asked_for_in_one_way(self) -> Self:
        if self.select and self.filter:
            raise ValueError(_("`filter` is for a table: say it in the WHERE of `select`"))
        return self


DECLARES = Declares(Options, {feed: {"columns": {"record_id": "id"}} for feed in CONTRACTS})

COLUMNS = b'{"columns":[{"id":"Arrivee","fields":{"type":"DateTime:Europe/Paris"}}]}'
RECORDS = (
    b'{"records":[{"id":1,"fields":{"Arrivee":1791187200}},'
    b'{"id":2,"fields":{"Arrivee":null},"errors":{"Arrivee":"TypeError"}}]}'
)
SAMPLE = recorded(("columns", COLUMNS), ("records", RECORDS))


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """The columns, whether the account may see all, then all records or rows in one page."""
    options = Options.model_validate(source.options)
    document = f"api/docs/{options.document}"
    table = f"{document}/tables/{options.table}"
    key = {"Authorization": f"Bearer {secret(source, pull.folder)}"}
    with Ask(source, pull, key, own_words=own_words) as ask:
        told = ask.get(f"{table}/columns", {"hidden": "true"}, keep=what_is_read_of_columns)
        columns = columns_of(told, options.table)
        if options.select:
            ask.post(f"{document}/sql", {"sql": one_statement(options.select)})
        else:
            params = asked_records(ask, columns, source)
            if source.delivery != "append":
                ask.post(f"{document}/sql", {"sql": MAY_IT_SEE_ALL}, taken=(403, 404))
            ask.get(f"{table}/records", params, keep=only_wanted(columns, source))
        return ask.finish()


def own_words(told: Any) -> str:
    """What Grist says of a question that it does not answer."""
    return str(told.get("error", "")) if isinstance(told, dict) else ""


def one_statement(text: str) -> str:
    """Grist puts it in brackets: no semicolon may stand at its end, but a line after a comment."""
    return text.strip().rstrip(";").rstrip() + "\n"


def asked_records(ask: Ask, columns: dict[str, Column], source: Source) -> dict[str, str]:
    """The filter as Grist compares it; and hidden columns, where the words of references are."""
    params = {}
    filters: dict[str, list[Any]] = {}
    columns = {"id": Column("Id"), **columns}
    for name, values in source.options.get("filter", {}).items():
        if name not in columns:
            raise ask.fault(
                _("the filter names a column {name!r} that is not there").format(name=name),
                did_you_mean(name, sorted(columns), _("correct `filter`")),
            )
        try:
            asked, told = asked_values(name, columns[name], values)
        except ValueError as fault:
            raise ask.fault(str(fault), _("correct `filter`, or say it in `select`")) from None
        filters[asked] = told
    if filters:
        params["filter"] = json.dumps(filters)
    if any(column.shown_by for column in wanted_columns(columns, source).values()):
        params["hidden"] = "true"
    return params


def what_is_read_of_columns(answer: Answer) -> Any:
    """Neither labels nor descriptions nor formulas; an answer of another form as it is."""
    content = answer.json()
    try:
        columns = [{"id": told["id"], "fields": told["fields"]} for told in content["columns"]]
        for told in columns:
            told["fields"] = {key: told["fields"][key] for key in READ_OF_A_COLUMN}
    except (KeyError, TypeError):
        return content
    return {"columns": columns}


def only_wanted(columns: dict[str, Column], source: Source) -> Callable[[Answer], Any]:
    """Of each record the cells that are mapped: Grist gives all columns of a table, or none."""
    wanted = {*source.wanted_headers()}
    wanted |= {column.shown_by for column in wanted_columns(columns, source).values()}

    def kept(answer: Answer) -> Any:
        content = answer.json()
        try:
            return {"records": [
                {
                    "id": record["id"],
                    **{
                        part: {name: cell for name, cell in record[part].items() if name in wanted}
                        for part in ("fields", "errors")
                        if part in record
                    },
                }
                for record in content["records"]
            ]}  # fmt: skip
        except (KeyError, TypeError, AttributeError):
            return content

    return kept


def wanted_columns(columns: dict[str, Column], source: Source) -> dict[str, Column]:
    """Header → how it is read; a reference that identifies is the number of its row, no word."""
    contract = stored_columns(CONTRACTS[source.feed])
    numbers, words = {source.identity.source_id}, set(source.identity.columns())
    words -= numbers
    for field, headers in source.columns.items():
        is_number = contract[field].metadata["kind"] == "identifier"
        (numbers if is_number else words).update([headers] if isinstance(headers, str) else headers)
    found = {}
    for header in source.wanted_headers():
        column = columns.get(header, Column())
        found[header] = column if header in words else replace(column, shown_by="")
    return found


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row a record; one with a formula that fails or a cell that is hidden is refused alone.

    Such a cell that may be left out is given as a text that is none: intake leaves it out.
    """
    told = {answer.request["path"].rpartition("/")[2]: answer for answer in answers(stream)}
    is_select = Options.model_validate(source.options).select is not None
    asked = told.get("sql" if is_select else "records")
    if asked is None or "columns" not in told:
        raise BatchRefused(_("there are no records in the answer"), where=name)
    columns = columns_of(told["columns"], name)
    records = records_of(asked, "records", name)
    known = {"id", *(header for header in columns if not header.startswith(HELPER))}
    if is_select:
        first = records[0].get("fields") if records and isinstance(records[0], dict) else None
        known = {*first} if isinstance(first, dict) else set()
    if known:  # a SELECT that gives no row does not say its columns
        check_fields(known, name, source)
    wanted = wanted_columns(columns, source)
    doubtful = headers_that_cost_themselves(source)
    read = selected_cell if is_select else cell_of

    def rows_of(record: Any) -> list[Row]:
        fields = record["fields"] if is_select else {"id": record["id"], **record["fields"]}
        row = {}
        for header, column in wanted.items():
            try:
                row[header] = read(header, column, fields, record)
            except BadCell as fault:
                if header not in doubtful:
                    fault.record_id = number_of(fields, source)
                    raise
                row[header] = f"#{fault.rule}"  # nothing that intake could read
        return [row]

    is_whole = is_select or may_see_all(told.get("sql"))
    for page in pages_of([records], name, source, rows_of):
        yield replace(page, is_whole=is_whole)


def headers_that_cost_themselves(source: Source) -> set[str]:
    """Those of which a cell that nobody can read is left out by intake, and its row goes on."""
    contract = stored_columns(CONTRACTS[source.feed])
    uses: dict[str, list[bool]] = {header: [False] for header in source.identity.columns()}
    for field, headers in source.columns.items():
        for header in [headers] if isinstance(headers, str) else headers:
            uses.setdefault(header, []).append(contract[field].metadata["costs_itself"])
    return {header for header, costs in uses.items() if all(costs)}


def number_of(fields: Row, source: Source) -> str | None:
    record_id = source.columns.get("record_id")
    number = fields.get(record_id) if isinstance(record_id, str) else None
    return str(number) if isinstance(number, str | int) else None


def may_see_all(answer: Answer | None) -> bool:
    """Unless it says no: what was recorded before it was asked, and an older Grist, do not say."""
    return answer is None or answer.status != 403


def selected_cell(header: str, column: Column, fields: Row, _record: Row) -> Any:
    return plain(fields[header], column, header)


def cell_of(header: str, column: Column, fields: Row, record: Row) -> Any:
    """A cell as people see it; raises BadCell for one that nobody can read."""
    errors = record.get("errors", {})
    if header in errors:
        raise BadCell("failed_formula", header)
    cell = fields[header]
    if isinstance(cell, str) and column.kind.startswith("Ref:"):
        if column.shown_by:
            return cell  # a word as it was typed, of which there is no row
        raise BadCell("unreadable_cell", header)
    if column.shown_by in fields and column.shown_by not in errors:
        return plain(fields[column.shown_by], Column(), header)
    return plain(cell, column, header)
