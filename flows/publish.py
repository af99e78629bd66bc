"""Publish: write the preview and the release, then let readers see the release."""

from pathlib import Path

from prefect import task
from prefect.cache_policies import NO_CACHE

from flows.language import _
from flows.publication.release import make_current, write_preview, write_release
from flows.settings import Settings


@task(task_run_name=_("preview"), cache_policy=NO_CACHE)
def refresh_preview(settings: Settings) -> Path:
    """The operator's exact and running figures, written even when the release is refused."""
    return write_preview(settings)


@task(task_run_name=_("publish {release_id}"), cache_policy=NO_CACHE)
def publish(settings: Settings, release_id: str) -> Path:
    """A complete new file first, the switch last."""
    file = write_release(settings, release_id)
    make_current(settings, file)
    return file
