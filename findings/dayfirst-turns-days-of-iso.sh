#!/bin/sh
# Told that French days come first, pandas reads 2026-03-05 as the third of May, or not, by the first row.
#
# A list of visits has 05/03/2026 one month, and 2026-03-05 the next, when somebody exported it from another
# tool. dayfirst=True is how pandas is told of the French order, and one thinks that it says nothing about a
# date that begins with its year: ISO 8601 knows one order. The first row decides for the column: 2026-03-05
# makes it year, day, month, also as 2026-03-05T09:30 with its zone, without a warning. With the 15th in
# the first row all is right, with a warning; with the 15th further down it is a fault; and with
# format="mixed", as with dateutil, the first twelve days of a month turn and the others do not.
#
# It matters to whoever counts visits by month: a delivery of the first days of a month is spread over the year,
# each day into a month of its own.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pandas==3.1.1 python-dateutil==2.9.0.post0 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
import warnings
from importlib.metadata import version

import pandas as pd
from dateutil import parser

FIRST, LATE = "2026-03-05", "2026-03-15"


def days(*texts, **form):
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        try:
            read = [f"{day:%d %b}" for day in pd.to_datetime(pd.Series(texts), dayfirst=True, **form)]
        except ValueError:
            read = ["a fault"]
    print(*texts, *form.values(), "->", *read, "with a warning" if warned else "")
    return read, bool(warned)


print("pandas", version("pandas"), "dateutil", version("python-dateutil"))
seen = [
    days(FIRST, "2026-03-06"), days("2026-03-05T09:30+01:00"), days(LATE, FIRST), days(FIRST, LATE),
    days(FIRST, LATE, format="mixed"),
]
by_dateutil = [f"{parser.parse(text, dayfirst=True):%d %b}" for text in (FIRST, LATE)]
print("dateutil:", FIRST, LATE, "->", *by_dateutil)
is_so = seen == [
    (["03 May", "03 Jun"], False), (["03 May"], False), (["15 Mar", "05 Mar"], True),
    (["a fault"], False), (["03 May", "15 Mar"], False),
] and by_dateutil == ["03 May", "15 Mar"]
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
