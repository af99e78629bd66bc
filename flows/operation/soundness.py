"""Is what a home holds what was written? Databases have checksums, landing has hashes."""

from dataclasses import dataclass
from pathlib import Path

import duckdb

from flows.errors import ImpactError
from flows.intake.landing import Batch, all_damaged
from flows.language import _
from flows.publication.damage import is_damaged, read_to_the_end
from flows.settings import Settings
from flows.warehouse.database import connect


@dataclass(frozen=True)
class Damage:
    """What is not what was written; all empty where a home is sound."""

    warehouse: ImpactError | None
    release: Path | None
    landed: list[Batch]


def look_for_damage(settings: Settings) -> Damage:
    """Read all of a home: it takes as long as a copy of it."""
    release = settings.current_release
    is_bad = release.is_symlink() and is_damaged(release.resolve())
    return Damage(
        warehouse=damage_of_warehouse(settings),
        release=release.resolve() if is_bad else None,
        landed=all_damaged(settings.landing),
    )


def damage_of_warehouse(settings: Settings) -> ImpactError | None:
    """Why the warehouse is not sound, or why nobody can tell."""
    try:
        connection = connect(settings, read_only=True)
    except ImpactError as fault:
        return fault
    try:
        read_to_the_end(connection)
    except (duckdb.Error, ValueError) as fault:
        return ImpactError(
            _("the warehouse is damaged ({kind})").format(kind=type(fault).__name__),
            where=str(settings.warehouse),
            remedy=_("look after the disk, move the home away and `impact restore` a backup"),
        )
    finally:
        connection.close()
    return None


def refuse_damage(settings: Settings) -> Damage:
    """Raises ImpactError for a damaged warehouse or release: a backup of it would be of no use.

    Landed files that are damaged are given back: a backup takes them as they are.
    """
    found = look_for_damage(settings)
    if found.warehouse:
        raise found.warehouse
    if found.release:
        raise ImpactError(
            _("the release is damaged"),
            where=str(found.release),
            remedy=_("run `impact run`: the last good one stands for it until there is a new one"),
        )
    return found
