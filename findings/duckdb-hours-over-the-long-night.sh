#!/bin/sh
# From six in the evening to eight on the next are 27 hours in October; end minus start says 26 in DuckDB.
#
# A TIMESTAMPTZ is an instant, and one thinks that the difference of two instants is how long it was. With
# a session in Europe/Paris it is a difference of the wall, as soon as it has a whole day: 1 day and 2
# hours, and a day is 24 hours to epoch(). Below a day it is exact: 1:30 to 4:30 are four hours. date_diff
# and the difference of the two epochs are exact, always; age() is of the wall, always. In UTC, where
# machines and tests often run, all of them agree.
#
# It matters to whoever sums hours of rooms and machines that are booked over night: a figure depends on
# the time zone of the session and on whether a booking is longer than a day.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.6 pytz 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import duckdb

print("duckdb", version("duckdb"))


def hours(zone, start, end):
    """Hours by end - start, by the epochs, by date_diff and by age."""
    base = duckdb.connect()
    base.execute(f"SET TimeZone = '{zone}'")
    [row] = base.execute(
        """SELECT epoch(t.e - t.s) / 3600, (epoch(t.e) - epoch(t.s)) / 3600,
                  date_diff('minute', t.s, t.e) / 60, epoch(age(t.e, t.s)) / 3600
           FROM (SELECT CAST(? AS TIMESTAMPTZ) AS s, CAST(? AS TIMESTAMPTZ) AS e) AS t""",
        [start, end],
    ).fetchall()
    print(f"{zone:13} {start} to {end}: minus, epochs, date_diff, age:", row)
    return row


night = "2026-10-25 01:30:00+02", "2026-10-25 04:30:00+01"
long = "2026-10-24 18:00:00+02", "2026-10-25 20:00:00+01"
seen = [hours(zone, *span) for span in (night, long) for zone in ("Europe/Paris", "UTC")]
is_so = seen == [(4, 4, 4, 3), (4, 4, 4, 4), (26, 27, 27, 26), (27, 27, 27, 27)]
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
