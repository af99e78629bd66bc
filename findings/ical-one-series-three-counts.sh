#!/bin/sh
# One series of a calendar is three sessions, four or two: three libraries, none of which says a word.
#
# Four Mondays, of which one was moved to a Tuesday and the last one taken out: three sessions by RFC 5545,
# and by recurring-ical-events. One thinks that vobject, whose getrruleset gives the times of a series, gives
# these. It knows what was taken out, and gives the moved one at both times: four. A session that was added with
# a length of its own (RDATE;VALUE=PERIOD) empties the series: none at all. One thinks that ics, which
# reads a calendar into events, reads the rule too, or refuses it: it gives the first Monday and the moved one,
# two. And a time without a zone, which is that of the place, is a time in UTC to ics.
#
# It matters to whoever counts partners' desks: a partner of each week is one who came once, and what was
# moved counts twice.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    icalendar==7.3.2 recurring-ical-events==3.8.2 vobject==0.9.9 ics==0.7.3 2>/dev/null
"$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import sys
from datetime import UTC, datetime
from importlib.metadata import version

import ics
import recurring_ical_events
import vobject
from icalendar import Calendar

ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Paris
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
DTSTART:19700329T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
DTSTART:19701025T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
"""
START = "DTSTART;TZID=Europe/Paris:20260907T090000"
SERIES = (
    START, "RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Europe/Paris:20260928T090000",
)
MOVED = (
    "RECURRENCE-ID;TZID=Europe/Paris:20260914T090000", "DTSTART;TZID=Europe/Paris:20260915T090000",
)
ADDED = (START, "RDATE;TZID=Europe/Paris;VALUE=PERIOD:20260909T100000/PT3H")
NO_ZONE = ("DTSTART:20260907T090000",)


def calendar(*events):
    told = ""
    for lines in events:
        own = "\n".join([*lines, "DURATION:PT1H"])
        told += f"BEGIN:VEVENT\nUID:a@exemple.test\nDTSTAMP:20260901T080000Z\n{own}\nEND:VEVENT\n"
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//exemple//FR\n{ZONE}{told}END:VCALENDAR\n"


def by_recurring(text):
    year = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
    found = recurring_ical_events.of(Calendar.from_ical(text)).between(*year)
    return sorted(event["DTSTART"].dt for event in found)


def by_vobject(text):
    found = []
    for event in vobject.readOne(text).vevent_list:
        times = event.getrruleset(addRDate=True)
        found += [event.dtstart.value] if times is None else list(times)
    return sorted(found)


def by_ics(text):
    return sorted(event.begin.datetime for event in ics.Calendar(text).events)


print(*(f"{name} {version(name)}" for name in ("recurring-ical-events", "vobject", "ics")))
seen = {}
for name, text in (("series", calendar(SERIES, MOVED)), ("added", calendar(ADDED))):
    for read in (by_recurring, by_vobject, by_ics):
        found = read(text)
        seen[name, read] = len(found)
        print(f"{name:7} {read.__name__:13}", len(found), *(f"{time:%a %d}" for time in found))
[without] = by_ics(calendar(NO_ZONE))
print("ics, a time without a zone:", without)
is_so = (
    [seen["series", read] for read in (by_recurring, by_vobject, by_ics)] == [3, 4, 2]
    and [seen["added", read] for read in (by_recurring, by_vobject, by_ics)] == [2, 0, 1]
    and str(without) == "2026-09-07 09:00:00+00:00"
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
