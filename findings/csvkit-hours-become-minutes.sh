#!/bin/sh
# 35 hours of a week are 35 minutes: csvkit reads h:mm as minutes and seconds.
#
# The columns of a French time sheet say 35:00, 9:30, 14:00: hours and minutes, as every workbook shows
# and exports them. One thinks that the guesser of csvkit (agate) leaves them as text, or reads hours. It
# reads a duration of 35 minutes, one of 9 min 30 s, and a day that begins at 14:00 begins at 0:14:00.
# With seconds, 35:00:00, or with a letter, 9h30m, the same column is right. Nothing is said: the column
# has a known kind, and csvstat gives its sum and its mean, sixty times too small.
#
# It matters to whoever counts hours of rooms, machines and jobs from a CSV: name the kinds of the
# columns (--no-inference, or column_types), or ask for seconds in the export.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    csvkit==2.2.0 agate==1.14.2 2>/dev/null
cat >"$folder/hours.csv" <<'CSV'
semaine,short,full,letter
1,35:00,35:00:00,35h
2,9:30,9:30:00,9h30m
CSV
"$folder/venv/bin/csvstat" --snifflimit 0 --sum "$folder/hours.csv"
"$folder/venv/bin/python" - "$folder/hours.csv" <<'PYTHON'
import sys
from importlib.metadata import version

import agate

table = agate.Table.from_csv(sys.argv[1])
print("csvkit", version("csvkit"), "agate", version("agate"))
seen = {}
for name in ("short", "full", "letter"):
    column = table.columns[name]
    seen[name] = [str(value) for value in column.values()]
    print(f"{name:7}", type(column.data_type).__name__, seen[name])
is_so = (
    seen["short"] == ["0:35:00", "0:09:30"]
    and seen["full"] == seen["letter"] == ["1 day, 11:00:00", "9:30:00"]
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
