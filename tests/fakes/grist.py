"""Grist as grist-core 1.7.17 (commit f98cda95) answers it, which was built and run.

One document whose table is a register of presences. Each comment names the pitfall of
`docs/sources.md` that its line reproduces.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

TYPES = {
    "Arrivee": "DateTime:Europe/Paris",
    "Jour": "Date",
    "Nombre": "Int",
    "Montant": "Numeric",
    "Courriel": "Text",
    "Statut": "Choice",
    "Note": "Text",
    "Themes": "ChoiceList",
    "Efface": "Bool",
    "Lieu": "Ref:Lieux",
    "Personne": "Ref:Personnes",
    "Calcul": "Any",
    "Total": "Int",
}
FORMULAS = ("Calcul", "Total")
EMPTY = {"Int": 0, "Numeric": 0, "Bool": False, "Text": "", "Choice": ""}
"""What a cell holds in which nobody wrote; an empty reference is 0, all others are null."""
DOCUMENT = "/api/docs/registre1"


@dataclass
class Grist:
    """`rows` is the table: row number → cells as Grist keeps them, a formula that fails as an `E`."""

    token: str
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=lambda: dict(TYPES))
    words: dict[str, dict[int, Any]] = field(default_factory=dict)
    """Column of references → number of the row that it refers to → the word that people see."""
    hides: Callable[[int, str], bool] | None = None
    """Access rules, for this account: is the cell of this row hidden? Of `id`: the whole row."""
    hidden_columns: tuple[str, ...] = ()
    steps: int = 1_000_000
    """How much work a statement may take: the real one counts milliseconds."""

    @property
    def has_rules(self) -> bool:
        return self.hides is not None or bool(self.hidden_columns)

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def authorised(request: Request, answer: Any) -> Any:
            # a key is a person's key; a wrong one is 401
            if request.headers.get("authorization") != f"Bearer {self.token}":
                return refused(401, "Bad request: invalid API key")
            if not request.url.path.startswith(DOCUMENT + "/"):
                return refused(404, "document not found")
            return await answer(request)

        @app.get(DOCUMENT + "/tables/{table}/columns")
        async def columns(table: str, hidden: bool = False) -> Any:
            if table != "Presences":
                return refused(404, f'Table not found "{table}"')
            return {"columns": self.columns(hidden)}

        @app.get(DOCUMENT + "/tables/{table}/records")
        async def records(table: str, filter: str = "{}", hidden: bool = False) -> Any:
            if table != "Presences":
                return refused(404, f'Table not found "{table}"')
            return self.records(json.loads(filter), hidden)

        @app.post(DOCUMENT + "/sql")
        async def sql(request: Request) -> Any:
            # a SELECT sees everything: with any access rule, only who may copy it all may ask
            if self.has_rules:
                return refused(403, "insufficient document access")
            return self.selected((await request.json())["sql"])

        return app

    @property
    def helpers(self) -> dict[str, str]:
        """Column of references → the hidden column that holds its words."""
        names = [f"gristHelper_Display{number or ''}" for number in range(len(self.words))]
        return dict(zip(self.words, names, strict=True))

    @property
    def all_types(self) -> dict[str, str]:
        return self.types | dict.fromkeys(self.helpers.values(), "Any")

    def columns(self, hidden: bool) -> list[Any]:
        types = self.all_types
        numbers = {name: number for number, name in enumerate(types, start=8)}
        return [
            {
                "id": name,
                "fields": {
                    "colRef": numbers[name], "label": name, "type": kind,
                    "isFormula": name in FORMULAS or name.startswith("gristHelper_"),
                    # where a reference shows a word: the hidden column that has it
                    "displayCol": numbers.get(self.helpers.get(name, ""), 0),
                    "visibleCol": 2 if name in self.helpers else 0,
                },
            }
            for name, kind in types.items()
            # a column that an access rule hides is not even named
            if name not in self.hidden_columns and (hidden or not name.startswith("gristHelper_"))
        ]  # fmt: skip

    def records(self, wanted: dict[str, Any], hidden: bool) -> Any:
        if not all(isinstance(values, list) for values in wanted.values()):
            return refused(400, "Invalid query: filter values must be arrays")
        # no offset and no cursor: everything in one page, by the number of the row
        rows = [self.cells(number) for number in sorted(self.rows)]
        for column, values in wanted.items():
            if column != "id" and column not in self.all_types:
                return refused(400, f"Error manipulating data: [Sandbox] KeyError '{column}'")
            # compared as they are kept: a word is never the number of a row, a day never a text
            rows = [cells for cells in rows if is_in(cells[column], values)]
        # a row that an access rule hides is not there, and nothing says so
        seen = [cells for cells in rows if not self.is_hidden(cells["id"], "id")]
        return {"records": [self.record(cells, hidden) for cells in seen]}

    def cells(self, number: int) -> dict[str, Any]:
        cells = {name: empty(kind) for name, kind in self.types.items()} | self.rows[number]
        for name, helper in self.helpers.items():
            cells[helper] = self.words[name].get(cells[name], "")
        return {"id": number, **cells}

    def is_hidden(self, number: int, name: str) -> bool:
        return self.hides is not None and self.hides(number, name)

    def record(self, cells: dict[str, Any], hidden: bool) -> Any:
        number, fields, errors = cells["id"], {}, {}
        for name, cell in cells.items():
            if name in ("id", *self.hidden_columns):
                continue
            if name.startswith("gristHelper_") and not hidden:
                continue
            # a formula that fails is null, and its error stands beside the cells
            if isinstance(cell, list) and cell[:1] == ["E"]:
                errors[name], fields[name] = cell[1], None
            else:
                fields[name] = ["C"] if self.is_hidden(number, name) else cell
        return {"id": number, "fields": fields, **({"errors": errors} if errors else {})}

    def selected(self, statement: str) -> Any:
        asked = statement.removesuffix(";")  # one, and nothing behind it
        if "select" not in asked.lower():
            return refused(400, "only select statements are supported")
        types = self.all_types
        with sqlite3.connect(":memory:") as database:
            database.row_factory = sqlite3.Row
            names = ", ".join(types)
            database.execute(f"CREATE TABLE Presences (id INTEGER PRIMARY KEY, {names})")
            marks = ", ".join("?" for _ in range(1 + len(types)))
            for number in self.rows:
                cells = self.cells(number)
                row = [number, *(stored(cells[name], kind) for name, kind in types.items())]
                database.execute(f"INSERT INTO Presences VALUES ({marks})", row)
            # a statement that takes too long is stopped
            database.set_progress_handler(lambda: 1, self.steps)
            try:
                found = database.execute(f"select * from ({asked})").fetchall()
            except sqlite3.OperationalError as fault:
                if "interrupted" in str(fault):
                    return refused(400, "a slow statement resulted in a database interrupt")
                return refused(400, f"SQLITE_ERROR: {fault}")
        # neither the number of a row beside it nor the types of the columns
        rows = [{"fields": {k: shown(v) for k, v in dict(row).items()}} for row in found]
        return {"statement": statement, "records": rows}


def refused(status: int, words: str) -> JSONResponse:
    """With its own sentence."""
    return JSONResponse({"error": words}, status)


def empty(kind: str) -> Any:
    return 0 if kind.startswith("Ref:") else EMPTY.get(kind)


def is_in(cell: Any, values: list[Any]) -> bool:
    """Is it one of them? A list never is."""
    return not isinstance(cell, list) and cell in values


def stored(cell: Any, kind: str) -> Any:
    """As the document keeps it: a list is text of JSON, and what is no value of its type bytes."""
    if isinstance(cell, list):
        return json.dumps(cell[1:]) if cell[:1] == ["L"] else json.dumps(cell).encode()
    if isinstance(cell, str) and kind in ("Int", "Date") and cell[:1].isdigit():
        return cell.encode()  # "31/02/2026", "12,5"
    return cell


def shown(cell: Any) -> Any:
    """Bytes in JSON; true and false are 1 and 0."""
    return {"type": "Buffer", "data": list(cell)} if isinstance(cell, bytes) else cell
