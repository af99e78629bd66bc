"""What is announced while data goes through, for whoever listens: documented, and without a person.

Events are hints. Prefect may lose one or deliver it twice; what they speak of is in landing and in
the ledger, and a run finds it there. An id is made from what the event says, so that the same news
twice is one event.
"""

import logging
import os
import uuid
from datetime import UTC, datetime
from typing import ClassVar

import httpx
from pydantic import BaseModel, ConfigDict, Field

from flows.language import _
from schemas import FEEDS

logger = logging.getLogger("impact")

NAMESPACE = uuid.UUID("5f0c52b1-90a5-5a83-9e86-5d3d5b1f8f52")
ANNOUNCE_SECONDS = 10


class News(BaseModel):
    """The payload of one kind of event; `about` names the resource that it speaks of."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    event: ClassVar[str]
    about: ClassVar[str]


class NewsOfAPlace(News):
    about: ClassVar[str] = "tiers-lieux.place.{place}"
    place: str = Field(description="Id of the place.")
    feed: str = Field(description=", ".join(FEEDS))


class NewsOfARelease(News):
    about: ClassVar[str] = "tiers-lieux.release.{release}"


class DeliveryLanded(NewsOfAPlace):
    """A delivery was brought and lies in landing."""

    event: ClassVar[str] = "tiers-lieux.delivery.landed"
    source: str = Field(description="Id of the source, in the TOML of the place.")
    batch: str = Field(description="Id of the batch, as GET /deliveries/{batch} takes it.")
    size_bytes: int = Field(description="Size of the file.")
    landed_at: datetime = Field(description="When it had landed; a later run reads it.")


class SourceChanged(NewsOfAPlace):
    """The tool of a place says that there is something new; it has to be asked what."""

    event: ClassVar[str] = "tiers-lieux.source.changed"
    source: str = Field(description="Id of the source, in the TOML of the place.")
    said_at: datetime = Field(description="When the tool said so.")


class WarehouseLoaded(NewsOfAPlace):
    """Batches of a place and feed were settled by a run."""

    event: ClassVar[str] = "tiers-lieux.warehouse.loaded"
    run: str = Field(description="The flow run.")
    look: int = Field(description="Which look of the run at what waits: 1 for the first.")
    batches: int = Field(description="Batches settled.")
    received: int = Field(description="Rows read.")
    loaded: int = Field(description="Rows that are now records.")
    quarantined: int = Field(description="Rows refused.")


class FiguresComputed(NewsOfARelease):
    """The figures were computed anew, and the preview shows them."""

    event: ClassVar[str] = "tiers-lieux.figures.computed"
    release: str = Field(description="Id of the release that they would be.")
    run: str = Field(description="The flow run.")


class ReleasePublished(NewsOfARelease):
    """Readers see another release."""

    event: ClassVar[str] = "tiers-lieux.release.published"
    release: str = Field(description="Id of the release.")
    figures_moved: int = Field(description="Published figures that are others than before.")


KINDS: tuple[type[News], ...] = (
    DeliveryLanded, SourceChanged, WarehouseLoaded, FiguresComputed, ReleasePublished,
)  # fmt: skip


def event_of(news: News, now: datetime) -> dict[str, object]:
    """The event as Prefect takes it."""
    text = news.model_dump_json()
    return {
        "id": str(uuid.uuid5(NAMESPACE, f"{news.event}|{text}")),
        "event": news.event,
        "occurred": now.isoformat(),
        "resource": {"prefect.resource.id": news.about.format(**dict(news))},
        "payload": news.model_dump(mode="json"),
    }


def announce(news: News) -> bool:
    """Tell a running server; without one, or when it does not listen, nothing is lost but time."""
    api = os.environ.get("PREFECT_API_URL")
    if not api:
        return False
    secret = os.environ.get("PREFECT_API_AUTH_STRING")
    try:
        with httpx.Client(timeout=ANNOUNCE_SECONDS, auth=basic(secret)) as client:
            answer = client.post(
                f"{api}/events", json=[event_of(news, datetime.now(UTC))], headers=csrf(client, api)
            )
            answer.raise_for_status()
    except httpx.HTTPError as fault:
        logger.warning(
            _("the event {event} was not taken ({kind}); the next sweep does without").format(
                event=news.event, kind=type(fault).__name__
            )
        )
        return False
    return True


def basic(secret: str | None) -> httpx.BasicAuth | None:
    """`PREFECT_API_AUTH_STRING` is `user:password`."""
    if not secret:
        return None
    user, _colon, password = secret.partition(":")
    return httpx.BasicAuth(user, password)


def csrf(client: httpx.Client, api: str) -> dict[str, str]:
    """The two headers that a server with CSRF protection asks for; else none."""
    if os.environ.get("PREFECT_SERVER_CSRF_PROTECTION_ENABLED", "").lower() not in ("1", "true"):
        return {}
    name = str(uuid.uuid4())
    answer = client.get(f"{api}/csrf-token", params={"client": name})
    answer.raise_for_status()
    return {"Prefect-Csrf-Token": answer.json()["token"], "Prefect-Csrf-Client": name}
