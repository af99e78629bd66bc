"""Grist, as `docs/sources.md` describes it: one document whose table is a register of presences."""

from __future__ import annotations

import json
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
}


@dataclass
class Grist:
    """`rows` is the table: row number → cells as Grist writes them."""

    token: str
    rows: dict[int, dict[str, Any]] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=lambda: dict(TYPES))

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

        return app
