"""What a run shows on its page in Prefect: what came, what was refused and why, what moved.

Counts, rules and published figures; never a value of a record. Without a server, nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import polars as pl
from prefect.artifacts import (
    create_markdown_artifact,
    create_progress_artifact,
    create_table_artifact,
    update_progress_artifact,
)

from flows.language import LANGUAGE, N_, _, ngettext
from flows.publication.moved import counted
from flows.runs.context import is_served
from flows.settings import Settings
from flows.stages.source_report import SourceReport
from flows.warehouse.audit import Verdict
from flows.warehouse.queries import refusals

SHOWN_ROWS = 100
SHOWN_REASONS = 20
WHY = {
    "definition": N_("another definition"),
    "data": N_("data that arrived"),
    "correction": N_("a correction"),
    "calendar": N_("days that passed"),
    "declaration": N_("what places or network declare"),
    "first": N_("the first release"),
}


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


def show_refusals(settings: Settings, as_of: object) -> None:
    """The reasons for which most rows of this run were refused, with counts and no value."""
    if not is_served():
        return
    reasons = refusals(settings, as_of).head(SHOWN_REASONS)
    if reasons.is_empty():
        return
    rows = [
        {
            _("place"): row["place_id"],
            _("source"): row["source_id"],
            _("column"): row["header"],
            _("reason"): row[f"sentence_{LANGUAGE}"],
            _("rows"): row["refused_rows"],
        }
        for row in reasons.iter_rows(named=True)
    ]
    create_table_artifact(rows, key="refused", description=_("Why rows were refused"))


def show_moved(moved: pl.DataFrame, release_id: str, release: object, what: str) -> None:
    """Which published figures are others than before, and where the release is."""
    if not is_served():
        return
    count = len(moved)
    summary = ngettext("{count} figure moved", "{count} figures moved", count).format(count=count)
    text = [
        f"## {what}",
        _("- Release: `{id}` ({file})").format(id=release_id, file=release or "–"),
        f"- {summary}",
        *(f"- {line}" for line in causes(moved)),
        _("- [Quality](/artifacts/key/quality)"),
    ]
    create_markdown_artifact("\n".join(text), key="summary", description=what)
    if count:
        create_table_artifact(as_rows(moved.head(SHOWN_ROWS)), key="moved", description=summary)


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


def causes(moved: pl.DataFrame) -> list[str]:
    """Why figures moved: how many for each reason, or for several together."""
    return [
        _("{count} by {why}").format(count=count, why=in_words(together))
        for together, count in counted(moved).items()
    ]


def in_words(together: Iterable[str]) -> str:
    return _(" and ").join(_(WHY[cause]) for cause in together)


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
            _("why"): in_words(row["causes"]),
        }
        for row in moved.iter_rows(named=True)
    ]


def shown(value: float | None, diffusion: str | None) -> str:
    if value is not None:
        return f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    return diffusion or "–"
