"""The door over HTTP: `POST /deliveries/{place}/{feed}`, `GET /deliveries/{batch}`, and hooks."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from flows.door.limits import Limit
from flows.door.places import Known, source_for
from flows.door.secrets import is_right, made_from
from flows.door.upload import clear_incoming, incoming_file, receive
from flows.errors import ImpactError
from flows.events import DeliveryLanded, announce
from flows.intake import inbox
from flows.intake.landing import Batch
from flows.language import _
from flows.places import Place, Source
from flows.records import Delivery
from flows.settings import Settings, read_settings

logger = logging.getLogger("impact")

BATCH_ID_CHARACTERS = 16


@dataclass
class Door:
    """What the ways in share."""

    settings: Settings
    known: Known = field(init=False)
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


def make_app(settings: Settings | None = None) -> FastAPI:
    """The application; in `impact serve`, uvicorn calls it without settings."""
    from flows.door.folder import watch
    from flows.door.hooks import add_hooks

    door = Door(settings or read_settings())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        clear_incoming(door.settings.home)
        stop = asyncio.Event()
        watching = asyncio.create_task(watch(door, stop))
        watching.add_done_callback(end_unless_asked(stop))
        yield
        stop.set()
        await asyncio.wait([watching])

    app = FastAPI(
        title="impact-tiers-lieux", lifespan=lifespan, docs_url=None, redoc_url=None,
        openapi_url=None,
    )  # fmt: skip
    app.state.door = door
    add_deliveries(app, door)
    add_hooks(app, door)

    @app.get("/health")
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


def end_unless_asked(stop: asyncio.Event) -> Callable[[asyncio.Task[None]], None]:
    """A door that watches no more must not look well: it ends, and the service starts another."""

    def end(watching: asyncio.Task[None]) -> None:
        if not stop.is_set() and not watching.cancelled():
            kind = type(watching.exception()).__name__
            logger.critical(_("the watch of the folders ended (%s): so does the door"), kind)
            signal.raise_signal(signal.SIGTERM)

    return end


def add_deliveries(app: FastAPI, door: Door) -> None:
    async def deliver(
        request: Request, background: BackgroundTasks, place_id: str, feed: str, name: str,
        source_id: str | None,
    ) -> dict[str, object]:  # fmt: skip
        door.check_token(request, place_id)
        if not door.deliveries.spend(door.caller(request, place_id)):
            raise HTTPException(429, _("too many deliveries: wait a minute"), {"Retry-After": "60"})
        place = door.place(place_id)
        source = source_for(place, feed, source_id)
        with incoming_file(door.settings.home, name) as (file, clean):
            await receive(request, file)
            batch, now = await run_in_threadpool(door.take, file, clean, place, source)
        state = state_of(door, batch.batch_id)
        if state["state"] == "waiting":
            background.add_task(announce, landed(batch, now))
        return {"batch": batch.batch_id, **state}

    @app.post("/deliveries/{place_id}/{feed}", status_code=202)
    async def post(
        request: Request, background: BackgroundTasks, place_id: str, feed: str,
        name: str = "", source: str | None = None,
    ) -> dict[str, object]:  # fmt: skip
        return await deliver(request, background, place_id, feed, name, source)

    @app.put("/deliveries/{place_id}/{feed}/{name}", status_code=202)
    async def put(
        request: Request, background: BackgroundTasks, place_id: str, feed: str, name: str,
        source: str | None = None,
    ) -> dict[str, object]:  # fmt: skip
        return await deliver(request, background, place_id, feed, name, source)

    @app.get("/deliveries/{batch_id}")
    def get(request: Request, batch_id: str) -> dict[str, object]:
        there = (
            inbox.whereabouts(door.settings.landing, batch_id)
            if batch_id.isalnum() and len(batch_id) == BATCH_ID_CHARACTERS
            else None
        )
        door.check_token(request, there.place_id if there else "")
        return {"batch": batch_id, **state_of(door, batch_id)}


def landed(batch: Batch, now: datetime) -> DeliveryLanded:
    return DeliveryLanded(
        place=batch.place_id, feed=batch.feed, source=batch.source_id, batch=batch.batch_id,
        size_bytes=batch.size_bytes, landed_at=now,
    )  # fmt: skip


def state_of(door: Door, batch_id: str) -> dict[str, object]:
    there = inbox.whereabouts(door.settings.landing, batch_id)
    assert there is not None
    fields = asdict(there)
    return {name: fields[name] for name in fields if name != "batch_id"}
