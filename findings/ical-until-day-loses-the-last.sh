#!/bin/sh
# A series that ends on a day loses its last session: UNTIL as a day, or as a time without a zone, is
# read as midnight, or as that hour, in UTC.
#
# `RRULE:FREQ=WEEKLY;UNTIL=20261026` with a start at nine in Paris is not what RFC 5545 asks for, and is
# what several programs write: every Monday up to 26 October. One thinks that the 26th is in it, as in
# the program that wrote it. recurring-ical-events takes the day for 00:00 UTC, and the last session is
# gone. A time without Z it takes for UTC, although the start has a zone: until nine o'clock then lets a
# session at ten pass.
#
# It matters to whoever counts partners' desks by the month: the last of each series is missing, or one
# is there that was not, at the end of a year or of a school term, when series end.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    icalendar==7.3.2 recurring-ical-events==3.8.2 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

PARIS = ZoneInfo("Europe/Paris")


def days(hour, until):
    text = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//exemple//FR
BEGIN:VEVENT
UID:permanence@exemple.test
DTSTAMP:20260901T080000Z
DTSTART;TZID=Europe/Paris:20261012T{hour:02}0000
DURATION:PT1H
RRULE:FREQ=WEEKLY;UNTIL={until}
END:VEVENT
END:VCALENDAR
"""
    first, last = datetime(2026, 10, 1, tzinfo=PARIS), datetime(2026, 12, 1, tzinfo=PARIS)
    found = recurring_ical_events.of(Calendar.from_ical(text)).between(first, last)
    return sorted(event["DTSTART"].dt.day for event in found)


print("recurring-ical-events", version("recurring-ical-events"))
instant, day = days(9, "20261026T080000Z"), days(9, "20261026")
wall = days(10, "20261026T095900")
print("at 9, until 26 October 08:00 UTC:   ", instant)
print("at 9, until 26 October:             ", day)
print("at 10, until 26 October 9:59 (wall):", wall)
is_so = (instant, day, wall) == ([12, 19, 26], [12, 19], [12, 19, 26])
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
