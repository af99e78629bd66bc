"""What the ways in share: who may come in, how often, and what becomes of a file."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fastapi import HTTPException, Request

from flows.door.limits import Limit
from flows.door.places import Known
from flows.door.secrets import is_right, made_from
from flows.errors import ImpactError
from flows.intake import inbox
from flows.intake.landing import Batch
from flows.language import _
from flows.places import Place
from flows.records import Delivery
from flows.serving.events import DeliveryLanded
from flows.settings import Settings
from flows.sources import Source

logger = logging.getLogger("impact")


@dataclass
class Door:
    """What the ways in share."""

    settings: Settings
    known: Known = field(init=False)
    half_read: int = 0
    """Hooks that are coming in now."""
    deliveries: Limit = field(default_factory=lambda: Limit(burst=120, per_minute=60))
    hooks: Limit = field(default_factory=lambda: Limit(burst=300, per_minute=300))
    mistakes: Limit = field(default_factory=lambda: Limit(burst=20, per_minute=10))

    def __post_init__(self) -> None:
        self.known = Known(self.settings.places)

    def caller(self, request: Request, place_id: str) -> str:
        return f"{request.client.host if request.client else ''}|{place_id}"

    def check_token(self, request: Request, place_id: str) -> None:
        """401 for a wrong token, and for a place that is not there: nobody learns which.

        Who guesses is told to wait. A right token passes all the same: behind a proxy, everybody
        may seem to be one caller.
        """
        scheme, _space, token = request.headers.get("authorization", "").partition(" ")
        wanted = made_from(self.settings, place_id, "deliveries") if place_id else None
        if not is_right(token.strip(), wanted) or scheme.lower() != "bearer":
            self.refuse_guesses(request)
            raise HTTPException(
                401, _("this token opens nothing here"), {"WWW-Authenticate": "Bearer"}
            )

    def refuse_guesses(self, request: Request) -> None:
        if not self.mistakes.spend(self.caller(request, "")):
            raise HTTPException(429, _("too many wrong tokens: wait a minute"))

    def place(self, place_id: str) -> Place:
        """The place as its TOML says now; 503 while no TOML can be read."""
        try:
            places = self.known.places()
        except ImpactError as fault:
            logger.error("%s", fault)
            raise HTTPException(503, _("the places cannot be read: see the log")) from fault
        if place_id not in places:
            raise HTTPException(404, _("this place is not declared"))
        return places[place_id]

    def take(self, file: Path, name: str, place: Place, source: Source) -> tuple[Batch, datetime]:
        """Land a file that is complete, for good."""
        now = datetime.now(UTC)
        return inbox.bring(Delivery(name, file), place, source, self.settings.landing, now), now


def landed(batch: Batch, now: datetime) -> DeliveryLanded:
    return DeliveryLanded(
        place=batch.place_id, feed=batch.feed, source=batch.source_id, batch=batch.batch_id,
        size_bytes=batch.size_bytes, landed_at=now,
    )  # fmt: skip
