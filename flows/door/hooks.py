"""Hooks of tools: verified before they are read, then a hint that there is something to pull.

A hook's body may name people: it is never kept. What it says that we need is an instant and, for
an erasure, the tool's numbers and pseudonyms of who it is about.
"""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import urlsplit

from fastapi import BackgroundTasks, FastAPI, HTTPException, Request

from flows.door.body import blocks
from flows.door.described import HOOK, RDV_HOOK, SIGNATURE, SIGNED, Heard, refusals
from flows.door.door import Door
from flows.door.secrets import is_right, made_from
from flows.door.seen import Seen
from flows.intake import erasure, inbox
from flows.language import _
from flows.places import Place
from flows.serving.events import SourceChanged, announce
from flows.sources import Source
from flows.stages.erasure import TOOL, asked_by_hook

LARGEST_BYTES = 1_000_000
WHOLE_SECONDS = 20
MOST_HALF_READ = 20
SEEN = "serving/hooks"
LONGEST_MODEL = 40
Unsigned = Literal["cobot", "grist"]


async def read_body(door: Door, request: Request) -> bytes:
    """At most a megabyte, whatever the header says.

    Who signs it is known once it is whole: 503 while many are not, so that they keep no other
    caller out.
    """
    if door.half_read >= MOST_HALF_READ:
        raise HTTPException(503, _("too many hooks at once: come again"), {"Retry-After": "60"})
    body = b""
    door.half_read += 1
    try:
        async for block in blocks(request, WHOLE_SECONDS):
            body += block
            if len(body) > LARGEST_BYTES:
                raise HTTPException(413, _("a hook may have 1 MB at most"))
    finally:
        door.half_read -= 1
    return body


def parsed(body: bytes) -> dict[str, object]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError) as fault:
        raise HTTPException(400, _("this is not JSON, or nested too deeply")) from fault
    return content if isinstance(content, dict) else {"records": content}


def add_hooks(app: FastAPI, door: Door) -> None:
    seen = Seen(door.settings.home / SEEN)
    heard: dict[str, Any] = {
        "status_code": 202, "responses": refusals(400, 408, 413),
        "response_model": Heard, "response_model_exclude_unset": True,
    }  # fmt: skip

    @app.post(
        "/hooks/rdv-service-public/{place_id}",
        dependencies=[SIGNED],
        openapi_extra=RDV_HOOK,
        **heard,
    )
    async def rdv(
        request: Request, background: BackgroundTasks, place_id: str
    ) -> dict[str, object]:
        limit(door, request, place_id)
        body = await read_body(door, request)
        check_signature(door, request, place_id, body)
        place = door.place(place_id)
        if seen.is_known(place_id, body):
            return {"state": "known"}
        meta = parsed(body).get("meta")
        meta = meta if isinstance(meta, dict) else {}
        at = instant(meta.get("timestamp"))
        if meta.get("webhook_reason") == "rgpd":
            said = ask_for_erasure(door, place, body, str(meta.get("model")), at)
            seen.note(place_id, body)
            return said
        said = {"state": "stale"}
        if not seen.is_stale(place_id, at):
            said = hint(door, background, place, "rdv", at)
        seen.note(place_id, body, at)
        return said

    @app.post("/hooks/{tool}/{place_id}/{secret}", openapi_extra=HOOK, **heard)
    async def unsigned(
        request: Request, background: BackgroundTasks, tool: Unsigned, place_id: str, secret: str
    ) -> dict[str, object]:
        limit(door, request, place_id)
        if not is_right(secret, made_from(door.settings, place_id, tool)):
            door.refuse_guesses(request)
            raise HTTPException(404)
        place = door.place(place_id)
        check_host(place, tool, parsed(await read_body(door, request)))
        # the same pointer again is other news: a booking that changed twice looks like that
        return hint(door, background, place, tool, datetime.now(UTC))


def limit(door: Door, request: Request, place_id: str) -> None:
    if not door.hooks.spend(door.caller(request, place_id)):
        raise HTTPException(429, _("too many hooks: wait a minute"), {"Retry-After": "60"})


def check_signature(door: Door, request: Request, place_id: str, body: bytes) -> None:
    """HMAC-SHA256 of the bytes as they came, in hexadecimal."""
    secret = made_from(door.settings, place_id, TOOL)
    wanted = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest() if secret else None
    if not is_right(request.headers.get(SIGNATURE, "").lower(), wanted):
        door.refuse_guesses(request)
        raise HTTPException(401, _("the signature is not right"))


def check_host(place: Place, tool: str, content: dict[str, object]) -> None:
    """An address in an unsigned hook is never followed, and has to be that of the tool."""
    address = content.get("url")
    if address is None:
        return
    hosts = {urlsplit(s.url or s.path).hostname for s in sources_of(place, tool)} - {None}
    if host_of(address) not in hosts:
        raise HTTPException(422, _("this address is not that of the tool of this place"))


def host_of(address: object) -> str | None:
    try:
        return urlsplit(address).hostname if isinstance(address, str) else None
    except ValueError:
        return None


def sources_of(place: Place, tool: str) -> list[Source]:
    """The sources that a tool's hook speaks of: by connector, else by their id."""
    return [
        source
        for source in place.sources
        if source.connector.split("_")[0] == tool or source.id.split("-")[0] == tool
    ]


def hint(
    door: Door, background: BackgroundTasks, place: Place, tool: str, at: datetime
) -> dict[str, object]:
    """Say that the sources of a tool have to be asked; they are, with or without this event."""
    found = sources_of(place, tool)
    if not found:
        raise HTTPException(404, _("this place has no source of this tool"))
    for source in found:
        inbox.note_news(door.settings.landing, place, source)
        news = SourceChanged(place=place.id, feed=source.feed, source=source.id, said_at=at)
        background.add_task(announce, news)
    return {"state": "waiting", "sources": [source.id for source in found]}


def instant(text: object) -> datetime:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as fault:
        raise HTTPException(422, _("meta.timestamp is not an instant")) from fault
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def ask_for_erasure(
    door: Door, place: Place, body: bytes, model: str, at: datetime
) -> dict[str, object]:
    """Leave a request on the disk; the next run of the place carries it out."""
    if not model.isidentifier() or len(model) > LONGEST_MODEL:
        raise HTTPException(422, _("meta.model is not a word"))
    try:
        wanted = asked_by_hook(body, model, parsed(body).get("data"), at, place, door.settings)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise HTTPException(422, _("data does not say what to erase")) from fault
    if wanted is None:
        return {"state": "nothing to erase"}
    erasure.ask(door.settings.landing, wanted)
    return {"state": "erasure asked"}
