"""Cobot v1: each comment names the pitfall of `docs/sources.md` that it reproduces."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


def written(at: datetime) -> str:
    """Not ISO: slashes, and a zone behind a space."""
    return at.astimezone(UTC).strftime("%Y/%m/%d %H:%M:%S +0000")


@dataclass
class Cobot:
    token: str
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    bookings: dict[str, dict[str, Any]] = field(default_factory=dict)

    def check_in(self, number: str, at: datetime, until: datetime) -> None:
        member = f"m{number}"
        self.members[member] = f"membre{number}@exemple.test"
        self.sessions[number] = {
            "id": number,
            "membership": {"id": member, "name": "un nom"},
            "time_pass": {"id": "fbf7"},
            "valid_from": written(at),
            # the end of the pass, 03:59 of the next day, unless somebody checks out
            "valid_until": written(until),
            "at": at,
        }

    def book(self, number: str, begins: datetime, ends: datetime, **more: Any) -> None:
        member = f"m{number}"
        self.members[member] = f"membre{number}@exemple.test"
        self.bookings[number] = {
            "id": number,
            "membership": {"id": member, "name": "un nom"},
            "from": written(begins),
            "to": written(ends),
            "resource": {"id": "r1", "name": "Salle du fond"},
            "title": "un titre",
            "at": begins,
            "until": ends,
            **more,
        }

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def authorised(request: Request, answer: Any) -> Any:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                return JSONResponse({"error": "invalid_token"}, 401)
            return await answer(request)

        @app.get("/api/memberships")
        def memberships() -> Any:
            # current members only: who has left is not there
            return [{"id": k, "email": v, "name": "un nom"} for k, v in self.members.items()]

        @app.get("/api/work_sessions")
        def work_sessions(request: Request) -> Any:
            # no pages: all of the window
            first, last = (
                datetime.fromisoformat(request.query_params[end]) for end in ("from", "to")
            )
            return [
                {key: value for key, value in session.items() if key != "at"}
                for session in self.sessions.values()
                if first <= session["at"] < last
            ]

        @app.get("/api/bookings")
        def bookings(request: Request) -> Any:
            # whatever overlaps: a booking over midnight is in two windows, and so are those to come
            first, last = (
                datetime.fromisoformat(request.query_params[end]) for end in ("from", "to")
            )
            return [
                {key: value for key, value in booking.items() if key not in ("at", "until")}
                for booking in self.bookings.values()
                if booking["at"] < last and first < booking["until"]
            ]

        return app
