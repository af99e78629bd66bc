"""Publish: write the preview and the release, then let readers see the release."""

from typing import Literal

import duckdb
import polars as pl

from flows.publication.damage import replace_damaged
from flows.publication.release import (
    current_id,
    drop_release,
    make_current,
    write_compared,
)
from flows.settings import Settings
from flows.stages.build import note_outcome

Publishing = Literal["always", "if_moved", "hold", "rehearse"]

SEEN_BY_READERS = """
    SELECT b.release_id FROM ledger.build AS b
    WHERE b.outcome = 'published'
      AND b.release_id NOT IN (SELECT r.release_id FROM ledger.rerun AS r WHERE r.outcome = 'held')
    ORDER BY b.built_at DESC
"""


def publish_release(
    settings: Settings, release_id: str, when: Publishing = "always"
) -> pl.DataFrame:
    """A complete new file first, the switch last; the figures that moved.

    With `hold` it is written and waits; with `rehearse` too, in a copy of the home. Unless
    `always`, it goes when no published figure moved.
    """
    file, changed = write_compared(settings, release_id)
    if when == "always" or (when == "if_moved" and len(changed)):
        make_current(settings, file)
    elif not len(changed):
        if current_id(settings) != release_id:
            drop_release(file)
        note_outcome(settings, release_id, "unchanged")
    return changed


def mend_release(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """Put the last good release in the place of a damaged one; what was done, or nothing."""
    seen = [release_id for (release_id,) in warehouse.execute(SEEN_BY_READERS).fetchall()]
    return replace_damaged(settings, seen)
