"""The address of a calendar, as Google, Outlook and Nextcloud publish one: all events in one file."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, Response

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\n"


@dataclass
class CalendarAddress:
    path: str = "/agenda/permanences.ics"
    events: dict[str, str] = field(default_factory=dict)
    is_marked: bool = True
    """Some servers have no ETag: then the file comes each time."""
    told: list[int] = field(default_factory=list)
    """The status of each answer."""

    @property
    def text(self) -> str:
        return HEAD + "".join(self.events.values()) + "END:VCALENDAR\r\n"

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get(self.path)
        def calendar(request: Request) -> Response:
            text = self.text
            mark = f'"{hashlib.sha256(text.encode()).hexdigest()}"'
            if self.is_marked and request.headers.get("if-none-match") == mark:
                self.told.append(304)
                return Response(status_code=304, headers={"etag": mark})
            self.told.append(200)
            headers = {"etag": mark} if self.is_marked else {}
            return PlainTextResponse(text, media_type="text/calendar", headers=headers)

        return app
