"""The door as an application: deliveries, hooks and the watched folders, put together."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI

from flows.door.deliveries import add_deliveries
from flows.door.door import Door
from flows.door.folder import watch
from flows.door.guard import Guard
from flows.door.hooks import add_hooks
from flows.door.upload import clear_incoming
from flows.language import _
from flows.settings import Settings, read_settings

logger = logging.getLogger("impact")


def make_app(settings: Settings | None = None) -> FastAPI:
    """The application; in `impact serve`, uvicorn calls it without settings."""
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
        title="impact-tiers-lieux", version=version("impact-tiers-lieux"), lifespan=lifespan,
        docs_url=None, redoc_url=None,
    )  # fmt: skip
    app.state.door = door
    app.add_middleware(Guard, door=door)
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
