#!/bin/sh
# A nightly run at half past two comes twice on the night on which the clocks go back: croniter.
#
# cron itself, since Vixie, runs a job with a fixed hour once on that night, one of each hour on each of the
# 25 hours. One thinks that a library that reads its lines with a time zone does so too. cronsim does; croniter
# gives 2:30 of summer and 2:30 of winter, for a job of each day and for one of each Sunday. In March both
# give 3:00, half an hour late and not at the hour that the line says.
#
# It matters to whoever pulls records at night and has a report made of each run: two on one night, the second
# with nothing in it. A schedule at 3:30 or later has no such night.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    croniter==7.0.0 cronsim==2.8 tzdata 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

from croniter import croniter
from cronsim import CronSim

PARIS = ZoneInfo("Europe/Paris")


def night(line, day):
    """The runs of the night, by croniter and by cronsim."""
    eve = day.replace(day=day.day - 1, hour=20)
    by_croniter, by_cronsim = croniter(line, eve), CronSim(line, eve)
    both = (
        [f"{by_croniter.get_next(datetime):%d. %H:%M %Z}" for _ in range(5)],
        [f"{next(by_cronsim):%d. %H:%M %Z}" for _ in range(5)],
    )
    runs = [[run for run in found if run.startswith(f"{day:%d.}")] for found in both]
    print(f"{line:11} {day:%d.%m.}  croniter: {runs[0]}  cronsim: {runs[1]}")
    return runs


autumn, spring = datetime(2026, 10, 25, tzinfo=PARIS), datetime(2026, 3, 29, tzinfo=PARIS)
print("croniter", version("croniter"), "cronsim", version("cronsim"))
seen = [night("30 2 * * *", autumn), night("30 2 * * 0", autumn), night("30 2 * * *", spring)]
twice, once = ["25. 02:30 CEST", "25. 02:30 CET"], ["25. 02:30 CEST"]
is_so = seen == [[twice, once], [twice, once], [["29. 03:00 CEST"], ["29. 03:00 CEST"]]]
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
