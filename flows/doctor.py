"""Is this installation well? Looks at it once, then judges what was seen; changes nothing."""

import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from flows.errors import ConfigurationError, ImpactError
from flows.intake.pseudonym import place_key
from flows.settings import PROJECT, TIME_ZONE, Settings
from flows.warehouse.database import connect
from flows.warehouse.tables import SCHEMA_VERSION, schema_version

LEAST_FREE_BYTES = 1_000_000_000
WAREHOUSES_THAT_FIT = 3
"""An upgrade needs room for a copy and for what it writes; a backup for one more copy."""
LAST_RUN_WITHIN = timedelta(days=2)
PINNED = ("duckdb", "prefect", "polars", "pandera", "great-expectations")

FACTS = """
    SELECT (SELECT max(b.received_at) FROM ledger.batch AS b),
           (SELECT max(r.built_at) FROM ledger.build AS r WHERE r.outcome = 'published')
"""


@dataclass(frozen=True)
class Ledger:
    """What the warehouse says of itself."""

    schema_version: int
    key_faults: list[str]
    last_received_at: datetime | None
    last_published_at: datetime | None


@dataclass(frozen=True)
class Installation:
    """What was seen of an installation."""

    now: datetime
    free_bytes: int
    warehouse_bytes: int
    open_to_others: list[Path]
    ledger: Ledger | None
    """Absent when the warehouse cannot be read; `fault` then says why."""
    fault: ImpactError | None
    other_versions: list[str]
    stopped_process: int | None
    """The process that noted that it writes, and is no longer there."""
    unfinished: list[Path]
    has_time_zone: bool


@dataclass(frozen=True)
class Finding:
    """One check: what was found, and what to do when it needs attention."""

    check: str
    state: str
    found: str
    remedy: str


def finding(check: str, is_ok: bool, found: str, remedy: str) -> Finding:
    return Finding(check, "ok" if is_ok else "attention", found, "" if is_ok else remedy)


def look(settings: Settings, now: datetime) -> Installation:
    """See everything that the checks need."""
    there = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    size_bytes = settings.warehouse.stat().st_size if settings.warehouse.exists() else 0
    ledger, fault = look_into_warehouse(settings)
    return Installation(
        now=now,
        free_bytes=shutil.disk_usage(there).free,
        warehouse_bytes=size_bytes,
        open_to_others=open_to_others(settings),
        ledger=ledger,
        fault=fault,
        other_versions=other_versions((PROJECT / "requirements.lock").read_text("utf-8")),
        stopped_process=stopped_process(settings.lock.with_suffix(".json")),
        unfinished=sorted(
            [
                *settings.home.rglob("*.part"),
                *settings.home.parent.glob(f"{settings.home.name}*.part"),
            ]
        ),
        has_time_zone=has_time_zone(),
    )


def look_into_warehouse(settings: Settings) -> tuple[Ledger | None, ImpactError | None]:
    """Its ledger, or why it cannot be read; an older schema version is read as it is."""
    if not settings.warehouse.exists():
        return None, ImpactError("there is none yet", remedy="run `impact run`")
    try:
        connection = connect(settings, read_only=True)
    except ImpactError as fault:
        return None, fault
    try:
        layout = schema_version(connection)
        keys = connection.execute("SELECT place_id, key_fingerprint FROM ledger.place_key")
        faults = [text for row in keys.fetchall() if (text := key_fault(settings, *row))]
        facts = connection.execute(FACTS).fetchone() or (None, None)
        return Ledger(layout, faults, *facts), None
    except duckdb.Error as fault:
        what = f"it cannot be read ({type(fault).__name__})"
        return None, ImpactError(what, remedy="move the home away and `impact restore` a backup")
    finally:
        connection.close()


def key_fault(settings: Settings, place_id: str, known_fingerprint: str) -> str:
    """What is wrong with the key of a place, or nothing."""
    try:
        place_key(settings.keys, place_id, known_fingerprint)
    except ConfigurationError as fault:
        return f"{fault.what} ({fault.where})"
    except OSError as fault:
        return f"{place_id}: the key cannot be read ({fault.strerror})"
    return ""


def open_to_others(settings: Settings) -> list[Path]:
    """What must be private and is not."""
    private = [settings.home, settings.landing, settings.warehouse, settings.preview]
    private += [settings.keys, *sorted(settings.keys.glob("*.key"))]
    private += sorted(settings.home.parent.glob(f"{settings.home.name}.schema-*"))
    return [path for path in private if path.exists() and path.stat().st_mode & 0o077]


def other_versions(pins: str) -> list[str]:
    """The libraries that are not those of the lock file, which the product was tested with."""
    others = []
    for name in PINNED:
        found = re.search(rf"^{name}(?:\[\S+\])?==(\S+)", pins, re.MULTILINE)
        pinned = found[1] if found else "nothing"
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = "nothing"
        if installed != pinned:
            others.append(f"{name} {installed}, not {pinned}")
    return others


def stopped_process(note: Path) -> int | None:
    try:
        process = int(json.loads(note.read_text())["process"])
        os.kill(process, 0)
    except ProcessLookupError:
        return process
    except (OSError, ValueError, KeyError):
        return None
    return None


def has_time_zone() -> bool:
    try:
        ZoneInfo(TIME_ZONE)
    except ZoneInfoNotFoundError:
        return False
    return True


def named(paths: list[Path]) -> str:
    return " ".join(str(path) for path in paths)


def disk(seen: Installation) -> Finding:
    needed = max(LEAST_FREE_BYTES, WAREHOUSES_THAT_FIT * seen.warehouse_bytes)
    found = f"{seen.free_bytes / 1e9:.1f} GB free, {needed / 1e9:.1f} GB wanted"
    return finding("disk", seen.free_bytes >= needed, found, "make room on the disk of the home")


def rights(seen: Installation) -> Finding:
    found = f"others may read: {named(seen.open_to_others)}" if seen.open_to_others else "private"
    return finding(
        "rights", not seen.open_to_others, found, f"chmod go-rwx {named(seen.open_to_others)}"
    )


def warehouse(seen: Installation) -> Finding:
    if seen.ledger is None:
        assert seen.fault is not None
        return finding("warehouse", False, seen.fault.what, seen.fault.remedy)
    layout = seen.ledger.schema_version
    is_older = layout < SCHEMA_VERSION
    remedy = "run `impact run`, which upgrades it" if is_older else "install the newer version"
    found = f"schema version {layout}" + (
        "" if layout == SCHEMA_VERSION else f", and this program writes {SCHEMA_VERSION}"
    )
    return finding("warehouse", layout == SCHEMA_VERSION, found, remedy)


def keys(seen: Installation) -> Finding:
    faults = seen.ledger.key_faults if seen.ledger else []
    return finding(
        "keys", not faults, "; ".join(faults) or "those that made the pseudonyms",
        "put back the keys of your backup",
    )  # fmt: skip


def clock(seen: Installation) -> Finding:
    last = seen.ledger.last_received_at if seen.ledger else None
    is_ok = last is None or last <= seen.now
    here = seen.now.astimezone(ZoneInfo(TIME_ZONE))
    found = f"{here:%Y-%m-%d %H:%M}" + ("" if is_ok else f", and files came {last:%Y-%m-%d}")
    return finding("clock", is_ok, found, "set the clock of this machine")


def last_run(seen: Installation) -> Finding:
    last = seen.ledger.last_published_at if seen.ledger else None
    is_ok = last is not None and seen.now - last <= LAST_RUN_WITHIN
    found = f"{last:%Y-%m-%d %H:%M}" if last else "none was published yet"
    return finding("last run", is_ok, found, "run `impact run`, and see why it was not run")


def versions(seen: Installation) -> Finding:
    found = "; ".join(seen.other_versions) or "those of requirements.lock"
    remedy = "remove .venv and run `make run`, which installs them"
    return finding("libraries", not seen.other_versions, found, remedy)


def lock(seen: Installation) -> Finding:
    process = seen.stopped_process
    found = "free or in use" if process is None else f"process {process} ended while it wrote"
    return finding("lock", process is None, found, "run `impact run`: it takes up what was left")


def unfinished(seen: Installation) -> Finding:
    found = named(seen.unfinished) or "none"
    remedy = "when nothing is running, remove these files"
    return finding("unfinished files", not seen.unfinished, found, remedy)


def time_zone(seen: Installation) -> Finding:
    remedy = "install the time zones of the system (package tzdata)"
    return finding("time zone", seen.has_time_zone, TIME_ZONE, remedy)


CHECKS: list[Callable[[Installation], Finding]] = [
    disk, rights, warehouse, keys, last_run, clock, lock, unfinished, versions, time_zone,
]  # fmt: skip


def examine(seen: Installation) -> list[Finding]:
    """One finding a check; without a readable warehouse, none of what only it knows."""
    unknown = [] if seen.ledger else [keys, last_run, clock]
    return [check(seen) for check in CHECKS if check not in unknown]
