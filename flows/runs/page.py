"""What a run shows on its page in Prefect: what came, what was refused and why, what moved.

Counts, rules and published figures; never a value of a record. Without a server, nothing.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import polars as pl
from prefect import task
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)
from prefect.cache_policies import NO_CACHE

from flows.language import LANGUAGE, _
from flows.operation.last_run import LastRun, happened, reasons, to_do, what_is_left_out, what_moved
from flows.runs.context import is_served
from flows.settings import Settings
from flows.stages.source_report import SourceReport
from flows.warehouse.audit import Verdict
from flows.warehouse.queries import refusals

SHOWN_ROWS = 100
SHOWN_REASONS = 20


@dataclass
class Progress:
    """How far a run has come, as a bar on its page."""

    steps: int = 0
    done: int = 0
    artifact: UUID | None = None

    def step(self, what: str) -> None:
        """Say what is done now; the step before is over."""
        self.show(100 * self.done / max(self.steps, 1), what)
        self.done += 1

    def end(self) -> None:
        self.show(100, _("done"))

    def show(self, percent: float, what: str) -> None:
        if not is_served():
            return
        if self.artifact is None:
            made: Any = create_progress_artifact(percent, key="progress", description=what)
            self.artifact = made
        else:
            update_progress_artifact(self.artifact, percent, description=what)


def show_sources(sources: list[SourceReport]) -> None:
    """One row a place and source: received, loaded, refused."""
    if not is_served() or not sources:
        return
    rows = [
        {
            _("place"): source.place_id,
            _("source"): source.source_id,
            _("feed"): source.feed,
            _("batches"): source.batches,
            _("received"): source.received,
            _("loaded"): source.loaded,
            _("quarantined"): source.quarantined,
            _("duplicates"): source.duplicates,
            _("remarks"): "; ".join([*source.refused, *source.failed]),
        }
        for source in sources
    ]
    create_table_artifact(rows, key="received", description=_("What each source brought"))


@task(task_run_name=_("refusals"), cache_policy=NO_CACHE)
def show_refusals(settings: Settings, as_of: object) -> None:
    """The reasons for which most rows of this run were refused, with counts and no value."""
    found = refusals(settings, as_of).head(SHOWN_REASONS)
    if found.is_empty():
        return
    rows = [
        {
            _("place"): row["place_id"],
            _("source"): row["source_id"],
            _("column"): row["header"],
            _("reason"): row[f"sentence_{LANGUAGE}"],
            _("rows"): row["refused_rows"],
        }
        for row in found.iter_rows(named=True)
    ]
    create_table_artifact(rows, key="refused", description=_("Why rows were refused"))


def show_last(run: LastRun, release: object) -> None:
    """In one look: what happened, what to do, what moved.

    It is one text, because the page of a run shows artifacts in the order of their random ids; the
    tables are those of a task, which the page shows below.
    """
    if not is_served():
        return
    text = [
        "## " + _("What happened"),
        f"- {happened(run)}",
        _("- Release: `{id}` ({file})").format(id=run.release_id, file=release or "–"),
        _("- [Quality](/artifacts/key/quality)"),
        "## " + _("What to do"),
        *(f"- {task}" for task in to_do(run)),
        "## " + _("What moved"),
        f"- {what_moved(run)}",
        *(f"- {sentence}" for sentence in what_is_left_out(run)),
    ]
    create_markdown_artifact("\n".join(text), key="summary", description=happened(run))


def show_moved(moved: pl.DataFrame, what: str) -> None:
    """The published figures that are others than before, and why."""
    if is_served() and len(moved):
        create_table_artifact(as_rows(moved.head(SHOWN_ROWS)), key="moved", description=what)


def show_differing(differing: pl.DataFrame) -> None:
    """The published values that the records of now say otherwise; what they say is not shown."""
    if is_served() and len(differing):
        create_table_artifact(
            differing.head(SHOWN_ROWS).to_dicts(), key="differing",
            description=_("Published values that the records of now say otherwise"),
        )  # fmt: skip


def show_quality(verdicts: list[Verdict]) -> None:
    """Which promises the warehouse keeps, as `qualite` in the release says it."""
    if not is_served() or not verdicts:
        return
    rows = [
        {
            _("promise"): _(verdict.promise.sentence),
            _("severity"): _(verdict.promise.severity),
            _("kept"): _("yes") if verdict.is_kept else _("no"),
            _("exceptions"): verdict.exceptions,
        }
        for verdict in verdicts
    ]
    create_table_artifact(rows, key="quality", description=_("What the figures promise"))


def as_rows(moved: pl.DataFrame) -> list[dict[str, Any]]:
    """The table of figures that moved, for people."""
    return [
        {
            _("indicator"): row["indicateur_id"],
            _("territory"): row["territoire_id"],
            _("period"): row["periode"],
            _("detail"): row["modalite"],
            _("before"): shown(row["avant"], row["diffusion_avant"]),
            _("after"): shown(row["apres"], row["diffusion_apres"]),
            _("why"): reasons(row["causes"]),
        }
        for row in moved.iter_rows(named=True)
    ]


def shown(value: float | None, diffusion: str | None) -> str:
    if value is not None:
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    return diffusion or "–"
