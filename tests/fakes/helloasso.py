"""HelloAsso v5, which nobody here could ask: from its official client and public ones.

Items and states as HelloAsso/helloasso-python@1a35f040fce0 (docs) lists them, the list of forms as
bebenlebricolo/HelloAssoDotnet@cd487803bacd keeps one. Each comment names the pitfall of
`docs/sources.md` that it reproduces.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

PAYER = {
    "email": "payeuse@exemple.test",
    "firstName": "Prénom-A",
    "lastName": "Nom-A",
    "address": "1 rue Basse",
    "dateOfBirth": "1980-02-03T00:00:00+01:00",
}
CLIENT = "9f0c"
MOST_A_PAGE = 100


def written(at: datetime) -> str:
    """Seven digits behind the second."""
    text = at.isoformat(timespec="microseconds")
    return text[:26] + "0" + text[26:]


def paid(state: str = "Authorized") -> dict[str, Any]:
    # a refund stands here alone: the ticket stays processed
    return {
        "id": 19609, "amount": 1250, "shareAmount": 1250, "state": state, "paymentMeans": "Card",
        "refundOperations": [],
    }  # fmt: skip


@dataclass
class HelloAsso:
    secret: str
    events: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[int, dict[str, Any]] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)
    """Those that were given; the last one alone is good."""
    answers_of_a_token: int = 1000
    gives_tokens: bool = True
    repeats_tokens: bool = False
    after_a_page: Callable[[], None] | None = None

    def announce(self, slug: str, begins: datetime | None, state: str = "Public") -> None:
        self.events[slug] = {
            "formSlug": slug, "formType": "Event", "state": state, "title": "un titre",
            "meta": {"createdAt": "2026-08-01T09:00:00.1+02:00"}, "currency": "EUR",
        }  # fmt: skip
        if begins:  # an event without a day has no such key
            self.events[slug]["startDate"] = written(begins)

    def sell(self, number: int, slug: str, **more: Any) -> None:
        self.items[number] = {
            "id": number,
            # the day of the purchase: that of the event stands with the event alone
            "order": {"id": 1, "date": "2026-09-01T12:00:00.1234567+02:00", "formSlug": slug},
            "payer": PAYER,
            # a holder has names and no address
            "user": {"firstName": PAYER["firstName"], "lastName": PAYER["lastName"]},
            # a gift stands beside the tickets of its order
            "type": "Registration",
            # cents
            "amount": 1250,
            "payments": [paid()],
            "customFields": [{"name": "Allergies", "answer": "arachides"}],
            # what opens the door; that somebody came through it is told nowhere
            "qrCode": "cXI=",
            "state": "Processed",
            **more,
        }

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.middleware("http")
        async def authorised(request: Request, answer: Any) -> Any:
            if not request.headers.get("user-agent"):
                return JSONResponse({"message": "Forbidden"}, 403)
            if request.url.path != "/oauth2/token":
                # a token lives for 30 minutes
                token = f"Bearer {self.tokens[-1]}" if self.tokens else ""
                if request.headers.get("authorization") != token or not self.answers_of_a_token:
                    return JSONResponse({"message": "Unauthorized"}, 401)
                self.answers_of_a_token -= 1
            return await answer(request)

        @app.post("/oauth2/token")
        async def token(request: Request) -> Any:
            # a form, not JSON
            given = {key: word for key, [word] in parse_qs((await request.body()).decode()).items()}
            wanted = {"client_id": CLIENT, "client_secret": self.secret}
            if given != {"grant_type": "client_credentials", **wanted}:
                return JSONResponse({"error": "invalid_client"}, 400)
            self.tokens.append(f"{self.secret}-{len(self.tokens)}")
            return {"access_token": self.tokens[-1], "token_type": "bearer", "expires_in": 1799}

        @app.get("/v5/organizations/asso-exemple/forms")
        def forms(request: Request) -> Any:
            # of every state, drafts too, unless one asks for some; the list says how many there are
            states = request.query_params.getlist("states")
            found = [told for told in self.events.values() if not states or told["state"] in states]
            return self.page(found, request, total=len(found))

        @app.get("/v5/organizations/asso-exemple/forms/Event/{slug}/items")
        def items(slug: str, request: Request) -> Any:
            # the newest first unless one asks for another order: a sale moves all pages
            found = [item for item in self.items.values() if item["order"]["formSlug"] == slug]
            is_ascending = request.query_params.get("sortOrder") == "Asc"
            return self.page(found if is_ascending else found[::-1], request, total=-1)

        return app

    def page(self, records: list[Any], request: Request, total: int) -> Any:
        size = min(int(request.query_params.get("pageSize", "20")), MOST_A_PAGE)
        asked = request.query_params.get("continuationToken", "0")
        first = int(asked)
        shown = records[first : first + size]
        # a token also after the end, and on an only page
        if self.after_a_page:
            self.after_a_page()
        token = str(first + len(shown)) if self.gives_tokens else None
        if self.repeats_tokens and first:
            token = asked
        pagination = {"pageSize": size, "totalCount": total, "continuationToken": token}
        return {"data": shown, "pagination": pagination}
