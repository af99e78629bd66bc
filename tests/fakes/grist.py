"""Grist: each comment names the pitfall of `docs/sources.md` that it reproduces.

One document, whose table is a register of presences.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

TYPES = {
    "Arrivee": "DateTime:Europe/Paris",
    "Jour": "Date",
    "Nombre": "Int",
    "Courriel": "Text",
    "Statut": "Choice",
    "Note": "Text",
    "Themes": "ChoiceList",
    "Efface": "Bool",
}


@dataclass
class Grist:
    """`rows` is the table: row number → cells as Grist writes them."""

    token: str
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=lambda: dict(TYPES))
    may_copy: bool = True
    """Whether the account may copy the whole document."""
    steps: int = 1_000_000
    """How much work a statement may take: the real one counts milliseconds."""

    @property
    def app(self) -> FastAPI:
        app = FastAPI()
        table = "/api/docs/registre1/tables/Presences"

        @app.middleware("http")
        async def authorised(request: Request, answer: Any) -> Any:
            # a key is a person's key; a wrong one is 401
            if request.headers.get("authorization") != f"Bearer {self.token}":
                return JSONResponse({"error": "invalid API key"}, 401)
            return await answer(request)

        @app.get(f"{table}/columns")
        async def columns() -> Any:
            # the zone of a DateTime is in the type of its column
            return {"columns": [{"id": k, "fields": {"type": v}} for k, v in self.types.items()]}

        @app.get(f"{table}/records")
        async def records(filter: str = "{}") -> Any:
            # no offset and no cursor: everything in one page, in any order
            wanted = json.loads(filter)
            rows = [
                {"id": number, "fields": {**dict.fromkeys(self.types), **cells}}
                for number, cells in reversed(self.rows.items())
                if all(cells.get(column) in values for column, values in wanted.items())
            ]
            return {"records": rows}

        @app.post("/api/docs/registre1/sql")
        async def sql(request: Request) -> Any:
            if not self.may_copy:
                # a SELECT sees everything, whatever the access rules: only who may copy it all asks
                return JSONResponse({"error": "insufficient document access"}, 403)
            asked = await request.json()
            return self.selected(asked["sql"].removesuffix(";"))

        return app

    def selected(self, statement: str) -> Any:
        with sqlite3.connect(":memory:") as database:
            database.row_factory = sqlite3.Row
            names = ", ".join(self.types)
            database.execute(f"CREATE TABLE Presences (id INTEGER PRIMARY KEY, {names})")
            marks = ", ".join("?" for _ in range(1 + len(self.types)))
            for number, cells in self.rows.items():
                row = [number, *(stored(cells.get(name)) for name in self.types)]
                database.execute(f"INSERT INTO Presences VALUES ({marks})", row)
            # a statement that takes too long is stopped
            database.set_progress_handler(lambda: 1, self.steps)
            try:
                found = database.execute(f"SELECT * FROM ({statement})").fetchall()
            except sqlite3.Error as fault:
                return JSONResponse({"error": str(fault)}, 400)
        # neither the number of a row beside it nor the types of the columns
        rows = [{"fields": {k: shown(v) for k, v in dict(row).items()}} for row in found]
        return {"statement": statement, "records": rows}


def stored(cell: Any) -> Any:
    """As the document keeps it: a list is text of JSON, and what is no value of its type bytes."""
    if isinstance(cell, list):
        return json.dumps(cell[1:]) if cell[:1] == ["L"] else json.dumps(cell).encode()
    return cell


def shown(cell: Any) -> Any:
    """Bytes in JSON; true and false are 1 and 0."""
    return {"type": "Buffer", "data": list(cell)} if isinstance(cell, bytes) else cell
