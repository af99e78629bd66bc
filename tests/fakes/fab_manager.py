"""Fab-manager's open API, as sleede/fab-manager@a0ee029d9154 (6.5.10, July 2026) answers.

Each comment names the pitfall of `docs/sources.md` that it reproduces. That a reservation which is
asked for by one of its availabilities comes with all of its slots was read, and not run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

PARIS = ZoneInfo("Europe/Paris")
NAMES = {"Machine": "decoupe-laser", "Space": "atelier-bois", "Training": "habilitation"}


@dataclass
class FabManager:
    token: str
    reservations: dict[int, dict[str, Any]] = field(default_factory=dict)
    availabilities: dict[int, dict[str, Any]] = field(default_factory=dict)
    events: dict[int, dict[str, Any]] = field(default_factory=dict)
    after_a_page: Callable[[], None] | None = None
    """What happens at the source between two pages."""

    def reserve(
        self, number: int, begins: datetime, ends: datetime, kind: str = "Machine",
        availability: int | None = None, member: int | None = None, **more: Any,
    ) -> None:  # fmt: skip
        """One slot booked; others of the same reservation are added by `also`."""
        member = member or number
        self.reservations[number] = {
            "id": number,
            "reservable_id": 7,
            "reservable_type": kind,
            # the booking was made before; `nb_reserve_places` is not in the API
            "updated_at": rails(begins),
            "created_at": rails(begins),
            "user_id": member,
            "user": account(member),
            "reservable": {"id": 7, "name": "Découpe laser", "slug": NAMES.get(kind, "")},
            "reserved_slots": [],
            **more,
        }
        self.also(number, begins, ends, availability or 5000 + number)

    def also(self, number: int, begins: datetime, ends: datetime, availability: int) -> None:
        slot = {
            "canceled_at": None, "availability_id": availability, "start_at": rails(begins),
            "end_at": rails(ends),
        }  # fmt: skip
        self.reservations[number]["reserved_slots"].append(slot)
        self.open(availability, begins, ends, self.reservations[number]["reservable_type"])

    def open(
        self, number: int, begins: datetime, ends: datetime, kind: str = "Machine"
    ) -> dict[str, Any]:
        """An availability, which may have been there for longer than the slot that is in it."""
        there = self.availabilities.setdefault(number, {
            "id": number, "start_at": rails(begins), "end_at": rails(ends),
            "created_at": "2026-01-05T09:00:00.000+01:00", "available_type": kind,
            "available_ids": [7], "slots": [],
        })  # fmt: skip
        there["slots"].append({"id": len(there["slots"]), "start_at": rails(begins),
                               "end_at": rails(ends)})  # fmt: skip
        there["start_at"] = min(there["start_at"], rails(begins))
        there["end_at"] = max(there["end_at"], rails(ends))
        return there

    def announce(self, number: int, total: int | None, free: int | None) -> None:
        """An event, with its seats; without a limit there are none of either."""
        self.events[number] = {
            "id": number, "title": "Soirée", "description": "", "nb_total_places": total,
            "nb_free_places": free, "updated_at": "2026-09-01T09:00:00.000+02:00",
            "created_at": "2026-09-01T09:00:00.000+02:00",
        }  # fmt: skip

    def cancel(self, number: int, at: datetime, slot: int = 0) -> None:
        # cancelling marks the slot; neither creation nor change of the reservation moves
        slots = self.reservations[number]["reserved_slots"]
        # no order of the slots: the row that was updated last comes last
        slots.append({**slots.pop(slot), "canceled_at": rails(at)})

    def move(self, number: int, begins: datetime, ends: datetime, slot: int = 0) -> None:
        """To another slot: another availability and beginning, and the former is in no answer."""
        slots = self.reservations[number]["reserved_slots"]
        slots.pop(slot)
        self.also(number, begins, ends, 9000 + number)

    def close_account(self, member: int) -> None:
        """Reservations stay; `user_id` is empty and `user` is not there at all."""
        for reservation in self.reservations.values():
            if reservation["user_id"] == member:
                reservation["user_id"] = None
                del reservation["user"]

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        def listed(request: Request, key: str, found: list[Any]) -> JSONResponse:
            if request.headers.get("authorization") != f"Token token={self.token}":
                # 401 says `errors`
                return JSONResponse({"errors": ["Bad credentials"]}, 401)
            page, per_page = (int(request.query_params.get(name, default))
                              for name, default in (("page", 1), ("per_page", 20)))  # fmt: skip
            shown = found[(page - 1) * per_page : page * per_page]
            headers = {"Total": str(len(found)), "Per-Page": str(per_page)}
            if self.after_a_page:
                self.after_a_page()
            return JSONResponse({key: shown}, headers=headers)

        @app.get("/open_api/v1/reservations")
        def reservations(request: Request) -> Any:
            asked = request.query_params
            found = [
                r for r in self.reservations.values()
                if is_between(r["created_at"], r["created_at"], asked)
                and is_one_of(asked, "reservable_id", [r["reservable_id"]])
                and is_one_of(asked, "availability_id",
                              [slot["availability_id"] for slot in r.get("reserved_slots", [])])
            ]  # fmt: skip
            # the latest first: what is booked meanwhile moves everything by one
            found.sort(key=itemgetter("created_at", "id"), reverse=True)
            return listed(request, "reservations", found)

        @app.get("/open_api/v1/availabilities")
        def availabilities(request: Request) -> Any:
            # `after` is about the beginning and `before` about the end
            found = [
                a for a in self.availabilities.values()
                if is_between(a["start_at"], a["end_at"], request.query_params)
                and request.query_params.get("available_type") in (None, a["available_type"])
            ]  # fmt: skip
            found.sort(key=itemgetter("start_at"), reverse=True)
            return listed(request, "availabilities", found)

        @app.get("/open_api/v1/events")
        def events(request: Request) -> Any:
            # a deleted event is not listed
            found = [e for e in self.events.values()
                     if is_one_of(request.query_params, "id", [e["id"]])]  # fmt: skip
            return listed(request, "events", found)

        return app


def account(number: int, *, is_man: bool | None = None) -> dict[str, Any]:
    """A member as the API shows them: whoever did not say what they are is `woman`."""
    return {
        "id": number, "email": f"usager{number}@exemple.test", "full_name": "A B",
        "first_name": "A", "last_name": "B", "created_at": "2026-01-05T09:00:00.000+01:00",
        "gender": "man" if is_man else "woman", "invoicing_profile_id": 700 + number,
        "external_id": None, "organization": False, "address": None,
        "group": {"id": 1, "name": "standard", "slug": "standard"},
    }  # fmt: skip


def is_between(begins: str, ends: str, asked: Any) -> bool:
    """Inclusive, in the zone of the server where the question names none."""
    after, before = (moment(asked[name]) if asked.get(name) else None
                     for name in ("after", "before"))  # fmt: skip
    return (after is None or moment(begins) >= after) and (before is None or moment(ends) <= before)


def is_one_of(asked: Any, name: str, numbers: Iterable[int]) -> bool:
    wanted = asked.getlist(f"{name}[]") or asked.getlist(name)
    return not wanted or not {str(number) for number in numbers}.isdisjoint(wanted)


def rails(at: datetime) -> str:
    return at.astimezone(PARIS).isoformat(timespec="milliseconds")


def moment(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=PARIS)
