#!/bin/sh
# Mornings and afternoons end an hour early from the night on which the clocks go back: polars, by windows.
#
# Visits by half-day are windows of 12 hours on a column in Europe/Paris. One thinks that group_by_dynamic
# cuts where dt.truncate of the same column and the same length cuts, at midnight and at noon. It does until
# 25 October; from then on it counts exact hours on from the first window: they begin at 11:00 and at 23:00, and
# stay there for as long as the frame goes on. Whole days by "1d" are right; "24h", which is another word for
# it to truncate, begins at 23:00 too. A frame that begins in November is right again.
#
# It matters to whoever counts visits by half-day or by slots of some hours: from 11 to noon all of
# winter counts as afternoon, and the same visits read alone count otherwise.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check polars==2.1.0 tzdata 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import datetime
from importlib.metadata import version

import polars as pl

VISITS = [datetime(2026, 10, 24, 9), datetime(2026, 10, 26, 11, 30), datetime(2026, 11, 3, 11, 30)]


def windows(visits, length):
    """Where the window of each visit begins, by truncate and by group_by_dynamic."""
    frame = pl.DataFrame({"at": visits}).with_columns(pl.col("at").dt.replace_time_zone("Europe/Paris"))
    cut = frame["at"].dt.truncate(length)
    grouped = frame.group_by_dynamic("at", every=length).agg()["at"]
    both = [[f"{start:%d.%m. %H:%M}" for start in starts] for starts in (cut, grouped)]
    print(f"{length:4} truncate:        ", *both[0], f"\n{length:4} group_by_dynamic:", *both[1])
    return both


print("polars", version("polars"))
halves, days, hours, alone = (
    windows(VISITS, "12h"), windows(VISITS, "1d"), windows(VISITS, "24h"), windows(VISITS[1:], "12h"),
)
noon = ["24.10. 00:00", "26.10. 00:00", "03.11. 00:00"]
is_so = (
    halves == [noon, ["24.10. 00:00", "26.10. 11:00", "03.11. 11:00"]]
    and days == [noon, noon]
    and hours == [noon, ["24.10. 00:00", "25.10. 23:00", "02.11. 23:00"]]
    and alone == [noon[1:], noon[1:]]
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
