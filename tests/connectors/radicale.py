"""A server of calendars that is not ours: Radicale, in this process, with one calendar of one user."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from radicale import config
from radicale.app import Application

USER = "impact"
CALENDAR = f"/{USER}/permanences/"
MAKE = """\
<C:mkcalendar xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><set><prop>
<displayname>Permanences</displayname></prop></set></C:mkcalendar>"""


class Radicale:
    """The server itself, what stands before it on the network, and a client that writes into it."""

    def __init__(self, folder: Path, password: str) -> None:
        logging.getLogger("radicale").setLevel(logging.CRITICAL)
        users = folder / "users"
        users.write_text(f"{USER}:{password}\n", encoding="utf-8")
        settings = config.load()
        settings.update(
            {
                "storage": {"filesystem_folder": str(folder), "_filesystem_fsync": False},
                "auth": {
                    "type": "htpasswd",
                    "htpasswd_filename": str(users),
                    "htpasswd_encryption": "plain",
                    "delay": "0",
                },
            },
            "tests",
            privileged=True,
        )
        self.folder = folder
        self.refuses_tokens = 0
        """The status with which it refuses sync-tokens, as other servers do."""
        self.asked: list[str] = []
        """What was asked for, in the words of the protocol."""
        self.server: Any = httpx.WSGITransport(app=Application(settings))
        self.client = httpx.Client(
            base_url="http://radicale", auth=(USER, password), transport=self.server
        )
        self.client.request("MKCALENDAR", CALENDAR, content=MAKE).raise_for_status()

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.api_route("/{path:path}", methods=["GET", "PROPFIND", "REPORT"])
        async def any_of_it(path: str, request: Request) -> Response:
            body = await request.body()
            self.asked.append(body.decode())
            if self.refuses_tokens and b"sync-collection" in body:
                error = '<error xmlns="DAV:"><supported-report/></error>'
                return Response(error, self.refuses_tokens, media_type="text/xml")
            asked = httpx.Request(
                request.method, f"http://radicale/{path}", content=body,
                headers={k: v for k, v in request.headers.items() if k != "host"},
            )  # fmt: skip
            told = await run_in_threadpool(self.server.handle_request, asked)
            kept = {k: v for k, v in told.headers.items() if k in ("content-type", "etag")}
            return Response(told.read(), told.status_code, kept)

        return app

    def put(self, name: str, text: str) -> None:
        answer = self.client.put(f"{CALENDAR}{name}.ics", content=text.encode())
        assert answer.is_success, answer.text

    def delete(self, name: str) -> None:
        self.client.delete(f"{CALENDAR}{name}.ics").raise_for_status()

    def forget_changes(self) -> None:
        """What it remembers of earlier states, as after its cache was emptied."""
        for file in self.folder.rglob(".Radicale.cache/sync-token/*"):
            file.unlink()
