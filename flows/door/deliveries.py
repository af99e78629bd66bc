"""Files over HTTP: `POST` and `PUT /deliveries/{place}/{feed}`, `GET /deliveries/{batch}`."""

from dataclasses import asdict
from typing import Any

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request
from starlette.concurrency import run_in_threadpool

from flows.door.described import FILE, TOKEN, Delivered, refusals
from flows.door.door import Door, landed
from flows.door.places import source_for
from flows.door.upload import incoming_file, receive
from flows.intake import inbox
from flows.intake.landing import BATCH_ID_CHARACTERS
from flows.language import _
from flows.serving.events import announce


def add_deliveries(app: FastAPI, door: Door) -> None:
    async def deliver(
        request: Request, background: BackgroundTasks, place_id: str, feed: str, name: str,
        source_id: str | None,
    ) -> Delivered:  # fmt: skip
        door.check_token(request, place_id)
        if not door.deliveries.spend(door.caller(request, place_id)):
            raise HTTPException(429, _("too many deliveries: wait a minute"), {"Retry-After": "60"})
        place = door.place(place_id)
        source = source_for(place, feed, source_id)
        with incoming_file(door.settings.home, name) as (file, clean):
            await receive(request, file, clean)
            batch, now = await run_in_threadpool(door.take, file, clean, place, source)
        state = state_of(door, batch.batch_id)
        if state.state == "waiting":
            background.add_task(announce, landed(batch, now))
        return state

    taken: dict[str, Any] = {
        "status_code": 202, "dependencies": [TOKEN], "openapi_extra": FILE,
        "responses": refusals(408, 409, 413),
    }  # fmt: skip

    @app.post("/deliveries/{place_id}/{feed}", **taken)
    async def post(
        request: Request, background: BackgroundTasks, place_id: str, feed: str,
        name: str = "", source: str | None = None,
    ) -> Delivered:  # fmt: skip
        return await deliver(request, background, place_id, feed, name, source)

    @app.put("/deliveries/{place_id}/{feed}/{name}", **taken)
    async def put(
        request: Request, background: BackgroundTasks, place_id: str, feed: str, name: str,
        source: str | None = None,
    ) -> Delivered:  # fmt: skip
        return await deliver(request, background, place_id, feed, name, source)

    @app.get("/deliveries/{batch_id}", dependencies=[TOKEN], responses=refusals())
    def get(request: Request, batch_id: str) -> Delivered:
        there = (
            inbox.whereabouts(door.settings.landing, batch_id)
            if batch_id.isalnum() and len(batch_id) == BATCH_ID_CHARACTERS
            else None
        )
        door.check_token(request, there.place_id if there else "")
        return state_of(door, batch_id)


def state_of(door: Door, batch_id: str) -> Delivered:
    there = inbox.whereabouts(door.settings.landing, batch_id)
    assert there is not None
    known = asdict(there)
    return Delivered(batch=known.pop("batch_id"), **known)
