"""Build: the tables and figures of what changed, or all of them anew; all or none of it is kept."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

import duckdb

from flows.language import _, said_in
from flows.places import Place
from flows.publication.release import RELEASE_VERSION, current_id
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.audit import Verdict, audit_warehouse
from flows.warehouse.database import open_warehouse, transaction
from flows.warehouse.made_from import (
    LOST,
    Change,
    change_since,
    is_lost,
    write_state,
)
from flows.warehouse.runner import build_fingerprint, compute
from flows.warehouse.slices import compute_places, compute_scopes, keep_slice
from flows.warehouse.workbench import keep, workbench

logger = logging.getLogger("impact")


@dataclass(frozen=True)
class Made:
    """What a build is noted by."""

    release_id: str
    fingerprint: str
    as_of: datetime


@dataclass(frozen=True)
class Build:
    """The release that the warehouse now stands for."""

    release_id: str
    is_new: bool
    why_all: str | None = None
    """Why everything was computed, and not what changed alone."""


def build_warehouse(
    places: Sequence[Place],
    settings: Settings,
    as_of: datetime,
    force: bool,
    *,
    is_shown_alone: bool = False,
) -> Build:
    """Compute unless the current release, or where it is for the preview alone the present figures,
    were made from exactly this.
    """
    with open_warehouse(settings) as warehouse:
        fingerprint = build_fingerprint(warehouse, places, settings, as_of)
        day = as_of.astimezone(ZoneInfo(TIME_ZONE)).date()
        release_id = f"{day}-{fingerprint[:8]}"
        if not force and release_id in (
            current_id(settings), unchanged_id(warehouse, is_shown_alone)
        ):  # fmt: skip
            return Build(release_id, is_new=False)
        change = change_since(warehouse, places, settings, as_of)
        if force:
            change = replace(change, why_all=_("it was asked for"))
        made = Made(release_id, fingerprint, as_of)
        if change.why_all is None:
            change = build_slice(warehouse, settings, change, made)
        if change.why_all is not None:
            logger.info(_("everything is computed: %s"), change.why_all)
            with workbench(warehouse, settings):
                compute(warehouse, places, settings, as_of)
                state = change.state | {LOST: is_lost(warehouse)}
                with transaction(warehouse):
                    keep(warehouse, settings)
                    note(warehouse, settings, state, made)
    return Build(release_id, is_new=True, why_all=change.why_all)


def build_slice(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, change: Change, made: Made
) -> Change:
    """Compute the changed places and what they reach; where they reach everything, say why."""
    with workbench(warehouse, settings):
        compute_places(warehouse, settings, change.places)
        lost = is_lost(warehouse)
        if lost != change.lost:
            return replace(change, why_all=_("rows began or ceased to be lost"))
        compute_scopes(warehouse, settings)
        with transaction(warehouse):
            keep_slice(warehouse, settings)
            note(warehouse, settings, change.state | {LOST: lost}, made)
    logger.info(_("computed for places that changed: %s"), ", ".join(change.places))
    return change


def note(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, state: dict[str, str], made: Made
) -> None:
    """Which release the figures are for, and what they were made from; within the transaction."""
    name = settings.warehouse.stem
    write_state(warehouse, name, state)
    warehouse.execute(f"UPDATE {name}.registry.run SET as_of = ?", [made.as_of])
    warehouse.execute(f"DELETE FROM {name}.registry.publication")
    warehouse.execute(
        f"INSERT INTO {name}.registry.publication VALUES (?, ?, ?)",
        [made.release_id, RELEASE_VERSION, version("impact-tiers-lieux")],
    )
    warehouse.execute(
        "INSERT INTO ledger.build VALUES (?, ?, ?, ?, 'built')",
        [made.release_id, made.fingerprint, made.as_of, datetime.now(UTC)],
    )


def unchanged_id(warehouse: duckdb.DuckDBPyConnection, is_shown_alone: bool) -> str | None:
    """What the warehouse stands for, when no figure moved, somebody withheld it, or the preview
    shows it and is to show no more.
    """
    row = warehouse.execute(
        "SELECT release_id, outcome FROM ledger.build ORDER BY built_at DESC LIMIT 1"
    ).fetchone()
    enough = ("unchanged", "withheld", "previewed") if is_shown_alone else ("unchanged", "withheld")
    return row[0] if row and row[1] in enough else None


def note_outcome(settings: Settings, release_id: str, outcome: str) -> None:
    """What became of a build in the end."""
    with open_warehouse(settings) as warehouse:
        warehouse.execute(
            "UPDATE ledger.build SET outcome = ? WHERE release_id = ?", [outcome, release_id]
        )


def audit_build(
    settings: Settings, release_id: str, *, is_shown_alone: bool = False
) -> list[Verdict]:
    """Judge the closed warehouse, then write down what was found."""
    verdicts = audit_warehouse(settings.warehouse, is_shown_alone=is_shown_alone)
    record_verdicts(settings, release_id, verdicts)
    return verdicts


def record_verdicts(settings: Settings, release_id: str, verdicts: list[Verdict]) -> None:
    """The verdicts travel with the release in `qualite`; published is what readers see."""
    outcome = "refused" if any(v.stops_release for v in verdicts) else "approved"
    with open_warehouse(settings) as warehouse, transaction(warehouse):
        warehouse.execute("DELETE FROM ledger.promise WHERE release_id = ?", [release_id])
        for verdict in verdicts:
            promise = verdict.promise
            warehouse.execute(
                "INSERT INTO ledger.promise VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    release_id, promise.id,
                    said_in("fr", promise.sentence), said_in("en", promise.sentence),
                    promise.severity, verdict.is_kept, verdict.exceptions,
                ],
            )  # fmt: skip
        warehouse.execute(
            "UPDATE ledger.build SET outcome = ? WHERE release_id = ?", [outcome, release_id]
        )
