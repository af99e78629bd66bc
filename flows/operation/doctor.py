"""Is this installation well? Looks at it once, then judges what was seen; changes nothing."""

import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from flows.errors import ConfigurationError, ImpactError, reason
from flows.intake.pseudonym import place_key
from flows.language import _
from flows.settings import PROJECT, TIME_ZONE, Settings
from flows.warehouse.database import connect
from flows.warehouse.tables import WAREHOUSE_VERSION, warehouse_version

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

    warehouse_version: int
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
    open_servers: Sequence[str]
    """Addresses of servers of runs that ask nobody for a password."""


@dataclass(frozen=True)
class Finding:
    """One check: what was found, and what to do when it needs attention."""

    check: str
    state: str
    found: str
    remedy: str


def finding(check: str, is_ok: bool, found: str, remedy: str) -> Finding:
    return Finding(check, "ok" if is_ok else "attention", found, "" if is_ok else remedy)


def look(settings: Settings, now: datetime, open_servers: Sequence[str] = ()) -> Installation:
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
        open_servers=open_servers,
    )


def look_into_warehouse(settings: Settings) -> tuple[Ledger | None, ImpactError | None]:
    """Its ledger, or why it cannot be read; an older schema version is read as it is."""
    if not settings.warehouse.exists():
        return None, ImpactError(_("there is none yet"), remedy=_("run `impact run`"))
    try:
        connection = connect(settings, read_only=True)
    except ImpactError as fault:
        return None, fault
    try:
        layout = warehouse_version(connection)
        keys = connection.execute("SELECT place_id, key_fingerprint FROM ledger.place_key")
        faults = [text for row in keys.fetchall() if (text := key_fault(settings, *row))]
        facts = connection.execute(FACTS).fetchone() or (None, None)
        return Ledger(layout, faults, *facts), None
    except duckdb.Error as fault:
        what = _("it cannot be read ({kind})").format(kind=type(fault).__name__)
        return None, ImpactError(what, remedy=_("move the home away and `impact restore` a backup"))
    finally:
        connection.close()


def key_fault(settings: Settings, place_id: str, known_fingerprint: str) -> str:
    """What is wrong with the key of a place, or nothing."""
    try:
        place_key(settings.key_file(place_id), place_id, known_fingerprint)
    except ConfigurationError as fault:
        return f"{fault.what} ({fault.where})"
    except OSError as fault:
        text = _("{place}: the key cannot be read ({reason})")
        return text.format(place=place_id, reason=reason(fault))
    return ""


def open_to_others(settings: Settings) -> list[Path]:
    """What must be private and is not."""
    private = [settings.home, settings.landing, settings.warehouse, settings.preview]
    private += [settings.keys, *sorted(settings.keys.glob("*.*"))]
    private += sorted(settings.home.parent.glob(f"{settings.home.name}.schema-*"))
    return [path for path in private if path.exists() and path.stat().st_mode & 0o077]


def other_versions(pins: str) -> list[str]:
    """The libraries that are not those of the lock file, which the product was tested with."""
    others = []
    for name in PINNED:
        found = re.search(rf"^{name}(?:\[\S+\])?==(\S+)", pins, re.MULTILINE)
        pinned = found[1] if found else _("nothing")
        try:
            installed = version(name)
        except PackageNotFoundError:
            installed = _("nothing")
        if installed != pinned:
            text = _("{name} {installed}, not {pinned}")
            others.append(text.format(name=name, installed=installed, pinned=pinned))
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
    found = _("{free:.1f} GB free, {wanted:.1f} GB wanted").format(
        free=seen.free_bytes / 1e9, wanted=needed / 1e9
    )
    remedy = _("make room on the disk of the home")
    return finding(_("disk"), seen.free_bytes >= needed, found, remedy)


def rights(seen: Installation) -> Finding:
    found = _("private")
    if seen.open_to_others:
        found = _("others may read: {paths}").format(paths=named(seen.open_to_others))
    remedy = f"chmod go-rwx {named(seen.open_to_others)}"
    return finding(_("rights"), not seen.open_to_others, found, remedy)


def warehouse(seen: Installation) -> Finding:
    if seen.ledger is None:
        assert seen.fault is not None
        return finding(_("warehouse"), False, seen.fault.what, seen.fault.remedy)
    layout = seen.ledger.warehouse_version
    is_older = layout < WAREHOUSE_VERSION
    remedy = (
        _("run `impact run`, which upgrades it") if is_older else _("install the newer version")
    )
    if layout == WAREHOUSE_VERSION:
        found = _("schema version {version}").format(version=layout)
    else:
        found = _("schema version {version}, and this program writes {known}").format(
            version=layout, known=WAREHOUSE_VERSION
        )
    return finding(_("warehouse"), layout == WAREHOUSE_VERSION, found, remedy)


def keys(seen: Installation) -> Finding:
    faults = seen.ledger.key_faults if seen.ledger else []
    return finding(
        _("keys"), not faults, "; ".join(faults) or _("those that made the pseudonyms"),
        _("put back the keys of your backup"),
    )  # fmt: skip


def clock(seen: Installation) -> Finding:
    last = seen.ledger.last_received_at if seen.ledger else None
    is_ok = last is None or last <= seen.now
    here = seen.now.astimezone(ZoneInfo(TIME_ZONE))
    found = f"{here:%Y-%m-%d %H:%M}"
    if not is_ok:
        found = _("{now}, and files came {last:%Y-%m-%d}").format(now=found, last=last)
    return finding(_("clock"), is_ok, found, _("set the clock of this machine"))


def last_run(seen: Installation) -> Finding:
    last = seen.ledger.last_published_at if seen.ledger else None
    is_ok = last is not None and seen.now - last <= LAST_RUN_WITHIN
    found = f"{last:%Y-%m-%d %H:%M}" if last else _("none was published yet")
    return finding(_("last run"), is_ok, found, _("run `impact run`, and see why it was not run"))


def versions(seen: Installation) -> Finding:
    found = "; ".join(seen.other_versions) or _("those of requirements.lock")
    remedy = _("remove .venv and run `make run`, which installs them")
    return finding(_("libraries"), not seen.other_versions, found, remedy)


def lock(seen: Installation) -> Finding:
    process = seen.stopped_process
    found = _("free or in use")
    if process is not None:
        found = _("process {process} ended while it wrote").format(process=process)
    remedy = _("run `impact run`: it takes up what was left")
    return finding(_("lock"), process is None, found, remedy)


def unfinished(seen: Installation) -> Finding:
    found = named(seen.unfinished) or _("none")
    remedy = _("when nothing is running, remove these files")
    return finding(_("unfinished files"), not seen.unfinished, found, remedy)


def time_zone(seen: Installation) -> Finding:
    remedy = _("install the time zones of the system (package tzdata)")
    return finding(_("time zone"), seen.has_time_zone, TIME_ZONE, remedy)


def password(seen: Installation) -> Finding:
    found = _("no server of runs does without")
    if seen.open_servers:
        found = _("{addresses}: whoever reaches this server starts runs without one").format(
            addresses=" ".join(seen.open_servers)
        )
    remedy = _(
        "stop it, and start `impact serve` again; if it is another Prefect server, set "
        "PREFECT_SERVER_API_AUTH_STRING there"
    )
    return finding(_("password"), not seen.open_servers, found, remedy)


CHECKS: list[Callable[[Installation], Finding]] = [
    disk, rights, warehouse, keys, last_run, clock, lock, unfinished, versions, time_zone,
    password,
]  # fmt: skip


def examine(seen: Installation) -> list[Finding]:
    """One finding a check; without a readable warehouse, none of what only it knows."""
    unknown = [] if seen.ledger else [keys, last_run, clock]
    return [check(seen) for check in CHECKS if check not in unknown]
