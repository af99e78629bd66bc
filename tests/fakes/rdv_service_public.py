"""RDV Service Public's API: each comment names the pitfall of `docs/sources.md` that it reproduces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


@dataclass
class RdvServicePublic:
    password: str
    rdvs: dict[int, dict[str, Any]] = field(default_factory=dict)
    per_page: int = 100
    after_a_page: Callable[[], None] | None = None
    is_reversed: bool = False
    hidden: int = 0
    """Appointments that are counted and never shown."""

    def book(self, number: int, begins: datetime, status: str = "seen", **more: Any) -> None:
        self.rdvs[number] = {
            "id": number,
            "uuid": f"uuid-{number}",
            # nobody has said yet what came of the appointment itself: the participations have it
            "status": "unknown",
            "starts_at": begins.isoformat(timespec="milliseconds"),
            "ends_at": (begins + timedelta(minutes=30)).isoformat(timespec="milliseconds"),
            "duration_in_min": 30,
            "collectif": False,
            "users_count": 1,
            "motif": {"id": 9, "name": "Aide CAF", "location_type": "public_office"},
            "participations": [
                {"id": number, "status": status, "user": {
                    "id": number, "email": None, "first_name": "Prénom", "last_name": "Nom",
                    "birth_date": "1980-03-12",
                }}
            ],
            **more,
        }  # fmt: skip

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/api/v1/auth/sign_in")
        async def sign_in(request: Request) -> Any:
            given = await request.json()
            if given != {"email": "agent@exemple.test", "password": self.password}:
                return JSONResponse({"errors": ["Identifiants incorrects"]}, 401)
            # the session is in the headers, and holds for a day
            session = {"access-token": self.password, "client": "c", "uid": given["email"]}
            return JSONResponse({"data": {}}, headers=session)

        @app.get("/api/v1/organisations/3/rdvs")
        def rdvs(
            request: Request, page: int = 1, starts_after: str = "", starts_before: str = "9"
        ) -> Any:
            if request.headers.get("access-token") != self.password:
                return JSONResponse({"errors": ["Vous devez vous connecter"]}, 401)
            found = [
                rdv
                for rdv in self.rdvs.values()
                if starts_after <= rdv["starts_at"] < starts_before
            ]
            # no ORDER BY: the database gives what it finds first
            found.sort(key=lambda rdv: rdv["id"], reverse=self.is_reversed)
            # 100 a page, whatever one asks for
            shown = found[(page - 1) * self.per_page : page * self.per_page]
            pages = -(-len(found) // self.per_page)
            meta = {
                "current_page": page,
                "next_page": page + 1 if page < pages else None,
                "total_pages": pages,
                "total_count": len(found) + self.hidden,
            }
            if self.after_a_page:
                self.after_a_page()
            return {"rdvs": shown, "meta": meta}

        return app
