"""pretix's API v1: each comment names the pitfall of `docs/sources.md` that it reproduces."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


@dataclass
class Pretix:
    token: str
    now: datetime
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    per_page: int = 50
    """The most that a page holds, whatever is asked for."""

    def order(self, code: str, tickets: int = 1, **more: Any) -> None:
        first = 100 * (len(self.orders) + 1)
        self.orders[code] = {
            "event": "portes",
            "email": f"acheteur-{code}@exemple.test",
            "datetime": self.now,
            "testmode": False,
            "positions": [
                {"id": first + n, "attendee_email": None, "subevent": None, "checkins": []}
                for n in range(tickets)
            ],
            **more,
        }
        self.touch(code)

    def touch(self, code: str) -> None:
        # a check-in changes the order; nothing else says that it was made
        self.orders[code]["last_modified"] = self.now

    def check_in(self, code: str, at: datetime, kind: str = "entry", ticket: int = 0) -> int:
        checkins = self.orders[code]["positions"][ticket]["checkins"]
        number = self.orders[code]["positions"][ticket]["id"] * 10 + len(checkins)
        # the last one first
        told = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        checkins.insert(0, {"id": number, "datetime": told, "list": 1, "type": kind})
        self.touch(code)
        return number

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/api/v1/organizers/{organizer}/orders/")
        def orders(
            request: Request,
            organizer: str,
            page: int = 1,
            page_size: int = 50,
            modified_since: datetime | None = None,
            testmode: bool | None = None,
        ) -> Any:
            if request.headers.get("authorization") != f"Token {self.token}":
                return JSONResponse({"detail": "Invalid token."}, 401)
            found = [
                told
                for told in self.orders.values()
                if (not modified_since or told["last_modified"] >= modified_since)
                and testmode in (None, told["testmode"])
            ]
            found.sort(key=lambda told: told["datetime"])
            include = request.query_params.getlist("include")
            size = min(page_size, self.per_page)
            shown = found[(page - 1) * size : page * size]
            is_last = page * size >= len(found)
            return {
                "count": len(found),
                # the address as the server believes it to be: behind a proxy, another
                "next": None if is_last else f"http://interne.invalid/?page={page + 1}",
                "previous": None,
                "results": [only_asked_for(told, include) for told in shown],
            }

        return app


def only_asked_for(order: dict[str, Any], include: list[str]) -> dict[str, Any]:
    """What `include` names, and no name or address of anybody else."""
    shown = {name: value for name, value in order.items() if name in include}
    inside = {name.partition(".")[2] for name in include if name.startswith("positions.")}
    if "positions" in order:
        shown["positions"] = [
            {name: value for name, value in position.items() if name in inside}
            for position in order["positions"]
        ]
    return shown
