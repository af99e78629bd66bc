"""La Coop's API: each comment names the pitfall of `docs/sources.md` that it reproduces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

KNOWN = {"page[size]", "page[after]", "filter[structure_id]", "filter[modification][depuis]"}


@dataclass
class LaCoop:
    token: str
    activities: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    after_a_page: Callable[[], None] | None = None
    """What happens at the source between two pages."""
    now: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def write(self, number: str, day: datetime, **more: Any) -> None:
        """A new activity, or another state of one."""
        self.now += timedelta(seconds=1)
        self.activities[number] = {
            "type": "collectif",
            "date": day.date().isoformat(),
            "duree": 90,
            "accompagnements": 6,
            "structure_id": "s1",
            "type_lieu": "lieu_activite",
            "thematiques": ["email"],
            "titre_atelier": "un titre",
            "suppression": None,
            # sums of a workshop; who was what is drawn by lot
            "beneficiaires": {"total": 6, "genres": {"feminin": 4, "masculin": 2}},
            "modification": stamp(self.now),
            **more,
        }

    def employ(self, number: str, *contracts: dict[str, Any]) -> None:
        """A user of any structure, with all contracts that there ever were."""
        self.users[number] = {
            "email": f"{number}@exemple.test",
            "prenom": "Prénom",
            "nom": "Nom",
            "creation": stamp(self.now),
            "emplois": [
                {"structure_id": "s1", "fin": None, "suppression": None, **contract}
                for contract in contracts
            ],
        }

    def delete(self, number: str) -> None:
        # the row stays listed, with `suppression`, and counts as changed
        self.now += timedelta(seconds=1)
        told = {"suppression": stamp(self.now), "modification": stamp(self.now)}
        self.activities[number] = {**self.activities[number], **told}

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def authorised(request: Request, answer: Any) -> Any:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                # any failure to authenticate is 403
                return JSONResponse({"message": "Forbidden"}, 403)
            return await answer(request)

        @app.get("/api/v1/utilisateurs")
        def utilisateurs(request: Request) -> Any:
            asked = request.query_params
            if unknown := set(asked) - {"page[size]", "page[after]"}:
                # neither a structure nor a day can be asked for
                return JSONResponse({"message": f"unknown {unknown}"}, 400)
            found = [
                {"type": "utilisateur", "id": number, "attributes": told}
                for number, told in self.users.items()
            ]
            # the latest created first
            return page_of(request, found[::-1])

        @app.get("/api/v1/activites")
        def activites(request: Request) -> Any:
            asked = request.query_params
            if unknown := set(asked) - KNOWN:
                # strict: an unknown question is refused
                return JSONResponse({"message": f"unknown {unknown}"}, 400)
            since = asked.get("filter[modification][depuis]", "")
            if since and not since.endswith("Z"):
                # no offset
                return JSONResponse({"message": "Invalid datetime"}, 400)
            found = [
                {"type": "activite", "id": number, "attributes": told}
                for number, told in self.activities.items()
                if told["modification"] >= since
                and told["structure_id"] == asked.get("filter[structure_id]", told["structure_id"])
            ]
            found.sort(key=lambda record: record["attributes"]["modification"], reverse=True)
            page = page_of(request, found)
            if self.after_a_page:
                self.after_a_page()
            return page

        return app


def page_of(request: Request, found: list[dict[str, Any]]) -> Any:
    asked, total = request.query_params, len(found)
    if after := asked.get("page[after]"):
        ids = [record["id"] for record in found]
        found = found[ids.index(after) + 1 :]
    shown = found[: int(asked["page[size]"])]
    following = None
    if shown:
        # every page that is not empty advertises a next one; an object, not a text
        url = request.url.include_query_params(**{"page[after]": shown[-1]["id"]})
        following = {"href": str(url)}
    meta = {"has_next_page": bool(shown), "total_count": total}
    return {"data": shown, "links": {"next": following}, "meta": meta}


def stamp(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
