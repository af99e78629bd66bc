#!/bin/sh
# A calendar that names its zone loses the last session of a series, although the series ends with it.
#
# X-WR-TIMEZONE, which Google and others write, says in which zone a calendar is shown. A series from
# 12 October 7:00 UTC with UNTIL=20261026T070000Z has three Mondays; by RFC 5545 the last one is at 8 o'clock
# in Paris. One thinks that the name of a zone changes no count. recurring-ical-events (by x-wr-timezone)
# moves the start into the zone and lets it recur there at nine: the last one is at 8:00 UTC then, an hour
# after UNTIL, which stayed in UTC, and is gone. A day moves too: a series on Sundays at 22:30 UTC, which is
# Mondays 0:30 in Paris, has four sessions where COUNT says three, all on Sundays but for the first.
#
# It matters to whoever counts partners' desks: a session less at the end of each autumn series, or one on a
# day on which nobody came, and only in the calendars that name a zone.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    icalendar==7.3.2 recurring-ical-events==3.8.2 x-wr-timezone==2.0.1 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

import recurring_ical_events
from icalendar import Calendar

PARIS = ZoneInfo("Europe/Paris")


def sessions(start, rule, zone):
    text = f"""BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//exemple//FR
{zone}BEGIN:VEVENT
UID:permanence@exemple.test
DTSTAMP:20260901T080000Z
DTSTART:{start}
DURATION:PT1H
RRULE:FREQ=WEEKLY;{rule}
END:VEVENT
END:VCALENDAR
"""
    first, last = datetime(2026, 10, 1, tzinfo=PARIS), datetime(2026, 12, 1, tzinfo=PARIS)
    found = recurring_ical_events.of(Calendar.from_ical(text)).between(first, last)
    instants = sorted(event["DTSTART"].dt.astimezone(PARIS) for event in found)
    return [f"{instant:%a %d.%m. %H:%M}" for instant in instants]


print("recurring-ical-events", version("recurring-ical-events"), "x-wr-timezone", version("x-wr-timezone"))
NAMED = "X-WR-TIMEZONE:Europe/Paris\n"
until = "20261012T070000Z", "UNTIL=20261026T070000Z"
count = "20261011T223000Z", "BYDAY=SU;COUNT=3"
seen = [sessions(*series, zone) for series in (until, count) for zone in ("", NAMED)]
for name, found in zip(("UNTIL", "UNTIL, zone named", "COUNT=3", "COUNT=3, zone named"), seen):
    print(f"{name:20}", found)
is_so = [len(found) for found in seen] == [3, 2, 3, 4] and seen[3][1:] == [
    "Sun 18.10. 00:30", "Sun 25.10. 00:30", "Sun 01.11. 00:30",
]
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
