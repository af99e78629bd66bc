"""Cobot v1, which nobody here could ask: from its documentation and its own client.

Memberships as cobot/zapier@d55313886c69 (14 July 2026) types them, and times as its tests write them;
work sessions and the windows of bookings are from the documentation alone. Each comment names the
pitfall of `docs/sources.md` that it reproduces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


def written(at: datetime) -> str:
    """Not ISO: slashes, and a zone behind a space."""
    return at.astimezone(UTC).strftime("%Y/%m/%d %H:%M:%S +0000")


def membership(number: str, email: str | None, *, has_left: bool) -> dict[str, Any]:
    """With all that we do not want to know."""
    told = {
        "id": number,
        "name": "Un Nom",
        # null for a member without an account of their own
        "email": email,
        "phone": "+33600000000",
        "address": {"company": None, "name": "Un Nom", "full_address": "1 rue Basse, Amiens"},
        "customer_number": None,
        "plan": {"name": "Nomade", "total_price_per_cycle": "100.0", "currency": "EUR"},
        "payment_method": None,
        "confirmed_at": written(datetime(2026, 1, 5, 12, tzinfo=UTC)),
        "team_id": None,
    }
    return {**told, "canceled_to": "2026/10/31"} if has_left else told


@dataclass
class Cobot:
    token: str
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[str, str | None] = field(default_factory=dict)
    former: set[str] = field(default_factory=set)
    """Members whose contract has ended; who was deleted is in neither."""
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
        def memberships(request: Request) -> Any:
            # current members only, unless all are asked for
            are_all = request.query_params.get("all") == "true"
            return [
                membership(number, email, has_left=number in self.former)
                for number, email in self.members.items()
                if are_all or number not in self.former
            ]

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
