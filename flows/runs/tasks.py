"""The stages as Prefect shows them: one task each, whose faults quote no record."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl
from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.language import _
from flows.places import Place
from flows.publication.preview import write_preview
from flows.runs.context import without_values
from flows.settings import Settings
from flows.stages.build import Build, audit_build, build_warehouse
from flows.stages.collect import collect_place
from flows.stages.publish import publish_release
from flows.stages.request import Request
from flows.stages.site import renew_site
from flows.stages.source_report import SourceReport
from flows.warehouse.audit import Verdict


@task(task_run_name=_("collect {place.id}"), cache_policy=NO_CACHE)
def collect(place: Place, settings: Settings, request: Request) -> State[list[SourceReport]]:
    """All sources of one place; a source that fails stops neither the others nor other places."""
    reports = collect_place(place, settings, request)
    faults = [fault for report in reports for fault in report.failed]
    if faults:
        return Failed(message="; ".join(faults), data=reports)
    return Completed(data=reports)


@task(task_run_name=_("compute"), cache_policy=NO_CACHE)
@without_values()
def build(
    places: Sequence[Place],
    settings: Settings,
    as_of: datetime,
    force: bool,
    is_shown_alone: bool = False,
) -> Build:
    """The release that the warehouse now stands for."""
    return build_warehouse(places, settings, as_of, force, is_shown_alone=is_shown_alone)


@task(task_run_name=_("audit"), cache_policy=NO_CACHE)
@without_values()
def audit(settings: Settings, release_id: str, is_shown_alone: bool = False) -> list[Verdict]:
    """What the promises say of it."""
    return audit_build(settings, release_id, is_shown_alone=is_shown_alone)


@task(task_run_name=_("preview"), cache_policy=NO_CACHE)
@without_values()
def refresh_preview(settings: Settings) -> Path:
    """The operator's exact and running figures, written even when the release is refused."""
    return write_preview(settings)


@task(task_run_name=_("pages"), cache_policy=NO_CACHE)
@without_values()
def renew_pages(settings: Settings) -> str:
    """The pages of the release that readers see; why they are of an earlier one, else nothing."""
    return renew_site(settings)


@task(task_run_name=_("publish {release_id}"), cache_policy=NO_CACHE)
@without_values()
def publish(settings: Settings, release_id: str) -> pl.DataFrame:
    """The figures that moved."""
    return publish_release(settings, release_id)
