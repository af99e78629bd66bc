"""What a caller sends after the header: within a time, and without long silences."""

import asyncio
import time
from collections.abc import AsyncIterator

from fastapi import HTTPException, Request

from flows.language import _

SILENCE_SECONDS = 30


async def blocks(request: Request, seconds: float) -> AsyncIterator[bytes]:
    """The body as it comes; 408 when it is not whole within so many seconds, or nothing comes."""
    until, stream = time.monotonic() + seconds, request.stream()
    while True:
        try:
            async with asyncio.timeout(min(SILENCE_SECONDS, until - time.monotonic())):
                block = await anext(stream, None)
        except TimeoutError as fault:
            raise HTTPException(
                408, _("it came too slowly, or stopped halfway: send it again"),
                {"Connection": "close"},
            ) from fault  # fmt: skip
        if block is None:
            return
        yield block
