#!/bin/sh
# A flow that runs every day runs twice on the days after the clocks go back, and an hour late all summer.
#
# Prefect says of a daily interval with a time zone that "the clock-hour remains constant": every day at
# six in Paris. It counts exact hours from the anchor to the day on which it plans, and days of the wall
# from there on. So a schedule with an anchor in January plans six o'clock until the change in March, and
# seven o'clock as soon as the change is behind. In October it is worse: on the eve the coming days are
# planned at seven, on the day itself at six; what was planned stays, and 26 October has two nights.
#
# It matters to whoever pulls records each night and tells funders when: two runs an hour apart read the
# same deliveries. A cron schedule keeps its hour and comes once a day.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    prefect==3.8.8 "fastapi>=0.139,<0.151" "sqlalchemy[asyncio]>=2.0,<2.1" 2>/dev/null
export PREFECT_HOME="$folder/home" PREFECT_SERVER_ANALYTICS_ENABLED=false DO_NOT_TRACK=1
export PREFECT_LOGGING_LEVEL=ERROR
"$folder/venv/bin/python" - <<'PYTHON'
import asyncio
import sys
from datetime import datetime, timedelta
from importlib.metadata import version
from zoneinfo import ZoneInfo

from prefect.server import models
from prefect.server.database import provide_database_interface
from prefect.server.schemas.core import Deployment, DeploymentSchedule, Flow
from prefect.server.schemas.schedules import CronSchedule, IntervalSchedule

PARIS = ZoneInfo("Europe/Paris")
ANCHOR = datetime(2026, 1, 5, 6, tzinfo=PARIS)
DAILY = IntervalSchedule(interval=timedelta(days=1), anchor_date=ANCHOR, timezone="Europe/Paris")


def wall(instant):
    return f"{instant.astimezone(PARIS):%d.%m. %H:%M}"


async def next_two(month, day):
    noon = datetime(2026, month, day, 12, tzinfo=PARIS)
    return [wall(instant) for instant in await DAILY.get_dates(2, start=noon)]


async def planned(schedule):
    """What its scheduler has planned after it planned at noon of 24 October, and of the 25th."""
    base = provide_database_interface()
    await base.create_db()
    async with base.session_context(begin_transaction=True) as session:
        flow = await models.flows.create_flow(session, Flow(name=type(schedule).__name__))
        wanted = Deployment(
            name=type(schedule).__name__, flow_id=flow.id,
            schedules=[DeploymentSchedule(schedule=schedule, active=True)],
        )
        deployment = (await models.deployments.create_deployment(session, wanted)).id
    for day in (24, 25):
        async with base.session_context(begin_transaction=True) as session:
            noon = datetime(2026, 10, day, 12, tzinfo=PARIS)
            await models.deployments.schedule_runs(
                session, deployment, start_time=noon, end_time=noon + timedelta(days=100),
                min_time=timedelta(hours=1), min_runs=3, max_runs=100,
            )
    async with base.session_context() as session:
        runs = await models.flow_runs.read_flow_runs(session)
        mine = [run for run in runs if run.deployment_id == deployment]
        return sorted(wall(run.next_scheduled_start_time) for run in mine)


async def seen():
    cron = CronSchedule(cron="0 6 * * *", timezone="Europe/Paris")
    days = [await next_two(3, 28), await next_two(3, 29), await next_two(10, 24), await next_two(10, 25)]
    return days, await planned(DAILY), await planned(cron)


days, daily, cron = asyncio.run(seen())
print("prefect", version("prefect"), "python", sys.version.split()[0])
for noon, found in zip(("28.03.", "29.03.", "24.10.", "25.10."), days):
    print("every day at 6 in Paris, asked on", noon, "at noon:", found)
print("planned by an interval:", daily)
print("planned by a cron:     ", cron)
is_so = (
    [found[1] for found in days] == ["30.03. 06:00", "31.03. 07:00", "26.10. 07:00", "27.10. 06:00"]
    and [run for run in daily if run.startswith("26")] == ["26.10. 06:00", "26.10. 07:00"]
    and [run for run in cron if run.startswith("26")] == ["26.10. 06:00"]
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
