#!/bin/sh
# All sessions that were moved "from here on" have one number: UID and RECURRENCE-ID do not tell apart.
#
# RFC 5545 knows an occurrence by UID and RECURRENCE-ID, and libraries hand each one out with both. One
# thinks that the pair is a key. After "move this and all that follow" (RANGE=THISANDFUTURE)
# recurring-ical-events gives every later occurrence the RECURRENCE-ID of the first one that was moved:
# five sessions have three numbers. Who keeps one row a key keeps three of the five.
#
# It matters to whoever counts partners' desks: a partner who changes the hour for good seems to stop
# coming.
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
TEXT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//exemple//FR
BEGIN:VEVENT
UID:permanence@exemple.test
DTSTAMP:20260901T080000Z
DTSTART;TZID=Europe/Paris:20261005T090000
DURATION:PT1H
RRULE:FREQ=WEEKLY;COUNT=5
END:VEVENT
BEGIN:VEVENT
UID:permanence@exemple.test
DTSTAMP:20260901T080000Z
RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20261019T090000
DTSTART;TZID=Europe/Paris:20261019T140000
DURATION:PT1H
END:VEVENT
END:VCALENDAR
"""
first, last = datetime(2026, 10, 1, tzinfo=PARIS), datetime(2026, 12, 1, tzinfo=PARIS)
found = recurring_ical_events.of(Calendar.from_ical(TEXT)).between(first, last)
print("recurring-ical-events", version("recurring-ical-events"))
for event in sorted(found, key=lambda event: event["DTSTART"].dt):
    print(event["DTSTART"].dt, "RECURRENCE-ID", event["RECURRENCE-ID"].dt)
keys = {(str(event["UID"]), event["RECURRENCE-ID"].dt) for event in found}
print(len(found), "sessions,", len(keys), "pairs of UID and RECURRENCE-ID")
is_so = (len(found), len(keys)) == (5, 3)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
