"""The dates that Prefect's scheduler gives to our schedules, on the nights that are not like others."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from prefect.server.schemas.schedules import CronSchedule

from flows.runs.deployments import EVERY_MORNING, EVERY_NIGHT, EVERY_SUNDAY, deployments

PARIS = ZoneInfo("Europe/Paris")


def dates(cron: str, start: datetime, end: datetime) -> list[datetime]:
    schedule = CronSchedule(cron=cron, timezone="Europe/Paris")
    found = asyncio.run(schedule.get_dates(n=50, start=start, end=end))
    return [at.astimezone(PARIS) for at in found]


@pytest.mark.parametrize("cron", [EVERY_NIGHT, EVERY_MORNING])
@pytest.mark.parametrize("change", [datetime(2026, 10, 25), datetime(2027, 3, 28)])
def test_each_day_has_one_run_also_when_clocks_change(cron: str, change: datetime) -> None:
    start = (change - timedelta(days=2)).replace(tzinfo=PARIS)
    found = dates(cron, start, start + timedelta(days=5))
    days = [at.date() for at in found]
    assert days == [start.date() + timedelta(days=n) for n in range(5)]
    hour = "03:30" if cron == EVERY_NIGHT else "06:30"
    assert {at.strftime("%H:%M") for at in found} == {hour}


def test_maintenance_is_on_sundays() -> None:
    start = datetime(2026, 11, 23, tzinfo=PARIS)
    assert {at.isoweekday() for at in dates(EVERY_SUNDAY, start, start + timedelta(days=30))} == {7}


def test_every_schedule_has_a_name_of_its_own_and_is_in_paris() -> None:
    schedules = [s for deployment in deployments() for s in deployment.schedules or []]
    slugs = [schedule.slug for schedule in schedules]
    assert None not in slugs
    assert len(set(slugs)) == len(slugs)
    assert {schedule.schedule.timezone for schedule in schedules} == {"Europe/Paris"}
