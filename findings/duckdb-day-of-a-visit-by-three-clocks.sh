#!/bin/sh
# The same visit has another day by time_bucket, and by a cursor, though the time zone was set.
#
# Half past midnight on 1 March on La Réunion. The connection says SET TimeZone, date_trunc and a cast to
# DATE follow it. One thinks that all of this connection does. time_bucket, which groups by days or
# months, has days of UTC that begin at 4:00: the visit is in February. And a cursor of the connection,
# which a thread or a library takes, sees its tables but not its zone: the visit is in February there too,
# by all three. SET GLOBAL reaches the cursors; time_bucket has to be given the zone as its last argument.
#
# It matters to whoever counts visits by day or month: evenings fall into another day than in the
# figure beside it, and only in some of the queries.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check duckdb==1.5.6 pytz 2>/dev/null
TZ=UTC "$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import duckdb

MONTHS = """SELECT strftime(seen_at::DATE, '%m'), strftime(date_trunc('month', seen_at)::DATE, '%m'),
    strftime(time_bucket(INTERVAL 1 MONTH, seen_at)::DATE, '%m'),
    strftime(time_bucket(INTERVAL 1 MONTH, seen_at, 'Indian/Reunion')::DATE, '%m') FROM visits"""
base = duckdb.connect()
base.execute("SET TimeZone = 'Indian/Reunion'")
base.execute("CREATE TABLE visits AS SELECT TIMESTAMPTZ '2026-03-01 00:30:00+04' AS seen_at")
[here] = base.execute(MONTHS).fetchall()
[there] = base.cursor().execute(MONTHS).fetchall()
base.execute("SET GLOBAL TimeZone = 'Indian/Reunion'")
[then] = base.cursor().execute(MONTHS).fetchall()
print("duckdb", version("duckdb"))
print("month by a cast, date_trunc, time_bucket, time_bucket with a zone")
print("connection:       ", here)
print("its cursor:       ", there)
print("after SET GLOBAL: ", then)
is_so = (
    here == ("03", "03", "02", "03") and there[:3] == ("02", "02", "02") and then == here
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
