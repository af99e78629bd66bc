"""Let readers see an earlier release again, where they lose no figure that was published."""

from pathlib import Path

import duckdb

from flows.errors import ConfigurationError, ImpactError
from flows.language import _, ngettext
from flows.publication import once
from flows.publication.damage import is_damaged
from flows.publication.release import current_id, id_of, make_current, releases
from flows.settings import Settings
from flows.stages.build import note_outcome
from flows.stages.publish import seen, take_down_what_readers_see
from flows.warehouse.database import open_warehouse


def roll_back(settings: Settings, release_id: str) -> None:
    """Until the next run that publishes; the caller is the only writer.

    Raises ConfigurationError where no such release is kept, ImpactError where it is damaged, or
    values were published or revised since.
    """
    kept = {id_of(file): file for file in releases(settings)}
    current = current_id(settings)
    if release_id not in kept or release_id == current:
        raise ConfigurationError(
            _("readers see this release already")
            if release_id == current
            else _("there is no such release"),
            where=release_id,
            remedy=_("known are: {known}").format(known=", ".join(kept) or "–"),
        )
    refuse_damaged(kept[release_id])
    with open_warehouse(settings) as warehouse:
        take_down_what_readers_see(warehouse, settings)
        refuse_frozen(warehouse, settings, kept[release_id])
    make_current(settings, kept[release_id])
    if current is not None:
        note_outcome(settings, current, "withheld")


def refuse_damaged(file: Path) -> None:
    if is_damaged(file):
        raise ImpactError(
            _("this release is damaged"),
            where=str(file),
            remedy=_("choose another one, or restore the newest backup"),
        )


def refuse_frozen(warehouse: duckdb.DuckDBPyConnection, settings: Settings, file: Path) -> None:
    """Raises ImpactError where readers of this release would lose what stands."""
    once.let_stand(warehouse, settings.sql)
    with seen(warehouse, settings, file):
        gone = once.not_in(warehouse)
    if gone is None:
        return
    indicator_id, territory_id, period, count = gone
    raise ImpactError(
        ngettext(
            "{count} value was published or revised since: {indicator}, {territory}, {period}; "
            "what was published is not taken back by an earlier release",
            "{count} values were published or revised since, the first: {indicator}, {territory}, "
            "{period}; what was published is not taken back by an earlier release",
            count,
        ).format(count=count, indicator=indicator_id, territory=territory_id, period=period),
        where=id_of(file),
        remedy=_("withdraw what is wrong, with a reason: impact revise --withdraw"),
    )
