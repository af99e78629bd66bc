"""Publish: write the preview and the release, let readers see it, then take down what they see."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import duckdb
import polars as pl

from flows.errors import ImpactError
from flows.language import _
from flows.publication import once
from flows.publication.damage import replace_damaged
from flows.publication.release import (
    attach,
    current_id,
    drop_release,
    make_current,
    write_compared,
)
from flows.settings import Settings
from flows.warehouse.database import open_warehouse, transaction
from flows.warehouse.policy import policy_files

Publishing = Literal["always", "never", "rehearse"]

SEEN_BY_READERS = """
    SELECT b.release_id FROM ledger.build AS b
    WHERE b.outcome = 'published'
      AND b.release_id NOT IN (SELECT r.release_id FROM ledger.rerun AS r WHERE r.outcome = 'held')
    ORDER BY b.built_at DESC
"""
OUTCOME = "SELECT b.outcome FROM ledger.build AS b WHERE b.release_id = ? ORDER BY b.built_at DESC"
REVISED = "SELECT count(*) FROM valeurs WHERE publication_id = ? AND revision > 0"
PUBLISHED = "UPDATE ledger.build SET outcome = 'published' WHERE release_id = ?"


def publish_release(
    settings: Settings, release_id: str, revised: pl.DataFrame | None = None
) -> pl.DataFrame:
    """A complete new file first, the switch next, then the ledger; the figures that moved.

    `revised` are rows that stand from now on for published ones. Raises ImpactError where what was
    published is not in the ledger, or its policy is another; and where the gate lets none of these
    rows be.
    """
    refuse_what_does_not_stand(settings)
    file, changed = write_compared(settings, release_id, revised)
    if revised is not None:
        refuse_unrevised(file, release_id)
    let_readers_see(settings, file)
    return changed


def refuse_unrevised(file: Path, release_id: str) -> None:
    """Raises ImpactError for the release of a revision in which nothing is revised; it goes."""
    with duckdb.connect(str(file), read_only=True) as release:
        [(count,)] = release.execute(REVISED, [release_id]).fetchall()
    if not count:
        drop_release(file)
        raise ImpactError(
            _("with all that is published, the new values would say too much: the old ones stand"),
            where=release_id,
            remedy=_("withdraw what is wrong: impact revise --withdraw"),
        )


def let_readers_see(settings: Settings, file: Path) -> None:
    """The switch, then the ledger: what is cut off between the two is taken up by the next run."""
    make_current(settings, file)
    with open_warehouse(settings) as warehouse:
        take_down_what_readers_see(warehouse, settings)


def take_down_what_readers_see(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Let the ledger say `published`, and have the values, once readers see the release."""
    release_id = current_id(settings)
    known = warehouse.execute(OUTCOME, [release_id]).fetchone() if release_id else None
    if known is None or known[0] == "published":
        return
    with seen(warehouse, settings), transaction(warehouse):
        once.take_down(warehouse)
        warehouse.execute(PUBLISHED, [release_id])


def refuse_what_does_not_stand(settings: Settings) -> None:
    """Raises ImpactError for what the ledger has not as readers see it, or has by other rules."""
    with open_warehouse(settings) as warehouse:
        take_down_what_readers_see(warehouse, settings)
        if settings.current_release.exists():
            with seen(warehouse, settings):
                once.refuse_lost(warehouse, settings.current_release.resolve())
        once.let_stand(warehouse, settings.sql)
        once.refuse_other_rules(warehouse, policy_files(settings)[-1])


@contextmanager
def seen(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, file: Path | None = None
) -> Iterator[None]:
    """While it lasts, `seen` is the release that readers see, or another one."""
    attach(warehouse, file or settings.current_release.resolve(), "seen", "READ_ONLY")
    try:
        yield
    finally:
        warehouse.execute("DETACH seen")


def mend_release(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """Put the last good release in the place of a damaged one; what was done, or nothing."""
    seen = [release_id for (release_id,) in warehouse.execute(SEEN_BY_READERS).fetchall()]
    return replace_damaged(settings, seen)
