"""A real server on loopback for an application of the tests, and the faults that any system can have."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn

BOMB = gzip.compress(b'{"a":"' + b"x" * 30_000_000 + b'"}')


@dataclass
class Faults:
    """What goes wrong in front of an application: one entry a request, then nothing any more."""

    waiting: list[str] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    """Path and query of every request that came."""
    after: int = 0
    """How many requests are answered well before the first fault."""

    def next(self) -> str:
        if len(self.calls) > self.after and self.waiting:
            return self.waiting.pop(0)
        return ""


class Faulty:
    """An ASGI application behind which another one answers, when nothing goes wrong."""

    def __init__(self, app: Any) -> None:
        self.app, self.faults = app, Faults()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        self.faults.calls.append(f"{scope['path']}?{scope['query_string'].decode()}")
        fault = self.faults.next()
        if not fault:
            return await self.app(scope, receive, send)
        if fault == "slow":  # longer than anybody waits
            while (await receive())["type"] != "http.disconnect":
                pass
        else:
            await getattr(self, fault)(send)

    async def answer(
        self, send: Any, status: int, body: bytes, declared: int | None = None, **headers: str
    ) -> None:
        told = {"content-type": "application/json", **headers}
        told["content-length"] = str(len(body) if declared is None else declared)
        pairs = [(k.replace("_", "-").encode(), v.encode()) for k, v in told.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    async def unauthorised(self, send: Any) -> None:
        await self.answer(send, 401, b'{"errors":["Bad credentials"]}')

    async def forbidden(self, send: Any) -> None:
        await self.answer(send, 403, b'{"error":"forbidden"}')

    async def too_many(self, send: Any) -> None:
        await self.answer(send, 429, b"{}", retry_after="1")

    async def come_back_in_an_hour(self, send: Any) -> None:
        await self.answer(send, 429, b"{}", retry_after="3600")

    async def broken(self, send: Any) -> None:
        await self.answer(send, 500, b'{"error":"oops"}')

    async def busy(self, send: Any) -> None:
        await self.answer(send, 503, b'{"error":"later"}')

    async def stalled(self, send: Any) -> None:
        """Half of a page, and then nothing."""
        start = {"type": "http.response.start", "status": 200, "headers": []}
        await send(start)
        await send({"type": "http.response.body", "body": b"BEGIN:VCAL", "more_body": True})
        await asyncio.sleep(2.5)
        await send({"type": "http.response.body", "body": b""})

    async def truncated(self, send: Any) -> None:
        await self.answer(send, 200, b'{"rec', declared=4096)

    async def half_json(self, send: Any) -> None:
        await self.answer(send, 200, b'{"records":[{"id":1,')

    async def web_page(self, send: Any) -> None:
        await self.answer(send, 200, b"<html>Log in</html>", content_type="text/html")

    async def wrong_charset(self, send: Any) -> None:
        await self.answer(send, 200, '{"a":"déjà"}'.encode("cp1252"))

    async def elsewhere(self, send: Any) -> None:
        await self.answer(send, 302, b"", location="http://autre.invalid/api")

    async def too_large(self, send: Any) -> None:
        await self.answer(send, 200, b'{"a":"' + b"x" * 3_000_000 + b'"}')

    async def zip_bomb(self, send: Any) -> None:
        await self.answer(send, 200, BOMB, content_encoding="gzip")


@contextlib.contextmanager
def serving(app: Any, **options: Any) -> Iterator[str]:
    """The address at which the application answers."""
    # named, or asyncio lets each answer wait 40 ms for the receipt of its first half
    listener = socket.socket(proto=socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    config = uvicorn.Config(app, log_level="critical", lifespan="off", **options)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
