"""A CalDAV server that tells its changes in parts (RFC 6578, 3.6), or keeps events to itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from fastapi import FastAPI, Request
from fastapi.responses import Response

DAV = "{DAV:}"
HEAD = '<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
COLLECTION = (
    "<response><href>/agenda/</href><propstat><prop><resourcetype><collection/><C:calendar/>"
    "</resourcetype><sync-token>t-0</sync-token></prop><status>HTTP/1.1 200 OK</status>"
    "</propstat></response>"
)
MORE = (
    "<response><href>/agenda/</href><status>HTTP/1.1 507 Insufficient Storage</status></response>"
)


@dataclass
class PartsOfCalendar:
    events: dict[str, str] = field(default_factory=dict)
    at_once: int = 2
    is_stuck: bool = False
    """It tells the same part again and again."""
    hidden: set[str] = field(default_factory=set)
    """Listed, and not given."""

    def list(self, token: str) -> str:
        first = int(token.removeprefix("t-") or 0)
        names = sorted(self.events)[first : first + self.at_once]
        told = "".join(
            f"<response><href>http://elsewhere.invalid/agenda/{name}.ics</href><propstat><prop>"
            f'<getetag>"1"</getetag></prop><status>HTTP/1.1 200 OK</status></propstat></response>'
            for name in names
        )
        last = first if self.is_stuck else first + len(names)
        more = MORE if self.is_stuck or last < len(self.events) else ""
        return f"{told}{more}<sync-token>t-{last}</sync-token>"

    def give(self, hrefs: list[str]) -> str:
        told = ""
        for href in hrefs:
            name = href.rpartition("/")[2].removesuffix(".ics")
            if name not in self.hidden:
                # the path alone, though the list gave the whole address
                told += (
                    f'<response><href>/agenda/{name}.ics</href><propstat><prop><getetag>"1"</getetag>'
                    f"<C:calendar-data>{escape(self.events[name])}</C:calendar-data></prop>"
                    "<status>HTTP/1.1 200 OK</status></propstat></response>"
                )
        return told

    @property
    def app(self) -> FastAPI:
        app = FastAPI()

        @app.api_route("/agenda/", methods=["PROPFIND", "REPORT"])
        async def asked(request: Request) -> Response:
            root = ElementTree.fromstring(await request.body())
            if root.tag == f"{DAV}propfind":
                told = COLLECTION
            elif root.tag == f"{DAV}sync-collection":
                told = self.list(root.findtext(f"{DAV}sync-token") or "")
            else:
                told = self.give([href.text or "" for href in root.findall(f"{DAV}href")])
            return Response(f"{HEAD}{told}</multistatus>", 207, media_type="application/xml")

        return app
