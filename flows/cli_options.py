"""What several commands read in the same way."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from flows.settings import TIME_ZONE


def instant(_context: object, _option: object, text: str | None) -> datetime:
    """An ISO date or date and time, in Paris unless it says otherwise; absent, now."""
    if text is None:
        return datetime.now(ZoneInfo(TIME_ZONE))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise click.BadParameter("write it like 2026-11-02 or 2026-11-02T03:30") from fault
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(TIME_ZONE))


def day(_context: object, _option: object, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise click.BadParameter("write it like 2026-11-02") from fault
