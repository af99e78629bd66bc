"""The lines of iCalendar (RFC 5545) that say when something is: names and descriptions stay behind.

A line that is not needed never becomes part of an event: attendees, organisers, descriptions,
alarms. The words of an event stay until they were compared with the table of the place.
"""

import hashlib
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

import icalendar
from icalendar.timezone import tzp
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

KEPT = {
    b"UID", b"DTSTART", b"DTEND", b"DURATION", b"RRULE", b"EXRULE", b"RDATE", b"EXDATE",
    b"RECURRENCE-ID", b"SEQUENCE", b"STATUS", b"TRANSP", b"SUMMARY", b"CATEGORIES", b"LOCATION",
}  # fmt: skip
NAME = re.compile(rb"[A-Za-z0-9-]+(?=[:;])")
ZONE_OF_ALL = b"X-WR-TIMEZONE"
"""Of times in UTC: in which zone they repeat, which Google does not write at each event."""
EXACT = "X-EXACT-SECONDS"
"""The part of a DURATION that is no whole days. `PT24H` is a length and `P1D` a day on the wall;
once it is parsed, a duration does not tell any more which of the two it was."""
TIME_PART = re.compile(rb"T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?\s*$")


@dataclass
class Event:
    """One VEVENT, without what is not needed; `line` is where it begins, counted from 1."""

    line: int
    uid: str = ""
    lines: list[bytes] = field(default_factory=list)
    is_whole: bool = False


@dataclass
class Content:
    """What one VCALENDAR holds."""

    events: list[Event] = field(default_factory=list)
    zones: list[list[bytes]] = field(default_factory=list)
    zone_of_all: str = ""
    busy_blocks: int = 0
    """Blocks that only say when somebody is busy."""
    is_whole: bool = False


def read_calendars(raw: bytes, first: int = 1) -> list[Content]:
    """Each VCALENDAR of a text; a line that belongs nowhere is left out."""
    found: list[Content] = []
    inside: list[bytes] = []
    for number, line in logical_lines(raw, first):
        name = NAME.match(line)
        if name is None:
            continue
        word, value = name[0].upper(), line[name.end() + 1 :].strip()
        if word == b"BEGIN":
            begin(found, inside, value.upper(), number)
        if inside:
            take(found[-1], inside, word, line)
        if word == b"END" and value.upper() in inside:
            end(found[-1], inside, value.upper())
    return found


def logical_lines(raw: bytes, first: int) -> Iterator[tuple[int, bytes]]:
    """Lines without their folds, which may cut a letter in two, and where each begins."""
    whole, begins = b"", first
    for number, part in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=first):
        part = part.rstrip(b"\r")
        if part[:1] in (b" ", b"\t"):
            whole += part[1:]
        else:
            if whole:
                yield begins, whole
            whole, begins = part, number
    if whole:
        yield begins, whole


def begin(found: list[Content], inside: list[bytes], kind: bytes, number: int) -> None:
    """An event or a calendar that begins ends one that was never closed."""
    if kind == b"VCALENDAR":
        found.append(Content())
        inside[:] = [kind]
    elif inside:
        if kind == b"VEVENT":
            del inside[1:]
            found[-1].events.append(Event(number))
        elif kind == b"VTIMEZONE" and len(inside) == 1:
            found[-1].zones.append([])
        elif kind == b"VFREEBUSY":
            found[-1].busy_blocks += 1
        inside.append(kind)


def take(content: Content, inside: list[bytes], word: bytes, line: bytes) -> None:
    if inside[1:2] == [b"VTIMEZONE"]:
        content.zones[-1].append(line)
    elif inside[1:] == [b"VEVENT"] and word in KEPT:
        keep(content.events[-1], word, line)
    elif word == ZONE_OF_ALL:
        content.zone_of_all = text_of(line.partition(b":")[2].strip())


def end(content: Content, inside: list[bytes], kind: bytes) -> None:
    if kind == b"VEVENT":
        content.events[-1].is_whole = True
    elif kind == b"VCALENDAR":
        content.is_whole = True
    del inside[inside.index(kind) :]


def keep(event: Event, word: bytes, line: bytes) -> None:
    event.lines.append(line)
    if word == b"UID":
        event.uid = text_of(line.partition(b":")[2].strip())
    elif word == b"DURATION" and (found := TIME_PART.search(line.upper())):
        hours, minutes, seconds = (int(part or 0) for part in found.groups())
        event.lines.append(f"{EXACT}:{hours * 3600 + minutes * 60 + seconds}".encode())


def text_of(raw: bytes) -> str:
    """UTF-8; what is not was written by a program of Western Windows."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def parsed(content: Content) -> list[icalendar.Event]:
    """The events of one VCALENDAR as the library reads them, in their order.

    It remembers a time zone for the whole process by its name: the second calendar that defines
    `Chez nous` would be read with what the first one meant by it. So each definition has a name of
    its own here, and a name that nobody defines stays unknown.
    """
    own: dict[bytes, bytes] = {}
    lines = [b"BEGIN:VCALENDAR"]
    for definition in content.zones:
        mark = b"zone-" + hashlib.sha256(b"\n".join(definition)).hexdigest()[:20].encode()
        for number, line in enumerate(definition):
            if line[:5].upper() == b"TZID:" and not is_known(text_of(line[5:].strip())):
                own[line[5:].strip()] = mark
                lines += [*definition[:number], b"TZID:" + mark, *definition[number + 1 :]]
    for event in content.events:
        lines += [b"BEGIN:VEVENT", *(renamed(line, own) for line in event.lines), b"END:VEVENT"]
    lines.append(b"END:VCALENDAR")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns when it guesses a vendor's name of a zone
        calendar = icalendar.Calendar.from_ical(text_of(b"\r\n".join(lines)))
    return [part for part in calendar.subcomponents if isinstance(part, icalendar.Event)]


def renamed(line: bytes, own: dict[bytes, bytes]) -> bytes:
    """The line with our name of its time zone, where the calendar defines one."""
    for name, mark in own.items():
        for written in (b'TZID="' + name + b'"', b"TZID=" + name):
            rest = line.partition(written)[2]
            if rest[:1] in (b":", b";"):
                return line.replace(written, b"TZID=" + mark, 1)
    return line


def is_known(zone: str) -> bool:
    """Does everybody mean the same by this name of a time zone?"""
    return zone in WINDOWS_TO_OLSON or tzp.timezone(zone.strip("/")) is not None
