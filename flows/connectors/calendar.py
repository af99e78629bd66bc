"""A calendar: a file `.ics`, the address of one, or a calendar of a CalDAV server.

It tells what was planned, and so `booked`: partners' desks as attendance of outside speakers,
bookings of rooms and machines as usage. A table of the place turns words of the calendar into
codes. An event without any of them is left out; names, descriptions and attendees never leave
parse. What has not ended says nothing yet, what is only tentative neither.

Feeds forget the past, each in its own time: what a file or an address does not hold is gone only in
the days for which it speaks. Of an address these are the last 30 before the pull before.
"""

import base64
import os
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from io import UnsupportedOperation
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

from flows.connectors import file
from flows.connectors._bookings import HEADERS, Asked, pages_of
from flows.connectors._dav import AskCalendar, Shelf, bring_collection, bring_file
from flows.connectors._headers import check_headers
from flows.connectors._journal import Answer, answers, as_of
from flows.connectors._occurrences import PARIS, instant
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.errors import BatchRefused, SourceError
from flows.language import _
from flows.records import PAGES, Declares, Delivery, Page, Pull
from flows.sources import Source

ASKED_AGAIN = timedelta(days=30)
"""How far back from the last pull a feed is taken at its word that something is gone."""
WHOLE_AFTER = timedelta(days=7)
"""When a calendar is asked for as a whole: what was replaced stands in the pages until then."""
LARGEST_FILE = 100_000_000
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class Options(Declared):
    user: str | None = None
    """The account of a server; without it, the secret is the whole address of a file."""
    expected: list[str] = []
    """Words of events that should all be in the table: a new partner is then seen."""


CONFIRMED = {"CONFIRMED": "present", "CANCELLED": "annule"}
DECLARES = Declares(
    Options,
    {
        "attendance": {
            "columns": {
                "record_id": "id", "checked_in_at": "begins", "checked_out_at": "ends",
                "attendance_status": "status", "activity_id": "word",
            },
            "constants": {"evidence": "booked", "role": "intervenant"},
            "values": {"attendance_status": CONFIRMED},
        },
        "service_usage": {
            "columns": {
                "record_id": "id", "occurred_at": "begins", "duration_minutes": "minutes",
                "quantity": "quantity", "unit": "unit", "service_code": "word",
            },
            "constants": {"evidence": "booked"},
        },
    },
    deliveries=("period",),
    needs_from=True,
    or_files=True,
)  # fmt: skip

SAMPLE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:1@exemple.test\r\n"
    "DTSTART;TZID=Europe/Paris:20261005T090000\r\nDTEND;TZID=Europe/Paris:20261005T120000\r\n"
    "RRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:Impôts\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n"
    "UID:2@exemple.test\r\nDTSTART:20261332T090000\r\nSUMMARY:Impôts\r\nEND:VEVENT\r\n"
    "END:VCALENDAR\r\n"
).encode()


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Raises SourceError when the file or the server is not there, or is no calendar."""
    if not source.url:
        return file.fetch(source, pull)
    options = Options.model_validate(source.options)
    address, headers = way_in(source, options, pull)
    last = pages_of_last(pull)
    with AskCalendar(source, pull, address, headers) as ask:
        since = None
        if is_one_file(source, options):
            bring_file(ask, last)
            if pull.since:
                since = max(pull.since - ASKED_AGAIN, opening(source))
        else:
            now = ask.journal.as_of
            is_due = pull.whole_at is None or now - pull.whole_at >= WHOLE_AFTER
            if not bring_collection(ask, last, is_due=is_due):
                since = opening(source)
        return ask.finish(first_day=since.astimezone(PARIS).date() if since else None)


def is_one_file(source: Source, options: Options) -> bool:
    """An account's other addresses are those of a collection."""
    url = urlsplit(source.url.lower())
    return not options.user or url.path.endswith(".ics") or "export" in url.query


def way_in(source: Source, options: Options, pull: Pull) -> tuple[str, dict[str, str]]:
    """The address, and the headers that carry a password."""
    word = secret(source, pull.folder) if source.token or options.user else ""
    if options.user:
        login = base64.b64encode(f"{options.user}:{word}".encode()).decode()
        return source.url, {"Authorization": f"Basic {login}"}
    if word and not word.startswith(("https://", "http://")):
        raise SourceError(
            _("the secret is not the address of a calendar"), where=source.id,
            remedy=_(
                "put the whole address there; of an account, name it: options = {example}"
            ).format(example='{ user = "…" }'),
        )  # fmt: skip
    return word or source.url, {}


def pages_of_last(pull: Pull) -> list[Answer]:
    if pull.last is None:
        return []
    with pull.last.open("rb") as stream:
        return list(answers(stream))


def opening(source: Source) -> datetime:
    """The first instant for which the source speaks."""
    return instant(source.from_day or date.min)


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row an occurrence that has ended; raises BatchRefused for what tells nothing."""
    check_headers(HEADERS, name, source)
    texts: Iterable[bytes]
    if is_recorded := name.endswith(PAGES):
        until, shelf = as_of(stream), Shelf()
        for answer in answers(stream):
            shelf.take(answer)
        texts = shelf.objects.values()
    else:
        until, texts = end_of(stream, name), [whole(stream, name)]
    expected = Options.model_validate(source.options).expected
    asked = Asked(source, opening(source), until, tuple(expected))
    yield from pages_of(texts, name, asked, is_file=not is_recorded)


def whole(stream: BinaryIO, name: str) -> bytes:
    raw = stream.read(LARGEST_FILE + 1)
    if len(raw) > LARGEST_FILE:
        raise BatchRefused(
            _("the calendar is larger than {size} MB").format(size=LARGEST_FILE // 1_000_000),
            where=name, remedy=_("export one calendar, or one year of it"),
        )  # fmt: skip
    return raw


def end_of(stream: BinaryIO, name: str) -> datetime:
    """A file also holds what is to come: it speaks until the day in its name, and until it was
    saved where that was on this day, or where its name has none.
    """
    try:
        named = [date.fromisoformat(text) for text in ISO_DATE.findall(Path(name).stem)]
        ends = instant(named[-1] + timedelta(1)) if named else None
        saved = saved_at(stream)
        until = saved if ends is None or (saved and instant(named[-1]) <= saved < ends) else ends
    except ValueError:
        until = None
    if until is None:
        raise BatchRefused(
            _("the name of the file does not say until which day it goes"), where=name,
            remedy=_("name it like {example}").format(example="permanences-2026-10-31.ics"),
        )  # fmt: skip
    return until


def saved_at(stream: BinaryIO) -> datetime | None:
    """Of a file; what only lies in memory was not saved."""
    try:
        return datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC)
    except UnsupportedOperation:
        return None
