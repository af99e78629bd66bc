"""Around the door: what becomes of each request is one line of the log, and each fault an answer.

A line has nothing of what a caller wrote: a path may hold the secret of a hook, or a file named
after somebody.
"""

import logging
from dataclasses import dataclass

from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from flows.door.door import Door
from flows.errors import BatchRefused, unexpected
from flows.language import _
from flows.machine import Scarce, refusal

logger = logging.getLogger("impact")

CODES: dict[Scarce, int] = {"room": 507, "rights": 503, "files": 503}
AGAIN_SECONDS = 300


@dataclass
class Guard:
    """The application, with a log of its own and no traceback."""

    app: ASGIApp
    door: Door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_answered = False

        async def sent(message: Message) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                logger.info("%s %s %s", scope["method"], self.known_path(scope), message["status"])
            await send(message)

        try:
            await self.app(scope, receive, sent)
        except ClientDisconnect:  # there is nobody left to answer
            logger.info("%s %s –", scope["method"], self.known_path(scope))
        except Exception as fault:
            answer = self.answer_to(fault)
            if not is_answered:
                await answer(scope, receive, sent)

    def answer_to(self, fault: Exception) -> JSONResponse:
        """507 for a full disk, 503 for what else the machine refuses; the log says more."""
        if isinstance(fault, BatchRefused):
            return JSONResponse({"detail": fault.what}, 422)
        refused = refusal(fault, self.door.settings.home)
        logger.error("%s", refused or unexpected(fault))
        if refused is None:
            return JSONResponse({"detail": _("a fault of ours: see the log of the door")}, 500)
        said = _("nothing of this could be kept ({what}): send it again later").format(
            what=refused.what
        )
        again = {"Retry-After": str(AGAIN_SECONDS)}
        return JSONResponse({"detail": said}, CODES[refused.scarce], again)

    def known_path(self, scope: Scope) -> str:
        """As the door declares it, with the place when that is declared."""
        path = str(getattr(scope.get("route"), "path", _("(no such path)")))
        place_id = scope.get("path_params", {}).get("place_id")
        return path.replace("{place_id}", place_id) if place_id in self.door.known.read else path
