"""When the events of a calendar are: rules unfolded here, by the library, between two instants.

A server's own unfolding is never asked for: it can be an hour off after the clocks change. What the
library leaves open is decided here, as RFC 5545 says: a length in hours is exact on the two nights
on which the clocks change, a rule ends after its `UNTIL` in each of its forms, a time that does not
exist is skipped. An occurrence is known by its series and the slot in which the series has it, an
event that does not repeat by itself: so what is moved stays what it is. With RANGE=THISANDFUTURE
all that follow bear one RECURRENCE-ID: their slots are counted back from where they were moved to.
"""

import hashlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events
from icalendar.prop import vDDDTypes
from icalendar.timezone import tzp
from recurring_ical_events import Occurrence
from recurring_ical_events.selection.name import ComponentsWithName

from flows.connectors._ical import EXACT
from flows.settings import TIME_ZONE

PARIS = ZoneInfo(TIME_ZONE)
LOCAL = "X-LOCAL"
Vevent = Any
"""An `icalendar.Event`, whose types of a property are a union of thirty."""
DAY = timedelta(days=1)
MOST_A_DAY = 24
"""A rule that repeats more often than this is no booking, and could unfold to millions."""
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""A hash without digits never looks like a telephone number."""


class Unreadable(Exception):
    """The series cannot be read; `rule` is one of `schemas.rules`."""

    def __init__(self, rule: str) -> None:
        self.rule = rule
        super().__init__(rule)


@dataclass(frozen=True)
class Slot:
    """One occurrence. `ends` is None where the calendar gives no length."""

    record_id: str
    begins: datetime
    ends: datetime | None
    days: int
    """Of an event of whole days: how many; else 0. It then ends at the last midnight."""
    is_local: bool
    """Written without a zone: both times are those on the clocks of the place."""
    event: Vevent


class Moment(Occurrence):  # type: ignore[misc]
    """An occurrence as it is: copying its event for each of them takes most of the time."""

    def as_component(self, keep_recurrence_attributes: bool) -> Any:
        return self

    @property
    def adapter(self) -> Any:
        return self._adapter


EVENTS = ComponentsWithName("VEVENT", occurrence=Moment)


def slots_of(
    uid: str, series: list[Vevent], zone_of_all: str, first: datetime, until: datetime
) -> list[Slot]:
    """The occurrences of one series that begin at `first` or later and have ended by `until`.

    Of those with whole days, all that have a day in between.
    Raises Unreadable for a series that cannot be right.
    """
    calendar = icalendar.Calendar()
    if zone_of_all:
        calendar.add("X-WR-TIMEZONE", zone_of_all)
    for event in series:
        check(event)
        in_paris(event)
        for rule in rules_of(event):
            check_rule(rule)
            rule_until(rule, event["DTSTART"].dt)
            move_until(rule, event["DTSTART"], zone_of_all)
        calendar.add_component(event)
    try:
        query = recurring_ical_events.of(calendar, components=[EVENTS])
        moments = query.between(first.astimezone(PARIS) - DAY, until.astimezone(PARIS) + DAY)
        slots = [slot_of(uid, moment) for moment in moments if exists(moment)]
    except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
        raise Unreadable("unreadable_event") from None
    return [slot for slot in slots if is_asked(slot, first, until)]


def is_asked(slot: Slot, first: datetime, until: datetime) -> bool:
    if slot.days and slot.ends:
        return first < slot.ends and slot.begins < until
    return first <= slot.begins and (slot.ends or slot.begins) <= until


def check(event: Vevent) -> None:
    """Raises Unreadable for an event of which a needed part is missing, twice there, or no time."""
    if event.errors or isinstance(event.get("DTSTART", []), list) or "EXRULE" in event:
        raise Unreadable("unreadable_event")
    start = event["DTSTART"].dt
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        told = event.get(name)
        if isinstance(told, list) or (told is not None and not isinstance(told.dt, date)):
            raise Unreadable("unreadable_event")
        if told is not None and "TZID" in told.params and is_floating(told.dt):
            raise Unreadable("unknown_time_zone")
    end = event.get("DTEND")
    if end is not None and isinstance(end.dt, datetime) != isinstance(start, datetime):
        raise Unreadable("unreadable_event")
    if "DURATION" in event and not isinstance(start, datetime) and exact_seconds(event):
        raise Unreadable("unreadable_event")
    length = event["DURATION"].dt if "DURATION" in event else timedelta(0)
    if length < timedelta(0) or (end is not None and instant(end.dt) < instant(start)):
        raise Unreadable("leaves_after_arriving")


def is_floating(when: date) -> bool:
    return isinstance(when, datetime) and when.tzinfo is None


def in_paris(event: Vevent) -> None:
    """A time without a zone is that of the place."""
    for name in ("DTSTART", "DTEND", "RECURRENCE-ID"):
        if name in event and is_floating(event[name].dt):
            told = vDDDTypes(event[name].dt.replace(tzinfo=PARIS))
            told.params.update({k: v for k, v in event[name].params.items() if k == "RANGE"})
            told.params[LOCAL] = "TRUE"
            event[name] = told


def rules_of(event: Vevent) -> list[Any]:
    rules = event.get("RRULE", [])
    return rules if isinstance(rules, list) else [rules]


def check_rule(rule: Any) -> None:
    """Raises Unreadable for a rule that repeats too often, or never gets on."""
    a_day = 1
    for part in ("BYHOUR", "BYMINUTE", "BYSECOND"):
        a_day *= max(1, len(rule.get(part, [])))
    if "FREQ" not in rule or rule.get("INTERVAL", [1])[0] < 1:
        raise Unreadable("unreadable_event")
    if rule["FREQ"][0] not in FREQUENCIES or a_day > MOST_A_DAY:
        raise Unreadable("repeats_too_often")


def rule_until(rule: Any, start: date) -> None:
    """Give `UNTIL` the one form that the library reads rightly.

    Where the series has times it is an instant: a time without `Z` is one of the series' own zone,
    and a day is all of it. Where the series has days it is a day: an instant that is midnight in
    Paris means that day, any other the day of its date.
    """
    if "UNTIL" not in rule:
        return
    last = rule["UNTIL"][0]
    if isinstance(start, datetime):
        if not isinstance(last, datetime):
            last = datetime.combine(last, time(23, 59, 59))
        if last.tzinfo is None:
            last = last.replace(tzinfo=start.tzinfo)
        last = last.astimezone(UTC)
    elif isinstance(last, datetime):
        here = last.astimezone(PARIS) if last.tzinfo else last
        last = here.date() if here.time() == time(0) else last.date()
    rule["UNTIL"] = [last]


def move_until(rule: Any, start: vDDDTypes, zone_of_all: str) -> None:
    """Let the end of a series in UTC go with it onto the clocks of the calendar's own zone.

    The library moves the start there and leaves `UNTIL`, which in autumn then is before the last.
    """
    zone = zone_of_all and tzp.timezone(zone_of_all)
    if not zone or "UNTIL" not in rule or "TZID" in start.params:
        return
    if isinstance(start.dt, datetime) and not start.dt.utcoffset():
        wall = start.dt.astimezone(zone) + (rule["UNTIL"][0] - start.dt)
        rule["UNTIL"] = [wall.astimezone(UTC)]


def exists(moment: Moment) -> bool:
    """A rule also gives times that a clock which jumps from 2 to 3 never shows."""
    start, adapter = moment.start, moment.adapter
    if not isinstance(start, datetime) or adapter.is_modification() or start == adapter.start:
        return True
    return start.astimezone(UTC).astimezone(start.tzinfo).replace(tzinfo=None) == start.replace(
        tzinfo=None
    )


def slot_of(uid: str, moment: Moment) -> Slot:
    adapter = moment.adapter
    event = adapter._component
    where = moment.start if adapter.has_recurrence_rules() else None
    if adapter.this_and_future:
        where = moment.start - adapter.move_recurrences_by
    elif adapter.is_modification():
        where = event["RECURRENCE-ID"].dt
    days, ends = 0, None
    if not isinstance(moment.start, datetime):
        days = max(1, (moment.end - moment.start).days)
        ends = instant(moment.start + days * DAY)
    elif "DTEND" in event or "DURATION" in event:
        ends = end_of(moment, event)
    is_local = bool(days) or LOCAL in event["DTSTART"].params
    return Slot(record_id(uid, where), instant(moment.start), ends, days, is_local, event)


def end_of(moment: Moment, event: Vevent) -> datetime:
    """Days of a DURATION are days on the wall; its hours, and the length to a DTEND, are exact."""
    adapter = moment.adapter
    if moment.end - moment.start != adapter.duration:  # an RDATE with an end of its own
        return instant(moment.end)
    if "DTEND" in event:
        return instant(moment.start) + (instant(event["DTEND"].dt) - instant(adapter.start))
    exact = timedelta(seconds=exact_seconds(event))
    return instant(moment.start + (event["DURATION"].dt - exact)) + exact


def exact_seconds(event: Vevent) -> int:
    return int(event.get(EXACT, 0))


def instant(when: date, zone: tzinfo = PARIS) -> datetime:
    """In UTC: lengths between two times of one zone are those on the wall."""
    if not isinstance(when, datetime):
        when = datetime.combine(when, time(0))
    return (when if when.tzinfo else when.replace(tzinfo=zone)).astimezone(UTC)


def record_id(uid: str, where: date | None) -> str:
    """Of a series and a slot of it, which nobody can turn back into an address."""
    slot = where.isoformat() if where else ""
    if isinstance(where, datetime):
        slot = instant(where).isoformat()
    digest = hashlib.sha256(f"{uid}|{slot}".encode()).hexdigest()[:32]
    return "1-" + digest.translate(LETTERS)
