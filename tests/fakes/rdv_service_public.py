"""RDV Service Public's API, as betagouv/rdv-service-public@2693798dd8cb (October 2024) answers.

What came later is named by its pull request: appointments without copies (6559, July 2026), tokens
of OAuth that are renewed (4749 and 4875), agents of ProConnect without a password (6088). Each
comment names the pitfall of `docs/sources.md` that it reproduces.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

PARIS = ZoneInfo("Europe/Paris")
AGENT = {"id": 21, "first_name": "Agent", "last_name": "Public", "email": "agent@exemple.test"}
APPLICATION = "application-9"


@dataclass
class RdvServicePublic:
    password: str
    rdvs: dict[int, dict[str, Any]] = field(default_factory=dict)
    roles: dict[int, str] = field(default_factory=lambda: {3: "admin"})
    """Organisation → the role of the agent in it, `admin` or `basic`."""
    service: int = 5
    """That of the agent: what other services do is not shown to a role that is `basic`."""
    per_page: int = 100
    after_a_page: Callable[[], None] | None = None
    is_reversed: bool = False
    hidden: int = 0
    """Appointments that are counted and never shown."""
    is_distinct: bool = False
    """Since July 2026: an appointment of two agents comes once."""
    takes_passwords: bool = True
    refresh_token: str = "renouvellement-0"
    access_tokens: set[str] = field(default_factory=set)
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    def book(self, number: int, begins: datetime, status: str = "seen", **more: Any) -> None:
        self.rdvs[number] = {
            "id": number,
            "uuid": f"uuid-{number}",
            # nobody has said yet what came of the appointment itself: the participations have it
            "status": "unknown",
            "starts_at": rails(begins),
            "ends_at": rails(begins + timedelta(minutes=30)),
            "duration_in_min": 30,
            "address": "1 rue de l'Exemple", "context": None, "cancelled_at": None,
            "max_participants_count": None, "users_count": 1, "name": None, "collectif": False,
            "created_by_type": "Agent", "created_by_id": 21, "created_by": "agent",
            "organisation": {"id": 3, "name": "Maison de quartier", "phone_number": None,
                             "email": None, "verticale": "rdv_mairie"},
            "motif": {"id": 9, "name": "Aide CAF", "location_type": "public_office",
                      "service_id": self.service, "organisation_id": 3, "collectif": False},
            "participations": [participation(number, status, user(number))],
            "agents": [AGENT],
            "lieu": None,
            **more,
        }  # fmt: skip

    def users(self) -> list[dict[str, Any]]:
        """Every user in every appointment: the same one is there several times."""
        return [one["user"] for rdv in self.rdvs.values() for one in rdv["participations"]]

    def delete_user(self, number: int) -> None:
        """Anonymised where they stand: the number stays, and so do the participations."""
        for told in self.users():
            if told["id"] == number:
                told.update(
                    first_name="Usager supprimé", last_name="Usager supprimé", birth_date=None,
                    email=f"user_{number}@deleted.rdv-solidarites.fr",
                    address=f"[valeur unique anonymisée {number}]", phone_number=None,
                )  # fmt: skip

    def merge(self, number: int, into: int) -> None:
        """The participations go to the other user, with the numbers that they have."""
        [target, *_] = [told for told in self.users() if told["id"] == into] or [user(into)]
        for rdv in self.rdvs.values():
            for one in rdv["participations"]:
                if one["user"]["id"] == number:
                    one["user"] = dict(target)

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.post("/api/v1/auth/sign_in")
        async def sign_in(request: Request) -> Any:
            given = await request.json()
            is_right = given == {"email": "agent@exemple.test", "password": self.password}
            if not is_right or not self.takes_passwords:
                return JSONResponse({"success": False, "errors": ["Identifiants incorrects"]}, 401)
            # the session is in the headers, and holds for a day
            session = {"access-token": self.password, "client": "c", "uid": given["email"]}
            return JSONResponse({"data": {**AGENT, "uid": given["email"]}}, headers=session)

        @app.post("/oauth/token")
        async def token(request: Request) -> Any:
            return self.renewed((await request.body()).decode())

        @app.get("/api/v1/organisations")
        def organisations(request: Request, page: int = 1) -> Any:
            if not self.is_signed_in(request):
                return JSONResponse({"errors": ["Vous devez vous connecter"]}, 401)
            found = [
                {"id": number, "name": f"Organisation {number}", "phone_number": None,
                 "email": None, "verticale": "rdv_mairie"}
                for number in sorted(self.roles)
            ]  # fmt: skip
            return self.listed("organisations", found, page, len(found))

        @app.get("/api/v1/organisations/{organisation}/rdvs")
        def rdvs(
            request: Request, organisation: str, page: int = 1, starts_after: str = "",
            starts_before: str = "",
        ) -> Any:  # fmt: skip
            if not self.is_signed_in(request):
                return JSONResponse({"errors": ["Vous devez vous connecter"]}, 401)
            found = [
                rdv for rdv in self.rdvs.values()
                if organisation == str(rdv["organisation"]["id"])
                and (not starts_after or moment(rdv["starts_at"]) >= moment(starts_after))
                and (not starts_before or moment(rdv["starts_at"]) <= moment(starts_before))
            ]  # fmt: skip
            # no role in the organisation, or no such organisation: an empty list, and no fault
            found = [rdv for rdv in found for _copy in range(self.copies(rdv))]
            # no ORDER BY: the database gives what it finds first
            found.sort(key=lambda rdv: rdv["id"], reverse=self.is_reversed)
            answer = self.listed("rdvs", found, page, len(found) + self.hidden)
            answer["rdvs"] = [
                {**rdv, "users": [one["user"] for one in rdv.get("participations", [])]}
                for rdv in answer["rdvs"]
            ]
            if self.after_a_page:
                self.after_a_page()
            return answer

        return app

    def renewed(self, form: str) -> Any:
        given = {name: values[0] for name, values in parse_qs(form).items()}
        if (given.get("client_id"), given.get("client_secret")) != (APPLICATION, self.password):
            return JSONResponse({"error": "invalid_client"}, 401)
        right = ("refresh_token", self.refresh_token)
        if (given.get("grant_type"), given.get("refresh_token")) != right:
            return JSONResponse({"error": "invalid_grant"}, 400)
        number = next(self.numbers)
        # each token to renew with is good once
        self.refresh_token = f"renouvellement-{number}"
        self.access_tokens = {f"acces-{number}"}
        return {
            "access_token": f"acces-{number}", "token_type": "Bearer", "expires_in": 7200,
            "refresh_token": self.refresh_token, "scope": "write", "created_at": 1_793_000_000,
        }  # fmt: skip

    def is_signed_in(self, request: Request) -> bool:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        session = request.headers.get("access-token") == self.password
        return (session and request.headers.get("uid") != "") or bearer in self.access_tokens

    def copies(self, rdv: dict[str, Any]) -> int:
        """How often an appointment is in the list: once an agent, where the agents are joined."""
        role = self.roles.get(rdv["organisation"]["id"])
        is_mine = AGENT["id"] in [agent["id"] for agent in rdv["agents"]]
        is_of_my_service = rdv["motif"].get("service_id") == self.service
        if role is None or (role == "basic" and not is_mine and not is_of_my_service):
            return 0
        is_seen_whole = role == "admin" or is_of_my_service
        return len(rdv["agents"]) if is_seen_whole and not self.is_distinct else 1

    def listed(self, key: str, found: list[Any], page: int, total: int) -> dict[str, Any]:
        # 100 a page, whatever one asks for
        shown = found[(page - 1) * self.per_page : page * self.per_page]
        pages = -(-len(found) // self.per_page)
        meta = {
            "current_page": page,
            "next_page": page + 1 if page < pages else None,
            "prev_page": page - 1 if page > 1 else None,
            "total_pages": pages,
            "total_count": total,
        }
        return {key: shown, "meta": meta}


def participation(number: int, status: str, who: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": number, "status": status, "send_lifecycle_notifications": True,
        "send_reminder_notification": True, "created_by_type": "Agent", "created_by_id": 21,
        "created_by_agent_prescripteur": False, "created_by": "agent", "user": who,
    }  # fmt: skip


def user(number: int) -> dict[str, Any]:
    """The name of everybody is the same; the birth date is not."""
    return {
        "id": number, "first_name": "Prénom", "birth_name": None, "last_name": "Nom", "email": None,
        "address": None, "phone_number": None, "phone_number_formatted": None,
        "birth_date": f"{date(1980, 3, 12) + timedelta(days=number)}", "responsible_id": None,
        "notify_by_sms": True, "notify_by_email": True, "responsible": None, "user_profiles": None,
    }  # fmt: skip


def rails(at: datetime) -> str:
    return at.astimezone(PARIS).isoformat(timespec="milliseconds")


def moment(text: str) -> datetime:
    """As Rails reads it: in the zone of the server where it says none."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=PARIS)
