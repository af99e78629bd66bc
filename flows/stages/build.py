"""Build: every table and figure anew, all or none, when anything they depend on changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

import duckdb

from flows.language import said_in
from flows.places import Place
from flows.publication.release import RELEASE_VERSION, current_id
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.audit import Verdict, audit_warehouse
from flows.warehouse.database import open_warehouse, transaction
from flows.warehouse.runner import build_fingerprint, compute
from flows.warehouse.workbench import keep, workbench


@dataclass(frozen=True)
class Build:
    """The release that the warehouse now stands for."""

    release_id: str
    is_new: bool


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
        with workbench(warehouse, settings):
            compute(warehouse, places, settings, as_of)
            with transaction(warehouse):
                keep(warehouse, settings)
                warehouse.execute(
                    "INSERT INTO registry.publication VALUES (?, ?, ?)",
                    [release_id, RELEASE_VERSION, version("impact-tiers-lieux")],
                )
                warehouse.execute(
                    "INSERT INTO ledger.build VALUES (?, ?, ?, ?, 'built')",
                    [release_id, fingerprint, as_of, datetime.now(UTC)],
                )
    return Build(release_id, is_new=True)


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


def audit_build(settings: Settings, release_id: str) -> list[Verdict]:
    """Judge the closed warehouse, then write down what was found."""
    verdicts = audit_warehouse(settings.warehouse)
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
