"""Fab-manager's open API 6.5: each comment names the pitfall of `docs/sources.md` that it reproduces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse


@dataclass
class FabManager:
    token: str
    reservations: dict[int, dict[str, Any]] = field(default_factory=dict)
    after_a_page: Callable[[], None] | None = None
    """What happens at the source between two pages."""

    def reserve(self, number: int, begins: datetime, ends: datetime, **more: Any) -> None:
        self.reservations[number] = {
            "id": number,
            "reservable_type": "Machine",
            "reservable": {"id": 7, "name": "Découpe laser", "slug": "decoupe-laser"},
            # the booking was made before; `nb_reserve_places` is not in the API
            "created_at": begins.isoformat(timespec="milliseconds"),
            "updated_at": begins.isoformat(timespec="milliseconds"),
            "user": {
                "id": number, "email": f"usager{number}@exemple.test", "full_name": "A B",
                "gender": "woman",
            },
            "reserved_slots": [
                {
                    "canceled_at": None,
                    "availability_id": 530,
                    "start_at": begins.isoformat(timespec="milliseconds"),
                    "end_at": ends.isoformat(timespec="milliseconds"),
                }
            ],
            **more,
        }  # fmt: skip

    def cancel(self, number: int, at: datetime) -> None:
        # cancelling marks the slot; neither creation nor change of the reservation moves
        self.reservations[number]["reserved_slots"][0]["canceled_at"] = at.isoformat()

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/open_api/v1/reservations")
        def reservations(
            request: Request, page: int = 1, per_page: int = 20, after: str = ""
        ) -> Any:
            if request.headers.get("authorization") != f"Token token={self.token}":
                # 401 says `errors`
                return JSONResponse({"errors": ["Bad credentials"]}, 401)
            found = [r for r in self.reservations.values() if r["created_at"] > after]
            # the latest first: what is booked meanwhile moves everything by one
            found.sort(key=itemgetter("created_at", "id"), reverse=True)
            shown = found[(page - 1) * per_page : page * per_page]
            headers = {"Total": str(len(found)), "Per-Page": str(per_page)}
            if self.after_a_page:
                self.after_a_page()
            return JSONResponse({"reservations": shown}, headers=headers)

        return app
