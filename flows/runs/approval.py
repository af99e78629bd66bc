"""A release that waits for a yes: what is remembered of it while nothing runs."""

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from flows.errors import ImpactError
from flows.language import _
from flows.publication.release import current_id, drop_release, make_current, release_file
from flows.settings import Settings
from flows.warehouse.database import open_warehouse, transaction
from flows.whole_files import written_whole

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
    with written_whole(file) as unfinished:
        unfinished.write_text(json.dumps(asdict(held), ensure_ascii=False))


def read_held(settings: Settings, run_id: str) -> Held | None:
    """What this run wrote before it went to wait; None when it has not come so far."""
    try:
        return Held(**json.loads(note(settings, run_id).read_text()))
    except FileNotFoundError:
        return None


def decide(settings: Settings, held: Held, is_approved: bool, remark: str) -> None:
    """Publish what was held, or leave the last release; the caller is the only writer.

    What readers see comes first, the note last: a decision that was cut off is taken up again, and
    what it has done is not done twice. Raises ImpactError when a newer run has computed or
    published something else meanwhile, or when a release is refused that readers see already.
    """
    file = release_file(settings, held.release_id)
    current = current_id(settings) or ""
    is_gone = is_approved and not file.exists()
    if is_gone or is_overtaken(settings, held, current):
        close(settings, held, "overtaken", remark)
        raise ImpactError(
            _("a newer run overtook this release: it is not published"),
            where=held.release_id,
            remedy=_("ask for the rerun again when its figures are still wanted"),
        )
    is_there = current == held.release_id
    if is_approved or is_there:
        make_current(settings, file)
        close(settings, held, "published", remark)
    else:
        drop_release(file)
        close(settings, held, "withheld", remark)
    if is_there and not is_approved:
        raise ImpactError(
            _("somebody has approved this release before, and readers see it"),
            where=held.release_id,
            remedy=_("correct the source, and ask for a rerun"),
        )


def is_overtaken(settings: Settings, held: Held, current: str) -> bool:
    """Was something else computed or published since? A decision that was cut off is not else."""
    with open_warehouse(settings) as warehouse:
        last = warehouse.execute(LAST_BUILD).fetchone()
    return last != (held.release_id,) or current not in (held.before, held.release_id)


def close(settings: Settings, held: Held, outcome: str, remark: str) -> None:
    """Say in the ledger how it ended, all or nothing; then it waits no more."""
    with open_warehouse(settings) as warehouse, transaction(warehouse):
        warehouse.execute(
            "UPDATE ledger.rerun SET outcome = ? WHERE run_id = ? AND release_id = ?",
            [f"{outcome}: {remark}".rstrip(": "), held.run_id, held.release_id],
        )
        if outcome != "overtaken":
            warehouse.execute(
                "UPDATE ledger.build SET outcome = ? WHERE release_id = ?",
                [outcome, held.release_id],
            )
    note(settings, held.run_id).unlink(missing_ok=True)


def note_rerun(
    settings: Settings, run_id: str, request: str, reason: str, release_id: str, outcome: str
) -> None:
    """Keep in the ledger what was asked for, and why; the caller is the only writer."""
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
