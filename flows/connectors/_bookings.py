"""The events of a calendar as rows: a table of words says which of them count, and as what."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import icalendar

from flows.connectors._ical import Content, Event, parsed, read_calendars
from flows.connectors._json import ROWS_A_PAGE, Row, frame
from flows.connectors._occurrences import PARIS, Slot, Unreadable, Vevent, instant, slots_of
from flows.connectors._words import BUSY, Words
from flows.errors import BatchRefused
from flows.language import _, ngettext
from flows.records import Broken, Page
from flows.sources import Source

HEADERS = ["id", "begins", "ends", "minutes", "quantity", "unit", "status", "word"]
TEXTS = (b"SUMMARY", b"CATEGORIES", b"LOCATION")
SERIES_AT_ONCE = 500
"""Parsed events take far more memory than their lines."""


@dataclass(frozen=True)
class Asked:
    """What a source reads of its calendar: from when, until when, and of which events."""

    source: Source
    first: datetime
    until: datetime
    expected: tuple[str, ...] = ()
    """Words of events that should all be in the table."""


@dataclass
class Series:
    """The events of one UID, each with the calendar that it stands in."""

    uid: str
    events: list[tuple[Content, Event]] = field(default_factory=list)

    @property
    def line(self) -> int:
        return self.events[0][1].line


@dataclass(frozen=True)
class Verdict:
    """What an event is to the place, whenever it occurs."""

    status: str
    word: str | None = None
    rule: str = ""
    """The one that it breaks."""
    is_left_out: bool = False


@dataclass
class Reading:
    """Rows that were read and are not yet given on, and what was seen so far."""

    asked: Asked
    words: Words
    number: int
    """The last row number: events have those of their lines, occurrences come behind."""
    rows: list[Row] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    broken: list[Broken] = field(default_factory=list)
    ignored: int = 0
    silent: int = 0
    """Series without any word of the table."""
    has_word: bool = False
    is_only_busy: bool = True
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    """Of the events of the series that is being read."""

    def has_words(self, events: list[Vevent]) -> bool:
        text = "\n".join(self.words.text(event) for event in events)
        self.is_only_busy &= BUSY.issuperset(text.split("\n"))
        found = bool(self.words.known.search(text) or self.words.expected.search(text))
        self.has_word |= found
        return found

    def slots(self, series: Series, events: list[Vevent]) -> list[Slot]:
        """The occurrences of a series that the table may know."""
        self.verdicts = {}
        if not all(event.is_whole for _content, event in series.events):
            self.broken.append(Broken(series.line, "unreadable_event", ""))
            return []
        if self.words.is_needed and not self.has_words(events):
            self.ignored += 1
            self.silent += 1
            return []
        zone = series.events[0][0].zone_of_all
        try:
            return slots_of(series.uid, events, zone, self.asked.first, self.asked.until)
        except Unreadable as fault:
            self.broken.append(Broken(series.line, fault.rule, ""))
            return []

    def take(self, slot: Slot) -> None:
        self.number += 1
        verdict = self.verdicts.get(id(slot.event)) or self.judge(slot.event)
        if verdict.rule:
            self.broken.append(Broken(self.number, verdict.rule, "", record_id=slot.record_id))
            return
        found = [] if verdict.is_left_out else list(rows_of(slot, verdict, self.asked))
        self.rows += found
        self.numbers += range(self.number, self.number + len(found))
        self.number += max(0, len(found) - 1)
        self.ignored += not found

    def judge(self, event: Vevent) -> Verdict:
        """Left out is what may come, what was called off (a presence says so of itself), and what
        takes no time."""
        status = str(event.get("STATUS") or "CONFIRMED").upper()
        try:
            word = self.words.found(event) if self.words.is_needed else ""
            is_usage = self.asked.source.feed == "service_usage"
            is_free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
            is_left_out = (
                word is None
                or status == "TENTATIVE"
                or (status == "CANCELLED" and is_usage)
                or (is_free and (is_usage or not self.words.is_needed))
            )
            verdict = Verdict(status, word or None, is_left_out=is_left_out)
        except Unreadable as fault:
            verdict = Verdict(status, rule=fault.rule)
        self.verdicts[id(event)] = verdict
        return verdict

    def page(self) -> Page:
        count = len(self.rows) + len(self.broken) + self.ignored
        rows = frame(self.rows, self.numbers, self.asked.source)
        page = Page(rows, count, self.broken, self.ignored)
        self.rows, self.numbers, self.broken, self.ignored = [], [], [], 0
        return page


def told(slot: Slot, when: datetime) -> str:
    """What is written without a zone goes on without one: the place knows its own."""
    return (when.astimezone(PARIS).replace(tzinfo=None) if slot.is_local else when).isoformat()


def rows_of(slot: Slot, verdict: Verdict, asked: Asked) -> Iterator[Row]:
    """One row; of whole days, a presence is one on each of them."""
    row: Row = {
        "id": slot.record_id, "begins": told(slot, slot.begins), "ends": None, "minutes": None,
        "quantity": None, "unit": None, "status": verdict.status, "word": verdict.word,
    }  # fmt: skip
    if not slot.days:
        if slot.ends and slot.ends != slot.begins:
            seconds = (slot.ends - slot.begins).total_seconds()
            row |= {"ends": told(slot, slot.ends), "minutes": round(seconds / 60)}
            row |= {"quantity": str(round(seconds / 3600, 4)), "unit": "heure"}
        yield row
    elif asked.source.feed == "service_usage":
        if asked.first <= slot.begins and slot.ends and slot.ends <= asked.until:
            yield row | {"quantity": str(slot.days), "unit": "jour"}
    else:
        day = slot.begins.astimezone(PARIS).date()
        for number in range(slot.days):
            begins, ends = instant(day + timedelta(number)), instant(day + timedelta(number + 1))
            if asked.first <= begins and ends <= asked.until:
                more = f".{number}" if number else ""
                yield row | {"id": slot.record_id + more, "begins": told(slot, begins)}


def pages_of(texts: Iterable[bytes], name: str, asked: Asked, *, is_file: bool) -> Iterator[Page]:
    """Pages of text, each of some thousand rows; `texts` is one file, or the objects of a server.

    Raises BatchRefused for a calendar that tells nothing of what it is about.
    """
    words = Words(asked.source, asked.expected)
    if words.is_needed and not words.words:
        field = "service_code" if asked.source.feed == "service_usage" else "activity_id"
        raise BatchRefused(
            _("it is not said which words of the calendar mean what"), where=name,
            remedy=_(
                "write them below [sources.values.{field}], or one code for all events below "
                "[sources.constants]"
            ).format(field=field),
        )  # fmt: skip
    contents, lines = contents_of(texts, name, is_file=is_file)
    all_series = series_of(contents)
    reading = Reading(asked, words, lines)
    for start in range(0, len(all_series), SERIES_AT_ONCE):
        some = all_series[start : start + SERIES_AT_ONCE]
        for series, events in zip(some, read_events(some), strict=True):
            for slot in reading.slots(series, events):
                reading.take(slot)
                if len(reading.rows) >= ROWS_A_PAGE:
                    yield reading.page()
    is_busy = not all_series and any(content.busy_blocks for content in contents)
    refuse_silent(reading, is_busy=is_busy, name=name)
    yield reading.page()


def contents_of(texts: Iterable[bytes], name: str, *, is_file: bool) -> tuple[list[Content], int]:
    """Each VCALENDAR, and how many lines there are; raises BatchRefused for half a file."""
    found: list[Content] = []
    lines = 0
    for raw in texts:
        contents = read_calendars(raw, lines + 1)
        if is_file and not contents:
            raise BatchRefused(
                _("this is no calendar"), where=name,
                remedy=_("export the calendar itself, as a file .ics"),
            )  # fmt: skip
        if is_file and not all(content.is_whole for content in contents):
            raise BatchRefused(
                _("the calendar is cut off: its last line is not there"), where=name,
                remedy=_("export it again, and send all of it"),
            )  # fmt: skip
        found += contents or [Content(events=[Event(lines + 1, uid=f"unreadable {lines}")])]
        lines += raw.count(b"\n") + 1
    return found, lines


def series_of(contents: list[Content]) -> list[Series]:
    """The events by UID; one without is known by its times, and among equal ones by their order."""
    found: dict[str, Series] = {}
    nameless: Counter[str] = Counter()
    for content in contents:
        for event in content.events:
            uid = event.uid
            if not uid:
                times = [line for line in event.lines if not line.upper().startswith(TEXTS)]
                mark = hashlib.sha256(b"\n".join(times)).hexdigest()
                nameless[mark] += 1
                uid = f"{mark} {nameless[mark]}"
            found.setdefault(uid, Series(uid)).events.append((content, event))
    return list(found.values())


def read_events(some: list[Series]) -> list[list[Vevent]]:
    """The events of each series as the library reads them; one that it cannot is not whole."""
    of_content: dict[int, tuple[Content, list[Event]]] = {}
    for series in some:
        for content, event in series.events:
            of_content.setdefault(id(content), (content, []))[1].append(event)
    read: dict[int, Vevent] = {}
    for content, events in of_content.values():
        try:
            found = parsed(replace(content, events=events))
        except ValueError:
            found = [one for event in events for one in read_alone(content, event)]
        read |= {id(event): one for event, one in zip(events, found, strict=True)}
    return [[read[id(event)] for _content, event in series.events] for series in some]


def read_alone(content: Content, event: Event) -> list[Vevent]:
    try:
        return parsed(replace(content, events=[event]))
    except ValueError:
        event.is_whole = False
        return [icalendar.Event()]


def refuse_silent(reading: Reading, *, is_busy: bool, name: str) -> None:
    """Raises BatchRefused for a calendar from which no zero can be read."""
    is_silent = reading.silent > 0 and not reading.has_word
    if is_busy or (is_silent and reading.is_only_busy):
        raise BatchRefused(
            _("the calendar only says when somebody is busy, and not with whom"), where=name,
            remedy=_("have it shared with all details of its events, not with its availability"),
        )  # fmt: skip
    if is_silent:
        raise BatchRefused(
            ngettext(
                "its {count} event has no word of the table",
                "none of its {count} events has a word of the table",
                reading.silent,
            ).format(count=reading.silent),
            where=name,
            remedy=_("write words below [sources.values] that stand in a title or a category"),
        )
