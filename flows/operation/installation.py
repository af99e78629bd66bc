"""What is seen of an installation: disk, warehouse, keys, what waits. `doctor` judges it."""

import json
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import duckdb

from flows.errors import ConfigurationError, ImpactError, reason
from flows.intake import inbox
from flows.intake.landing import Batch
from flows.intake.pseudonym import place_key
from flows.language import _
from flows.machine import MachineRefuses, refusal_of
from flows.operation.soundness import Damage, look_for_damage
from flows.publication.release import fingerprints
from flows.publication.secret import check_secret
from flows.settings import PROJECT, TIME_ZONE, Settings
from flows.warehouse.database import connect
from flows.warehouse.look_back import beyond
from flows.warehouse.models import read_indicators
from flows.warehouse.tables import warehouse_version

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
    refused: MachineRefuses | None
    """What the machine refuses of the home: room, or rights."""
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
    waiting: list[tuple[Batch, str]]
    """Deliveries that are not settled, and why, where a run said so."""
    damage: Damage | None
    """Absent when nobody asked to read all of it."""
    secret_fault: str = ""
    """What is wrong with the secret of rounding, or nothing."""
    kept_months: int | None = None
    """For how long the network keeps records; None: without end."""
    beyond: Sequence[str] = ()
    """The figures that need longer."""


def look(
    settings: Settings, now: datetime, open_servers: Sequence[str] = (), *, is_deep: bool = False
) -> Installation:
    """See everything that the checks need; `is_deep` reads all that the home holds."""
    there = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    size_bytes = settings.warehouse.stat().st_size if settings.warehouse.exists() else 0
    ledger, fault = look_into_warehouse(settings)
    return Installation(
        now=now,
        free_bytes=shutil.disk_usage(there).free,
        warehouse_bytes=size_bytes,
        open_to_others=open_to_others(settings),
        refused=refusal_of(settings.home),
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
        waiting=inbox.unsettled(settings.landing),
        damage=look_for_damage(settings) if is_deep and settings.warehouse.exists() else None,
        secret_fault=secret_fault(settings),
        kept_months=settings.retention.records_months,
        beyond=not_computed(settings),
    )


def not_computed(settings: Settings) -> list[str]:
    """The figures that need records of longer ago than the network keeps."""
    months = settings.retention.records_months
    return beyond(read_indicators(settings.sql), months) if months else []


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


def secret_fault(settings: Settings) -> str:
    """What is wrong with the secret of rounding, or nothing."""
    try:
        check_secret(settings.secret_file, fingerprints(settings))
    except ConfigurationError as fault:
        return f"{fault.what} ({fault.where})"
    except OSError as fault:
        return _("the secret of rounding cannot be read ({reason})").format(reason=reason(fault))
    return ""


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
