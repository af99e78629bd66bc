"""How many callers the door has at once, and how long it waits for what one has to say.

uvicorn waits for ever for the end of a header, and takes as many connections as come: whoever
opens some and says nothing keeps the others out.
"""

import asyncio
import resource
from typing import Any

from starlette.responses import JSONResponse
from uvicorn.protocols.http.h11_impl import H11Protocol

from flows.language import _

MOST = 200
BACKLOG = 32
"""Connections that the system keeps for us: Python takes as many in one go, whatever the limit."""
OPEN_FILES = 4096
OF_OUR_OWN = 128
"""Files that the door has open whoever calls, and the backlog."""
FILES_OF_A_CALLER = 3
"""A connection, its file on the way in, and a connection that is told to come again."""
HEADER_SECONDS = 10
"""For the lines before the body, from the connection on, or from the answer before."""


def raise_limit() -> None:
    """Have as many open files as the system lets us, within reason."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def most_connections() -> int:
    """So many are answered at once: fewer where the system lets us open few files."""
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if soft == resource.RLIM_INFINITY:
        return MOST
    return max(1, min(MOST, (soft - OF_OUR_OWN) // FILES_OF_A_CALLER))


async def come_again(scope: Any, receive: Any, send: Any) -> None:
    """The answer to a caller who is one too many."""
    said = {"detail": _("too many callers at once: come again in a minute")}
    answer = JSONResponse(said, 503, {"Retry-After": "60", "Connection": "close"})
    await answer(scope, receive, send)


class Connection(H11Protocol):
    """One caller: as many again as we answer are told to come later, those after them nothing."""

    most = MOST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.quiet_since = self.loop.time()
        if len(self.connections) > 2 * self.most:
            transport.abort()
            return
        if len(self.connections) > self.most:
            self.app = come_again
        self.loop.call_later(HEADER_SECONDS, self.close_when_quiet)

    def on_response_complete(self) -> None:
        self.quiet_since = self.loop.time()
        super().on_response_complete()

    def close_when_quiet(self) -> None:
        """While an answer is being made, whoever makes it sees to the time."""
        if self.transport.is_closing():
            return
        is_answered = self.cycle is None or self.cycle.response_complete
        left = self.quiet_since + HEADER_SECONDS - self.loop.time()
        if is_answered and left <= 0:
            self.transport.abort()
            return
        self.loop.call_later(left if is_answered else HEADER_SECONDS, self.close_when_quiet)
