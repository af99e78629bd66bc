"""What the processes of the service write: one log each, bounded in size and in age."""

import os
import shutil
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flows.settings import TIME_ZONE

KEPT_LOG_BYTES = 20_000_000
MONTH = "%Y-%m"


def shorten(log: Path, now: datetime) -> None:
    """A log that has grown begins again, and so does one of another month; each is kept once.

    Its process writes on, at the end of the same file; a line or two of this moment may be lost.
    """
    if not log.exists() or not log.stat().st_size:
        return
    month = f"{written_on(log):{MONTH}}"
    if month < f"{now.astimezone(ZoneInfo(TIME_ZONE)):{MONTH}}":
        begin_again(log, f"{log.name}.{month}")
    elif log.stat().st_size > KEPT_LOG_BYTES:
        begin_again(log, f"{log.name}.old")


def begin_again(log: Path, name: str) -> None:
    """What it holds is kept under another name: not where the disk has no room for it."""
    kept = log.with_name(name)
    try:
        shutil.copy2(log, kept)
    except OSError:
        kept.unlink(missing_ok=True)
    os.truncate(log, 0)


def written_on(log: Path) -> date:
    return datetime.fromtimestamp(log.stat().st_mtime, ZoneInfo(TIME_ZONE)).date()


def drop_old_logs(folder: Path, keep_from: date) -> None:
    """Remove those to which nobody has written since a day."""
    for log in folder.glob("*.log.*"):
        if written_on(log) < keep_from:
            log.unlink()
