"""pretix's API v1 as pretix 2026.8.0 answers it, from its package on PyPI, which was run and read.

Each comment names the pitfall of `docs/sources.md` that its line reproduces.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

TICKET, SHIRT, MEAL, WORKSHOP = 1, 2, 3, 4
ADMITS = {TICKET: True, SHIRT: False, MEAL: False, WORKSHOP: True}
ORGANIZER = "le-lieu"
ANNULLED_WITHIN = timedelta(minutes=15)


@dataclass
class Pretix:
    """`orders` as they are; `products` admit somebody or not, in every event."""

    token: str
    now: datetime
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    products: dict[int, bool] = field(default_factory=lambda: dict(ADMITS))
    annulled: list[dict[str, Any]] = field(default_factory=list)
    lists_scans: bool = True
    """Whether it is new enough to list the scans of an event."""
    per_page: int = 50
    """The most that a page holds, whatever is asked for."""

    def order(self, code: str, tickets: int = 1, **more: Any) -> None:
        self.orders[code] = {
            "code": code,
            "event": "portes",
            "email": f"acheteur-{code}@exemple.test",
            "datetime": self.now,
            "testmode": False,
            "positions": [],
            **more,
        }
        for _ticket in range(tickets):
            self.add(code)

    def add(self, code: str, item: int = TICKET, **more: Any) -> dict[str, Any]:
        """One more position of an order: a ticket, or with `addon_to` what goes with one."""
        positions = self.orders[code]["positions"]
        position = {
            "id": 100 * (1 + list(self.orders).index(code)) + len(positions),
            "order": code,
            "item": item,
            "attendee_email": None,
            "addon_to": None,
            "subevent": None,
            "canceled": False,
            "checkins": [],
            **more,
        }
        positions.append(position)
        self.touch(code)
        return position

    def touch(self, code: str) -> None:
        # a check-in changes its order, also one that fails; nothing else says that it was made
        self.orders[code]["last_modified"] = self.now

    def check_in(
        self, code: str, at: datetime, kind: str = "entry", ticket: int = 0, **more: Any
    ) -> int:
        checkins = self.orders[code]["positions"][ticket]["checkins"]
        number: int = self.orders[code]["positions"][ticket]["id"] * 10 + len(checkins)
        told = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
        checkin = {
            "id": number, "datetime": told, "list": 1, "auto_checked_in": False, "gate": None,
            "device": None, "device_id": None, "type": kind, **more,
        }  # fmt: skip
        # the last one first
        checkins.insert(0, checkin)
        self.touch(code)
        return number

    def annul(self, code: str, number: int, ticket: int = 0) -> None:
        """Within a quarter of an hour, by who scanned it; it is then no check-in of its order."""
        position = self.orders[code]["positions"][ticket]
        [gone] = [told for told in position["checkins"] if told["id"] == number]
        assert self.now - datetime.fromisoformat(gone["datetime"]) <= ANNULLED_WITHIN
        position["checkins"].remove(gone)
        failed = {"successful": False, "error_reason": "annulled", "position": position["id"]}
        self.annulled.append(
            {**gone, **failed, "event": self.orders[code]["event"], "created": gone["datetime"]}
        )
        self.touch(code)

    def shred(self, event: str = "portes") -> None:
        """Its own shredder of addresses, for what the law does not let one keep."""
        for code, order in self.orders.items():
            if order["event"] == event:
                order["email"] = None
                for position in order["positions"]:
                    position["attendee_email"] = None
                self.touch(code)

    @property
    def app(self) -> FastAPI:
        app = FastAPI()
        organizer = f"/api/v1/organizers/{ORGANIZER}"

        @app.middleware("http")
        async def authorised(request: Request, answer: Any) -> Any:
            if request.headers.get("authorization") != f"Token {self.token}":
                return JSONResponse({"detail": "Invalid token."}, 401)
            return await answer(request)

        @app.get(organizer + "/orders/")
        def orders(
            request: Request,
            page: int = 1,
            page_size: int = 50,
            modified_since: datetime | None = None,
            testmode: bool | None = None,
        ) -> Any:
            found = [
                told
                for told in self.orders.values()
                # an order of the instant itself is given too
                if (not modified_since or told["last_modified"] >= modified_since)
                and testmode in (None, told["testmode"])
            ]
            found.sort(key=lambda told: told["datetime"])
            include = request.query_params.getlist("include")
            return self.listed([only_asked_for(told, include) for told in found], page, page_size)

        @app.get(organizer + "/events/{event}/items/")
        def items(
            event: str, page: int = 1, page_size: int = 50, admission: bool | None = None
        ) -> Any:
            if not self.has(event):
                return JSONResponse({"detail": "Not found."}, 404)
            # whoever may see the event may see its products
            told = [
                {"id": number, "admission": admits, "name": {"fr": "Un produit"}}
                for number, admits in self.products.items()
                if admission in (None, admits)
            ]
            return self.listed(told, page, page_size)

        @app.get(organizer + "/events/{event}/checkins/")
        def checkins(
            event: str,
            page: int = 1,
            page_size: int = 50,
            created_since: datetime | None = None,
            successful: bool | None = None,
            error_reason: str | None = None,
        ) -> Any:
            if not self.has(event) or not self.lists_scans:
                return JSONResponse({"detail": "Not found."}, 404)
            assert (successful, error_reason) == (False, "annulled"), "all that is kept of it here"
            told = [
                {name: value for name, value in gone.items() if name != "event"}
                for gone in self.annulled
                if gone["event"] == event
                and (not created_since or datetime.fromisoformat(gone["created"]) >= created_since)
            ]
            return self.listed(told, page, page_size)

        return app

    def has(self, event: str) -> bool:
        return any(told["event"] == event for told in self.orders.values())

    def listed(self, found: list[Any], page: int, page_size: int) -> Any:
        size = min(page_size, self.per_page)
        if page > 1 and (page - 1) * size >= len(found):
            return JSONResponse({"detail": "Invalid page."}, 404)
        # the address as the server believes it to be: behind a proxy, another
        more = None if page * size >= len(found) else f"http://interne.invalid/?page={page + 1}"
        shown = found[(page - 1) * size : page * size]
        return {"count": len(found), "next": more, "previous": None, "results": shown}


def only_asked_for(order: dict[str, Any], include: list[str]) -> dict[str, Any]:
    """What `include` names, and no name or address of anybody else."""
    shown = {name: value for name, value in order.items() if name in include}
    inside = {name.partition(".")[2] for name in include if name.startswith("positions.")}
    if "positions" in order:
        shown["positions"] = [
            {name: value for name, value in position.items() if name in inside}
            for position in order["positions"]
            # what was cancelled is not shown, and so are its check-ins
            if not position["canceled"]
        ]
    return shown
