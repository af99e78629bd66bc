"""The nightly flow: collect every place, build, audit, publish (`python -m flows.nightly`)."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, cast

from flows.settings import Settings, point_prefect_at, read_settings

point_prefect_at(read_settings())

from prefect import flow  # noqa: E402 (Prefect reads its folder when it is imported)

from flows.build import audit, build  # noqa: E402
from flows.collect import Request, SourceReport, collect  # noqa: E402
from flows.connectors import connector  # noqa: E402
from flows.definitions import check_definitions  # noqa: E402
from flows.errors import ConfigurationError, ImpactError  # noqa: E402
from flows.intake.landing import clear  # noqa: E402
from flows.intake.ledger import settled_batches  # noqa: E402
from flows.intake.pseudonym import place_key  # noqa: E402
from flows.language import _  # noqa: E402
from flows.place_files import read_places  # noqa: E402
from flows.places import Place  # noqa: E402
from flows.publish import publish, refresh_preview  # noqa: E402
from flows.warehouse.audit import Verdict  # noqa: E402
from flows.warehouse.commitment_files import read_commitments  # noqa: E402
from flows.warehouse.database import open_warehouse, writer_lock  # noqa: E402
from flows.warehouse.models import read_indicators  # noqa: E402
from flows.warehouse.reference_tables import check_reference  # noqa: E402

logger = logging.getLogger("impact")


@dataclass
class RunReport:
    """What a run did, for the terminal and the exit code."""

    as_of: datetime
    sources: list[SourceReport] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    release_id: str = ""
    release: Path | None = None
    is_new: bool = False

    @property
    def exit_code(self) -> int:
        """1 something failed; 3 refused batches or too many quarantined rows; else 0."""
        if any(s.failed for s in self.sources) or any(v.stops_release for v in self.verdicts):
            return 1
        if any(s.refused or s.exceeds_tolerance for s in self.sources):
            return 3
        return 0


@flow(name="nightly", flow_run_name=_("night {as_of:%Y-%m-%d}"))
def nightly(
    as_of: datetime,
    place_ids: list[str] | None = None,
    first_day: date | None = None,
    last_day: date | None = None,
    again: Literal["landed", "recompute"] | None = None,
) -> RunReport:
    """Collect the places, compute the figures, check them, and publish them when they hold."""
    settings = read_settings()
    places = read_places(settings.places)
    request = Request(as_of, first_day, last_day, again)
    report = RunReport(as_of)
    with writer_lock(settings):
        if again != "recompute":
            for place in chosen(places, place_ids):
                state = collect(place, settings, request, return_state=True)
                report.sources += cast(list[SourceReport], state.result(raise_on_failure=False))
        built = build(list(places.values()), settings, as_of, force=again == "recompute")
        report.release_id, report.is_new = built.release_id, built.is_new
        if built.is_new:
            report.verdicts = audit(settings, built.release_id)
            refresh_preview(settings)
            if not any(verdict.stops_release for verdict in report.verdicts):
                publish(settings, built.release_id)
        clear_landing(settings)
    report.release = settings.current_release if settings.current_release.exists() else None
    return report


def chosen(places: dict[str, Place], place_ids: list[str] | None) -> list[Place]:
    """The places asked for, or all; raises ConfigurationError for one that is not declared."""
    for place_id in place_ids or []:
        if place_id not in places:
            raise ConfigurationError(
                _("no place is called {place_id!r}").format(place_id=place_id),
                remedy=_("the places are: {places}").format(places=", ".join(places)),
            )
    return [places[place_id] for place_id in place_ids or places]


def clear_landing(settings: Settings) -> None:
    """Landed bytes go thirty days after they came; with rows left to correct, after ninety."""
    with open_warehouse(settings, read_only=True) as warehouse:
        settled = settled_batches(warehouse)
    clear(settings.landing, settled, datetime.now(UTC))


def check_before_starting(settings: Settings, place_ids: list[str] | None = None) -> None:
    """Everything that can be refused before anything changes; an older warehouse is upgraded here.

    Raises ConfigurationError for a place, a grant, a definition, reference data or a key that is
    wrong.
    """
    check_reference(settings)
    places = read_places(settings.places)
    for place in chosen(places, place_ids):
        for source in place.sources:
            connector(
                source.connector,
                where=_("{place}, source {source}").format(place=place.id, source=source.id),
            )
    check_definitions(settings)
    read_commitments(settings, list(places.values()), read_indicators(settings.sql))
    if settings.warehouse.exists():
        with writer_lock(settings), open_warehouse(settings) as warehouse:
            for place_id, known in warehouse.execute(
                "SELECT place_id, key_fingerprint FROM ledger.place_key"
            ).fetchall():
                place_key(settings.key_file(place_id), place_id, known)


def main() -> int:
    """The flow for this instant, without a word when all is well; exit codes as `impact run`."""
    try:
        check_before_starting(read_settings())
        return nightly(datetime.now(UTC)).exit_code
    except ImpactError as fault:
        logger.error("impact: %s", fault)
        return fault.exit_code


if __name__ == "__main__":
    raise SystemExit(main())
