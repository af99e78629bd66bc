"""La Coop's API as its source answers: inclusion-numerique/coop-mediation-numerique@46aa33bdf21c.

Of 30 June 2026, `apps/web/src/app/api/v1`. Each comment names the pitfall of `docs/sources.md` that
it reproduces.
"""

from __future__ import annotations

import base64
import re
import uuid
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

STRUCTURE = "8f14e45f-ceea-467f-a4d4-9d1f1c0b2a33"
"""The place; the others are of other places."""
OTHER = "c9f0f895-fb98-4b91-99f3-1fd8b2b2c7d5"
MEDIATOR, USER = "1d4c9a52-6f0e-4f43-8a57-0c6a3b1e2d11", "0b6a7c1e-52f3-4a0d-9d20-5c0f8e7a9b22"
MOST_A_PAGE = 500
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
NOBODY = {
    "total": 0,
    "genres": {"masculin": 0, "feminin": 0, "non_communique": 0},
    "tranches_age": {"non_communique": 0},
    "statuts": {"non_communique": 0},
}


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class LaCoop:
    token: str
    activities: dict[str, dict[str, Any]] = field(default_factory=dict)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    structures: set[str] = field(default_factory=lambda: {STRUCTURE, OTHER})
    may_read_structures: bool = True
    after_a_page: Callable[[], None] | None = None
    """What happens at the source between two pages."""
    now: datetime = datetime(2026, 11, 1, 12, tzinfo=UTC)

    def write(self, number: str, day: datetime, **more: Any) -> None:
        """A new activity, or another state of one."""
        self.now += timedelta(seconds=1)
        known = self.activities.get(number, {})
        self.activities[number] = {
            "type": "collectif",
            "mediateur_id": MEDIATOR,
            "user_id": USER,
            "date": day.date().isoformat(),
            "duree": 90,
            # filled for `lieu_activite` alone; the employer is told nowhere
            "structure_id": STRUCTURE,
            "lieu_code_postal": None,
            "lieu_commune": None,
            "lieu_code_insee": None,
            "creation": known.get("creation", stamp(self.now)),
            "modification": stamp(self.now),
            "suppression": None,
            "type_lieu": "lieu_activite",
            "autonomie": None,
            "structure_de_redirection": None,
            "thematiques": ["email"],
            "tags": ["un mot"],
            "materiel": ["ordinateur"],
            "oriente_vers_structure": None,
            "precisions_demarche": None,
            "titre_atelier": "un titre",
            "niveau_atelier": "debutant",
            "accompagnements": 6,
            # sums of a workshop; who was what is drawn by lot
            "beneficiaires": {**NOBODY, "total": 6, "genres": {"feminin": 4, "masculin": 2}},
            **more,
        }

    def elsewhere(self, number: str, day: datetime, kind: str, **more: Any) -> None:
        """A session at home, at a distance or in another place: of no structure."""
        commune = {
            "lieu_code_postal": "80000",
            "lieu_commune": "Amiens",
            "lieu_code_insee": "80021",
        }
        self.write(number, day, type_lieu=kind, structure_id=None, **commune, **more)

    def employ(self, number: str, *contracts: dict[str, Any], **more: Any) -> None:
        """A mediator of any structure, with the contracts that La Coop knows of."""
        self.now += timedelta(seconds=1)
        now = stamp(self.now)
        given: dict[str, Any] = {"debut": None, "fin": None, "suppression": None}
        times = {"creation": now, "modification": now}
        self.users[number] = {
            "email": f"{number}@exemple.test",
            "prenom": "Prénom",
            "nom": "Nom",
            "inscription_validee": now,
            "telephone": "+33600000000",
            **times,
            "suppression": None,
            "dataspace_id": 7,
            "emplois": [
                {"structure_id": STRUCTURE, **given, **times, **contract} for contract in contracts
            ],
            "mediateur": {
                "id": f"m-{number}",
                "user_id": number,
                **times,
                "is_visible": True,
                # where they work, which need not be who employs them
                "en_activite": [{"id": "w1", "structure_id": OTHER, "debut": now, "fin": None}],
                "coordinations": [],
            },
            "coordinateur": None,
            # all mediators are listed; this alone says who is a conseiller
            "conseiller_numerique": {"is_conseiller_numerique": True, "id_pg": 1},
            **more,
        }

    def delete(self, number: str) -> None:
        # the row stays listed, with `suppression`, and counts as changed; nobody is behind it then
        self.now += timedelta(seconds=1)
        told = {"suppression": stamp(self.now), "modification": stamp(self.now)}
        self.activities[number] = {
            **self.activities[number], **told, "beneficiaires": NOBODY,
        }  # fmt: skip

    def delete_user(self, number: str, at: datetime | None = None) -> None:
        """The account stays listed and is nobody's; its contracts are not touched."""
        self.users[number] |= {
            "email": "deleted+Zk3v9QmB1xYt@coop-numerique.anct.gouv.fr",
            "prenom": "Utilisateur",
            "nom": "Supprimé",
            "telephone": None,
            "suppression": stamp(at or self.now),
        }

    def merge(self, gone: str, into: str) -> None:
        """Another number in each row, which counts as changed; a structure is gone."""
        self.now += timedelta(seconds=1)
        moved = {"structure_id": into, "modification": stamp(self.now)}
        for told in self.activities.values():
            told |= moved if told["structure_id"] == gone else {}
        for user in self.users.values():
            for contract in user["emplois"]:
                contract |= moved if contract["structure_id"] == gone else {}
        self.structures.discard(gone)

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def authorised(request: Request, answer: Any) -> Any:
            if request.headers.get("authorization") != f"Bearer {self.token}":
                # any failure to authenticate is 403
                return forbidden()
            return await answer(request)

        app.get("/api/v1/structures")(self.list_structures)
        app.get("/api/v1/utilisateurs")(self.list_users)
        app.get("/api/v1/activites")(self.list_activities)
        return app

    def list_structures(self, request: Request) -> Any:
        if not self.may_read_structures:  # each list is a right of its own
            return forbidden()
        asked = request.query_params
        ids = [number for number in asked.get("ids", "").split(",") if number]
        if refusal := refused(asked, "ids"):
            return refusal
        if not all(is_uuid(number) for number in ids):
            return JSONResponse({"error": {"name": "ZodError"}}, 400)
        # one that was merged into another is not there any more
        shown = [number for number in sorted(self.structures) if not ids or number in ids]
        data = [{"type": "structure", "id": n, "attributes": {"nom": n}} for n in shown]
        return {"data": data, "links": {"self": {"href": str(request.url)}}, "meta": {}}

    def list_users(self, request: Request) -> Any:
        asked = request.query_params
        if refusal := refused(asked):
            return refusal
        wanted = asked.get("filter[conseiller_numerique]")
        found = [
            (told["creation"], number, told)
            for number, told in self.users.items()
            if wanted is None
            or told["conseiller_numerique"]["is_conseiller_numerique"] == (wanted == "1")
        ]
        # the address of the next page has neither the size nor the filter of this one
        return page_of(request, "utilisateur", found, kept=())

    def list_activities(self, request: Request) -> Any:
        asked = request.query_params
        if refusal := refused(asked):
            return refusal
        since = asked.get(DEPUIS, "")
        if since and not INSTANT.fullmatch(since):
            # no offset
            return JSONResponse({"error": {"name": "ZodError"}}, 400)
        # neither a structure nor a mediator can be asked for: the whole country answers
        found = [
            (told["modification"], number, told)
            for number, told in self.activities.items()
            if told["modification"] >= since
        ]
        page = page_of(request, "activite", found, kept=("page[size]", DEPUIS))
        if self.after_a_page:
            self.after_a_page()
        return page


DEPUIS = "filter[modification][depuis]"


def forbidden() -> JSONResponse:
    return JSONResponse({"error": "Forbidden"}, 403)


def refused(asked: Any, *known: str) -> JSONResponse | None:
    """Strict at the top alone: an unknown key inside `filter` or `page` is dropped without a word."""
    names = {key.partition("[")[0] for key in asked}
    size = asked.get("page[size]", "500")
    is_known = names <= {"page", "filter", *known}
    if is_known and size.isdigit() and 1 <= int(size) <= MOST_A_PAGE:
        return None
    return JSONResponse({"error": {"name": "ZodError"}}, 400)


def page_of(
    request: Request, kind: str, found: list[tuple[str, str, Any]], kept: tuple[str, ...]
) -> Any:
    """Newest first, ties by number; the cursor is a compressed text."""
    asked, total = request.query_params, len(found)
    found = sorted(found, key=lambda one: one[:2], reverse=True)
    if after := asked.get("page[after]"):
        try:
            last = tuple(zlib.decompress(base64.urlsafe_b64decode(after)).decode().split("###"))
        except (ValueError, zlib.error):
            return JSONResponse({"error": "Invalid cursor"}, 400)
        found = [one for one in found if one[:2] < last]
    shown = found[: int(asked.get("page[size]", "500"))]
    links: dict[str, Any] = {"self": {"href": str(request.url)}}
    if shown:
        # every page that is not empty advertises a next one; an object, not a text
        cursor = base64.urlsafe_b64encode(zlib.compress("###".join(shown[-1][:2]).encode()))
        params = {key: asked[key] for key in kept if key in asked}
        following = request.url.replace(query="").include_query_params(
            **params, **{"page[after]": cursor.decode()}
        )
        links["next"] = {"href": str(following)}
    data = [{"type": kind, "id": number, "attributes": told} for _at, number, told in shown]
    meta = {"has_next_page": bool(shown), "total_count": total, "items_per_page": len(shown)}
    return {"data": data, "links": links, "meta": meta}


def is_uuid(text: str) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
