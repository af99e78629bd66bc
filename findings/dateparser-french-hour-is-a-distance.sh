#!/bin/sh
# "14h" is fourteen hours ago, "14h30" is half past two: a French hour read by dateparser.
#
# A desk opens at 9h and closes at 12h30: so French people write hours, whole ones without minutes. One
# thinks that a parser of dates that is told the language is French reads both alike. A whole hour alone
# is a distance: 14h, read at six in the evening, is four o'clock in the morning; 14 h 30 with blanks is
# four o'clock too; and 9h reads right at six in the evening, by chance, and wrong at any other hour.
# 14h00, 14h30, `à 14h` and `3 mars 2026 14h` are hours of the clock.
#
# It matters to whoever reads sheets of presences: the same cell has another hour, or another day, each
# time it is read, and only the whole hours do.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check dateparser==1.5.0 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import datetime
from importlib.metadata import version

import dateparser


def read(text, hour):
    base = datetime(2026, 3, 3, hour)
    found = dateparser.parse(text, languages=["fr"], settings={"RELATIVE_BASE": base})
    return f"{found:%d %H:%M}"


print("dateparser", version("dateparser"))
TEXTS = "14h", "14 h 30", "9h", "14h00", "14h30", "à 14h"
seen = {text: (read(text, 18), read(text, 10)) for text in TEXTS}
for text, (evening, morning) in seen.items():
    print(f"{text:8} read on the 3rd at 18:00: {evening}   at 10:00: {morning}")
is_so = seen == {
    "14h": ("03 04:00", "02 20:00"), "14 h 30": ("03 04:00", "02 20:00"),
    "9h": ("03 09:00", "03 01:00"), "14h00": ("03 14:00", "03 14:00"),
    "14h30": ("03 14:30", "03 14:30"), "à 14h": ("03 14:00", "03 14:00"),
}
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
