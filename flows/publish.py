"""Publish: write the preview and the release, then let readers see the release."""

from pathlib import Path
from typing import Literal

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.build import note_outcome
from flows.language import _
from flows.publication.moved import moved_figures
from flows.publication.release import current_id, make_current, write_preview, write_release
from flows.run_context import without_values
from flows.settings import Settings

Publishing = Literal["always", "if_moved", "hold", "rehearse"]


@task(task_run_name=_("preview"), cache_policy=NO_CACHE)
@without_values()
def refresh_preview(settings: Settings) -> Path:
    """The operator's exact and running figures, written even when the release is refused."""
    return write_preview(settings)


@task(task_run_name=_("publish {release_id}"), cache_policy=NO_CACHE)
@without_values()
def publish(settings: Settings, release_id: str, when: Publishing = "always") -> pl.DataFrame:
    """A complete new file first, the switch last; the figures that moved.

    With `hold` it is written and waits; with `rehearse` too, in a copy of the home. Unless
    `always`, it goes when no published figure moved.
    """
    file = write_release(settings, release_id)
    changed = moved_figures(settings.current_release, file)
    if when == "always" or (when == "if_moved" and len(changed)):
        make_current(settings, file)
    elif not len(changed):
        if current_id(settings) != release_id:
            file.unlink()
        note_outcome(settings, release_id, "unchanged")
    return changed
