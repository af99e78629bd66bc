"""A release that waits for a yes: what is remembered of it while nothing runs."""

import json
import os
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from flows.errors import ImpactError
from flows.language import _
from flows.publication.release import current_id, make_current
from flows.settings import Settings
from flows.warehouse.database import open_warehouse

LAST_BUILD = "SELECT b.release_id FROM ledger.build AS b ORDER BY b.built_at DESC LIMIT 1"


@dataclass(frozen=True)
class Held:
    """A release that is written, and that readers do not see yet."""

    run_id: str
    release_id: str
    before: str
    """What readers saw when it was written."""
    question: str
    """What the form shows, as Markdown."""


def note(settings: Settings, run_id: str) -> Path:
    return settings.home / "serving" / "held" / f"{run_id}.json"


def hold(settings: Settings, held: Held) -> None:
    file = note(settings, held.run_id)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    unfinished = file.with_suffix(".part")
    unfinished.write_text(json.dumps(asdict(held), ensure_ascii=False))
    os.replace(unfinished, file)


def read_held(settings: Settings, run_id: str) -> Held | None:
    """What this run wrote before it went to wait; None when it has not come so far."""
    try:
        return Held(**json.loads(note(settings, run_id).read_text()))
    except FileNotFoundError:
        return None


def decide(settings: Settings, held: Held, is_approved: bool, remark: str) -> None:
    """Publish what was held, or leave the last release; the caller is the only writer.

    Raises ImpactError when a newer run has computed or published something else meanwhile.
    """
    file = settings.published / f"release-{held.release_id}.duckdb"
    with open_warehouse(settings) as warehouse:
        last = warehouse.execute(LAST_BUILD).fetchone()
        is_overtaken = (
            last is None
            or last[0] != held.release_id
            or (current_id(settings) or "") != held.before
            or not file.exists()
        )
        outcome = "published" if is_approved else "withheld"
        warehouse.execute(
            "UPDATE ledger.rerun SET outcome = ? WHERE run_id = ?",
            ["overtaken" if is_overtaken else f"{outcome}: {remark}".rstrip(": "), held.run_id],
        )
        if not is_overtaken:
            warehouse.execute(
                "UPDATE ledger.build SET outcome = ? WHERE release_id = ?",
                [outcome, held.release_id],
            )
    note(settings, held.run_id).unlink(missing_ok=True)
    if is_overtaken:
        raise ImpactError(
            _("a newer run overtook this release: it is not published"),
            where=held.release_id,
            remedy=_("ask for the rerun again when its figures are still wanted"),
        )
    if is_approved:
        make_current(settings, file)
    else:
        file.unlink()


def note_rerun(
    settings: Settings, run_id: str, request: str, reason: str, release_id: str, outcome: str
) -> None:
    """Keep in the ledger who asked for what, and why; the caller is the only writer."""
    with open_warehouse(settings) as warehouse:
        warehouse.execute(
            "INSERT INTO ledger.rerun VALUES (?, ?, ?, ?, ?, ?)",
            [run_id, datetime.now(UTC), request, reason, release_id, outcome],
        )


def beyond(moved: pl.DataFrame, percent: float) -> pl.DataFrame:
    """The figures that moved by more than this, appeared, vanished or changed their status."""
    before, after = pl.col("avant"), pl.col("apres")
    change = (after - before).abs() > before.abs() * percent / 100
    other = before.is_null() != after.is_null()
    return moved.filter(change.fill_null(False) | other)
