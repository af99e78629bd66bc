#!/bin/sh
# Three hours of a booking become four in the night on which the clocks go back, and 24 hours a day.
#
# RFC 5545 tells a length in days (P1D: the same hour on the next day) from one in hours (PT24H, PT3H:
# exactly that long). One thinks that a library keeps them apart. icalendar reads both as the same
# timedelta, and recurring-ical-events adds it on the wall: PT3H from 1:30 on 25 October 2026 ends at
# 4:30, four hours later. PT24H from noon on the eve ends at noon, 25 hours later. What is parsed does
# not tell any more which of the two was written.
#
# It matters to whoever sums hours of rooms and machines: a figure is an hour off twice a year, for each
# booking over the night, and nobody looks there.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    icalendar==7.3.2 recurring-ical-events==3.8.2 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

PARIS = ZoneInfo("Europe/Paris")


def hours(start, duration):
    text = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//exemple//FR
BEGIN:VEVENT
UID:nuit@exemple.test
DTSTAMP:20260901T080000Z
DTSTART;TZID=Europe/Paris:{start}
DURATION:{duration}
END:VEVENT
END:VCALENDAR
"""
    first, last = datetime(2026, 10, 1, tzinfo=PARIS), datetime(2026, 12, 1, tzinfo=PARIS)
    [event] = recurring_ical_events.of(Calendar.from_ical(text)).between(first, last)
    begins, ends = (event[name].dt.astimezone(UTC) for name in ("DTSTART", "DTEND"))
    return (ends - begins).total_seconds() / 3600


print("icalendar", version("icalendar"))
print("recurring-ical-events", version("recurring-ical-events"))
three, day, hours_24 = (
    hours("20261025T013000", "PT3H"), hours("20261024T120000", "P1D"),
    hours("20261024T120000", "PT24H"),
)
print("PT3H from 1:30 on 25 October is", three, "hours; by RFC 5545 it is 3")
print("P1D from noon on the eve is", day, "hours, as by RFC 5545")
print("PT24H from noon on the eve is", hours_24, "hours; by RFC 5545 it is 24")
is_so = (three, day, hours_24) == (4, 25, 25)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
