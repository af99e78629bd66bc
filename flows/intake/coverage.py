"""Which days a delivery proves: without proof, no record is not zero."""

import re
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from flows.errors import BatchRefused
from flows.intake.landing import Batch
from flows.language import _
from flows.records import PAGES
from flows.settings import TIME_ZONE
from flows.sources import Source
from schemas import FEEDS

Sessions = dict[tuple[date, str | None], bool]
"""Day and session → whether somebody was recorded there."""

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


def event_days(rows: pl.DataFrame, feed: str) -> pl.Series:
    """The day of each record, as the place has it."""
    return rows[FEEDS[feed].day].cast(pl.Date)


def inside_window(rows: pl.DataFrame, source: Source, batch: Batch) -> pl.DataFrame:
    """Only the records of the days that were asked for; what lasts may have begun before them."""
    if batch.window_from is None and batch.window_to is None:
        return rows
    days = event_days(rows, source.feed)
    first, last = batch.window_from or date.min, batch.window_to or date.max
    if FEEDS[source.feed].lasts:
        first = date.min
    return rows.filter(days.is_between(first, last))


def sessions_with_records(rows: pl.DataFrame, source: Source) -> Sessions:
    """Each day and session of the rows → was somebody present? True where records do not say.

    Sessions are told apart only where presence is the proof: one meeting with people does not
    speak for another of the same day.
    """
    session, is_present = pl.lit(None, pl.String), pl.lit(True)
    feed = FEEDS[source.feed]
    if feed.presence:
        column, code = feed.presence
        is_present = pl.col(column) == code
    if source.coverage == "days_with_presence" and feed.session:
        session = pl.col(feed.session)
    table = rows.select(
        event_days(rows, source.feed).alias("day"), session.alias("session"), seen=is_present
    )
    kept = table.drop_nulls("day").group_by("day", "session").agg(pl.col("seen").any())
    return {(day, session): seen for day, session, seen in kept.iter_rows()}


def may_go_on(source: Source, batch: Batch) -> bool:
    """Can it be a list of what goes on on the day of its name: of those employed now?"""
    is_until = source.coverage == "until_file_date" and FEEDS[source.feed].ends
    return bool(is_until) and len(file_dates(batch.file_name)) == 1


def shows_an_end(rows: pl.DataFrame, source: Source, batch: Batch) -> bool:
    """Does it hold something that had ended by the day of its name? Then it is no such list."""
    last = file_dates(batch.file_name)[-1]
    return bool((rows[FEEDS[source.feed].ends] < last).any())


def merge_sessions(known: Sessions, more: Sessions) -> Sessions:
    return known | {key: seen or known.get(key, False) for key, seen in more.items()}


def days_of(sessions: Sessions) -> dict[date, bool]:
    """Each day → were all its sessions recorded?"""
    days: dict[date, bool] = {}
    for (day, _session), seen in sessions.items():
        days[day] = seen and days.get(day, True)
    return days


def proven_days(
    sessions: Sessions,
    source: Source,
    batch: Batch,
    as_of: datetime,
    *,
    is_part: bool = False,
    goes_on: bool = False,
) -> dict[date, bool]:
    """Every day that the delivery proves, up to `as_of` and inside the window asked for.

    One that is a part of more, which was not read, proves nothing outside of the days it shows; a
    list of what goes on, the day of its name alone.

    Raises BatchRefused when the proof is the date in the file's name, or the window that was asked
    for, and there is none.
    """
    days = days_of(sessions)
    today = as_of.astimezone(ZoneInfo(TIME_ZONE)).date()
    if source.coverage == "days_with_presence":
        proven = days
    elif source.coverage == "days":
        proven = dict.fromkeys(days, True)
    else:
        first, last = proven_range(days, source, batch, today)
        if goes_on:
            first = last
        if is_part and source.coverage != "months":
            first, last = max([first, *sorted(days)[:1]]), min([last, *sorted(days)[-1:]])
        proven = {first + timedelta(n): True for n in range((last - first).days + 1)}
        if source.coverage == "months":
            months = {(day.year, day.month) for day in days}
            proven = {day: True for day in proven if (day.year, day.month) in months}
    return {
        day: is_recorded
        for day, is_recorded in sorted(proven.items())
        if day <= today and is_inside(day, batch.window_from, batch.window_to)
    }


def proven_range(
    days: dict[date, bool], source: Source, batch: Batch, today: date
) -> tuple[date, date]:
    """First and last proven day; an empty range where there is nothing.

    A name or a window says its days even where there is no record.
    """
    empty = (date.max, date.max - timedelta(1))
    if source.coverage == "until_file_date":
        named = file_dates(batch.file_name)
        is_whole = len(named) > 1  # both ends are said: a contract began before the days it proves
        return named[0] if is_whole else min([*days, *named]), named[-1]
    if source.coverage == "window":
        return asked_days(days, source, batch, today) or empty
    if not days:
        return empty
    first, last = min(days), max(days)
    if source.coverage == "months":
        next_month = (last.replace(day=1) + timedelta(32)).replace(day=1)
        return first.replace(day=1), next_month - timedelta(1)
    return first, last


def asked_days(
    days: dict[date, bool], source: Source, batch: Batch, today: date
) -> tuple[date, date] | None:
    """The window that was asked for; an open end is the first record, or the day of the run.

    A connector that asked for everything has asked from the first day of the source.
    """
    if batch.window_from is None and batch.window_to is None:
        if batch.file_name.endswith(PAGES):
            named = file_dates(batch.file_name)
            since = named[0] if len(named) > 1 else source.from_day or min(days, default=None)
            return (since, named[-1]) if since else None
        raise BatchRefused(
            _("nobody asked for days, and `coverage` says that those are what it proves"),
            where=f"{batch.place_id}, {batch.shown}",
            remedy=_("say them: impact run --from DAY --to DAY, or declare another `coverage`"),
        )
    first = batch.window_from or min(days, default=None)
    return (first, batch.window_to or today) if first else None


def file_dates(name: str) -> list[date]:
    """The last dates `2026-10-31` in a file's name: the day on which it ends, or both ends."""
    try:
        found = [date.fromisoformat(text) for text in ISO_DATE.findall(Path(name).stem)[-2:]]
        last = found[-1]
    except (ValueError, IndexError) as fault:
        raise BatchRefused(
            _("the name of the file does not say until which day it goes"),
            where=name,
            remedy=_("name it like export-2026-10-31.csv, or declare another `coverage`"),
        ) from fault
    return [day for day in found if day <= last]


def named_days(name: str, source: Source) -> str:
    """The days of a file's name where they are the proof: other days of the same content.

    Of a pull, all of its name: it also says how the content is read.
    """
    if name.endswith(PAGES):
        return name
    if source.coverage != "until_file_date":
        return ""
    return "|".join(ISO_DATE.findall(name)[-2:])


def is_inside(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or day >= first) and (last is None or day <= last)
