#!/bin/sh
# icalendar reads a time zone that a calendar defines with what another calendar meant by its name.
#
# A calendar (iCalendar, RFC 5545) brings its own time zones along (VTIMEZONE), under names that hold
# in this calendar alone: Outlook writes "Customized Time Zone", others what they like. One thinks that
# each parsed calendar has its own. The library keeps the first definition of a name for the whole
# process: the second calendar of the night is read with the hours of the first, without a word. A name
# that the second one does not define at all is known too, by then.
#
# It matters to whoever reads the calendars of several places in one process: desks and bookings of one
# place move by hours, over midnight into another day, and only when another place was read before.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check icalendar==7.3.2 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

from icalendar import Calendar

ZONE = """BEGIN:VTIMEZONE
TZID:Customized Time Zone
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:{0}
TZOFFSETTO:{0}
END:STANDARD
END:VTIMEZONE
"""
EVENT = """BEGIN:VEVENT
UID:permanence@exemple.test
DTSTAMP:20260901T080000Z
DTSTART;TZID=Customized Time Zone:20261005T090000
END:VEVENT
"""


def offset(zone):
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//exemple//FR\n{zone}{EVENT}END:VCALENDAR\n"
    [event] = Calendar.from_ical(text).walk("VEVENT")
    return event["DTSTART"].dt.utcoffset()


print("icalendar", version("icalendar"))
first, second = offset(ZONE.format("+0100")), offset(ZONE.format("+0400"))
third = offset("")
print("first calendar,  UTC+1:", first)
print("second calendar, UTC+4:", second)
print("third calendar, without a definition:", third)
is_so = first == second == third
print("the first definition is that of all" if is_so else "each calendar has its own now")
sys.exit(0 if is_so else 1)
PYTHON
