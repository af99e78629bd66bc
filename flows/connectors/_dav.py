"""A calendar behind an address: one file, or a collection of CalDAV (RFC 4791, RFC 6578).

A collection is asked what changed since the last pull, by its sync-token. Where it knows none, or
has forgotten it, all is listed, and what has another mark is asked for; what is not listed any more
is gone. The pages of the last pull stand before those of this one: so a pull is the whole calendar,
and costs one request when nothing has changed. A deletion tells an address and never a UID: the
same event under another address, in one report, has moved there.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.sax.saxutils import escape

import httpx

from flows.connectors._http import KEPT_HEADERS, Ask
from flows.connectors._journal import Answer
from flows.connectors._patience import AskAgain
from flows.language import _
from flows.records import Pull
from flows.sources import Source

PER_PAGE = 100
MOST_CUTS = 10_000
DAV, CAL = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
NAMES = 'xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
WHAT_IT_IS = f"<propfind {NAMES}><prop><resourcetype/><sync-token/></prop></propfind>"
ALL_MARKS = f"<propfind {NAMES}><prop><resourcetype/><getetag/></prop></propfind>"
CHANGES = (
    f"<sync-collection {NAMES}><sync-token>{{token}}</sync-token><sync-level>1</sync-level>"
    "<prop><getetag/></prop></sync-collection>"
)
EVENTS = (
    f"<C:calendar-multiget {NAMES}><prop><getetag/><C:calendar-data/></prop>{{hrefs}}"
    "</C:calendar-multiget>"
)
NO_TOKEN = (400, 403, 405, 409, 410, 412, 415, 418, 422, 501, 507)
"""What servers answer that have forgotten a sync-token, or never knew any; 403 also says that one
may not read there, and tells these apart in its body. Nextcloud had 418 after a deletion."""
FORGOTTEN = (b"valid-sync-token", b"supported-report", b"number-of-matches-within-limits")


class AskCalendar(Ask):
    """`address` is the calendar's own; it may be the secret, and is in no page."""

    def __init__(self, source: Source, pull: Pull, address: str, headers: dict[str, str]) -> None:
        super().__init__(source, pull, headers, is_json=False)
        self.address = address

    def file(self, mark: str) -> Answer:
        """All of it; 304 when it still has this mark."""
        headers = {"Accept": "text/calendar"} | ({"If-None-Match": mark} if mark else {})
        return self.asked("file", "GET", headers)

    def asked(
        self, what: str, method: str, headers: dict[str, str], text: str | None = None
    ) -> Answer:
        request = {"what": what, "method": method, "path": "", "params": {}, "headers": headers}
        return self.page({**request, "text": text} if text else request, None)

    def said(self, what: str, method: str, text: str, depth: int = 0) -> Answer:
        kind = "application/xml; charset=utf-8"
        headers = {"Accept": "*/*", "Content-Type": kind, "Depth": str(depth)}
        return self.asked(what, method, headers, text)

    def keep(self, answer: Answer) -> None:
        """A page of the last pull becomes one of this."""
        if self.journal.again(answer.request) is None:
            self.journal.add(answer)

    def judged(self, request: dict[str, Any], response: httpx.Response) -> Answer:
        what, status = request["what"], response.status_code
        if what == "file" and status == 304:
            return Answer(request, status, {}, b"")
        if what == "changes" and status in NO_TOKEN:
            body = self.limited_body(response)
            if status != 403 or any(word in body for word in FORGOTTEN):
                return Answer(request, status, {}, body)
        self.refuse_status(response)
        headers = {k: v for k, v in response.headers.items() if k in KEPT_HEADERS}
        answer = Answer(request, status, headers, self.limited_body(response))
        self.refuse_other(what, answer)
        return answer

    def refuse_other(self, what: str, answer: Answer) -> None:
        """Raises AskAgain or SourceError for what is no calendar, and no list of one."""
        try:
            text = answer.text().lstrip()
        except UnicodeDecodeError:
            raise self.fault(
                _("its text is not UTF-8"), _("report this to those who run the system")
            ) from None
        is_page = text[:9].lower().startswith(("<html", "<!doctype"))
        if is_page or "html" in answer.headers.get("content-type", ""):
            raise self.fault(
                _("it answers with a web page instead of data"),
                _("check `url`, and that no login page or proxy stands before it"),
            )
        if what == "file" and "END:VCALENDAR" not in text[-200:].upper():
            raise AskAgain(_("its answer was cut off"))
        if what != "file":
            try:
                is_list = ET.fromstring(answer.body).tag == f"{DAV}multistatus"
            except ET.ParseError:
                raise AskAgain(_("its answer was cut off")) from None
            if not is_list:
                raise self.no_calendar()

    def no_calendar(self) -> Exception:
        return self.fault(
            _("this is the address of no calendar"),
            _("copy into `url` the address of one calendar, as its settings show it"),
        )


@dataclass
class Shelf:
    """What a calendar holds, by address, as its pages tell it one after the other."""

    objects: dict[str, bytes] = field(default_factory=dict)
    marks: dict[str, str] = field(default_factory=dict)
    wanted: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Address → how the server writes it, and the mark of what is there and was not fetched yet."""
    token: str = ""
    is_calendar: bool = False
    knows_tokens: bool = False
    is_cut: bool = False
    """There are more changes than the last page told."""
    replaced: int = 0
    """How much of what came is not there any more, and still stands in the pages."""

    def take(self, answer: Answer) -> None:
        """One page; the kind of its question says what it means."""
        if answer.status == 200 and answer.request["what"] == "file":
            self.objects[""] = answer.body
        elif answer.status == 207:
            root = ET.fromstring(answer.body)
            getattr(self, "take_" + answer.request["what"])(root)
        elif answer.request["what"] == "changes":
            self.knows_tokens = False

    def take_collection(self, root: ET.Element) -> None:
        """A new beginning: what was known counts no more."""
        for address in [*self.objects]:
            self.drop(address)
        self.wanted, self.token, self.is_cut = {}, "", False
        self.is_calendar = root.find(f".//{DAV}resourcetype/{CAL}calendar") is not None
        self.knows_tokens = bool(root.findtext(f".//{DAV}sync-token"))

    def take_changes(self, root: ET.Element) -> None:
        self.is_cut = False
        for address, href, status, told in responses(root):
            if status == 507:
                self.is_cut = True
            elif status == 404:
                self.drop(address)
            else:
                self.note(address, href, told)
        self.token = root.findtext(f"{DAV}sync-token") or ""

    def take_listing(self, root: ET.Element) -> None:
        there = set()
        for address, href, _status, told in responses(root):
            if told.find(f".//{DAV}resourcetype/{DAV}collection") is None:
                there.add(address)
                self.note(address, href, told)
        for address in [*self.objects]:
            if address not in there:
                self.drop(address)

    def take_events(self, root: ET.Element) -> None:
        for address, _href, status, told in responses(root):
            text = told.findtext(f".//{CAL}calendar-data")
            self.wanted.pop(address, None)
            if status == 404:
                self.drop(address)
            elif text is not None:
                self.replaced += address in self.objects
                self.objects[address] = text.encode()
                self.marks[address] = mark_of(told)

    def note(self, address: str, href: str, told: ET.Element) -> None:
        mark = mark_of(told)
        if address not in self.objects or not mark or self.marks.get(address) != mark:
            self.wanted[address] = (href, mark)

    def drop(self, address: str) -> None:
        self.replaced += self.objects.pop(address, None) is not None
        self.wanted.pop(address, None)


def responses(root: ET.Element) -> Iterable[tuple[str, str, int, ET.Element]]:
    """Of each answer in a list: the address, as it is written, its status, and all of it."""
    for told in root.findall(f"{DAV}response"):
        href = told.findtext(f"{DAV}href") or ""
        words = (told.findtext(f"{DAV}status") or "HTTP/1.1 200 OK").split()
        status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 200
        yield unquote(urlsplit(href).path), href, status, told


def mark_of(told: ET.Element) -> str:
    return told.findtext(f".//{DAV}getetag") or ""


def bring_file(ask: AskCalendar, last: list[Answer]) -> None:
    """The file, or that it is the one of the last pull."""
    known = [page for page in last if page.request["what"] == "file" and page.status == 200]
    answer = ask.file(known[-1].headers.get("etag", "") if known else "")
    if answer.status == 304:
        ask.keep(known[-1])


def bring_collection(ask: AskCalendar, last: list[Answer], *, is_due: bool) -> bool:
    """The calendar of the last pull and what changed since; whether all of it was asked for anew.

    That is due once in a while, where something in the pages is not there any more.
    """
    shelf = Shelf()
    for page in last:
        shelf.take(page)
    if is_due and shelf.replaced:
        shelf, last = Shelf(), []
    for page in last:
        ask.keep(page)
    is_whole = not (shelf.is_calendar and list_changes(ask, shelf))
    if is_whole:
        shelf.take(ask.said("collection", "PROPFIND", WHAT_IT_IS))
        if not shelf.is_calendar:
            raise ask.no_calendar()
        if not list_changes(ask, shelf):
            list_changes(ask, shelf)  # without a token this time
    while shelf.wanted:
        addresses = sorted(shelf.wanted)[:PER_PAGE]
        hrefs = "".join(f"<href>{escape(shelf.wanted[name][0])}</href>" for name in addresses)
        shelf.take(ask.said("events", "REPORT", EVENTS.format(hrefs=hrefs), depth=1))
        if not shelf.wanted.keys().isdisjoint(addresses):
            raise ask.fault(
                _("it lists events and does not give them"),
                _("check the rights of the account"),
            )
    return is_whole


def list_changes(ask: AskCalendar, shelf: Shelf) -> bool:
    """Ask what changed, in as many parts as the server makes of it; false for a forgotten token."""
    if not shelf.knows_tokens:
        shelf.take(ask.said("listing", "PROPFIND", ALL_MARKS, depth=1))
        return True
    for _part in range(MOST_CUTS):
        known = shelf.token
        answer = ask.said("changes", "REPORT", CHANGES.format(token=escape(known)))
        shelf.take(answer)
        if answer.status != 207:
            return False
        if not shelf.is_cut:
            return True
        if shelf.token == known:
            break
    raise ask.fault(
        _("its list of changes has no end"), _("report this to those who run the system")
    )
