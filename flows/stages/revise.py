"""Revise: what was published and is wrong stands no longer, in a release of its own that says why.

A revision publishes what the last night did, and the revised rows; nothing is computed again.
"""

import hashlib
from datetime import UTC, date, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.errors import ConfigurationError, ImpactError
from flows.language import _, ngettext
from flows.publication import once
from flows.publication.redraw import CHANGED_PEOPLE, drawn_anew, others, outside, year_before
from flows.publication.release import drawing
from flows.publication.revision import (
    Chosen,
    Release,
    refuse_unknown,
    standing_beside,
    withdrawn,
)
from flows.settings import TIME_ZONE, Settings
from flows.stages.publish import publish_release, refuse_what_does_not_stand
from flows.warehouse.database import open_warehouse, transaction

SHOWN = ("indicateur_id", "territoire_id", "periode")
LONGEST = 300
"""Characters of a reason: it stands in every release."""
LAST_BUILD = """
    SELECT b.release_id, b.fingerprint, b.as_of, b.outcome
    FROM registry.publication AS p
    INNER JOIN ledger.build AS b ON b.release_id = p.publication_id
    ORDER BY b.built_at DESC LIMIT 1
"""
REVISED_IN = f"""
    SELECT DISTINCT {", ".join(SHOWN)} FROM ledger.published_value
    WHERE publication_id = ? AND revision > 0 ORDER BY ALL
"""
REVISED_SO_FAR = "SELECT count(DISTINCT publication_id) FROM ledger.published_value"


class Withdrawn(NamedTuple):
    """What was taken back, as indicator, territory and period."""

    release_id: str
    tables: pl.DataFrame
    beside: pl.DataFrame
    """The same of what stands, and is made from these."""


class Revised(NamedTuple):
    """What a revision did, as indicator, territory and period."""

    release_id: str
    """Empty where nothing was to be revised: then there is no release."""
    tables: pl.DataFrame
    of_few: pl.DataFrame
    """Others by the records of now, and left: too few people changed."""
    of_late: pl.DataFrame
    """Others by the records of now, and left: their period was revised less than a year ago."""
    left_out: pl.DataFrame
    """Left because with all that is published the new ones would say too much."""


def differing(settings: Settings) -> pl.DataFrame:
    """Indicator, territory and period of published values that are others by the records of now."""
    with drawing(settings) as connection:
        once.draw_figures(connection, settings.sql)
        once.let_stand(connection, settings.sql)
        return outside(connection).select(SHOWN).unique(maintain_order=True)


def withdraw(settings: Settings, chosen: Chosen, reason: str, as_of: datetime) -> Withdrawn:
    """Take published values back, and publish why; the caller is the only writer.

    Raises ImpactError where what was published is not as the ledger has it, ConfigurationError
    where nothing is chosen, nothing of it stands, or no reason is given.
    """
    reason = given(reason)
    if not any(chosen):
        raise ConfigurationError(
            _("nothing is chosen, and all that was published would go"),
            where="impact revise --withdraw",
            remedy=_("say which: --place ID, --period PERIOD, --indicator INDICATOR"),
        )
    refuse_nothing(settings)
    refuse_what_does_not_stand(settings)
    with open_warehouse(settings) as warehouse:
        once.let_stand(warehouse, settings.sql)
        release = next_release(warehouse, as_of)
        rows = withdrawn(warehouse, chosen, reason, release)
        beside = standing_beside(warehouse, rows)
        note_release(warehouse, release)
    publish_release(settings, release.release_id, rows)
    return Withdrawn(release.release_id, shown(rows), beside)


def revise(
    settings: Settings, chosen: Chosen, reason: str, as_of: datetime, *, is_forced: bool = False
) -> Revised:
    """Draw values anew that the records of now say otherwise; the caller is the only writer.

    Raises ImpactError where too few people changed, the periods were revised less than a year ago
    and nobody forces it, the figures are not those of the records of now, or the new values would
    say too much.
    """
    reason = given(reason)
    refuse_nothing(settings)
    refuse_what_does_not_stand(settings)
    with drawing(settings) as connection:
        release = next_release(connection, as_of)
        refuse_uncounted(connection, settings)
        once.let_stand(connection, settings.sql)
        refuse_unknown(connection, chosen)
        once.draw_figures(connection, settings.sql)
        found = others(connection, chosen)
        is_enough = pl.col("people") >= CHANGED_PEOPLE
        is_late = pl.col("revised_on").fill_null(date.min) > year_before(release.day)
        of_few, enough = found.filter(~is_enough), found.filter(is_enough)
        of_late = enough.filter(is_late & pl.lit(not is_forced))
        accepted = enough.join(of_late, on=once.TABLE, how="anti", maintain_order="left")
        refuse_all(accepted, of_few, of_late)
        rows = drawn_anew(connection, accepted, reason, release)
    done = Revised("", *(shown(one) for one in (accepted, of_few, of_late, accepted.clear())))
    if rows.is_empty():
        return done
    with open_warehouse(settings) as warehouse:
        note_release(warehouse, release)
    publish_release(settings, release.release_id, rows)
    with open_warehouse(settings, read_only=True) as warehouse:
        stands = warehouse.execute(REVISED_IN, [release.release_id]).pl()
    left_out = done.tables.join(stands, on=SHOWN, how="anti", maintain_order="left")
    return done._replace(release_id=release.release_id, tables=stands, left_out=left_out)


def shown(tables: pl.DataFrame) -> pl.DataFrame:
    return tables.select(SHOWN).unique(maintain_order=True)


def refuse_uncounted(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Raises ImpactError where the figures of now are not to be published."""
    build = last_build(connection)
    if settings.uncounted.exists() or build is None or build[3] == "refused":
        raise ImpactError(
            _("the last figures do not count all records, or broke a promise"),
            where="impact revise",
            remedy=_("run `impact run` and do what it says, then revise"),
        )


def refuse_all(accepted: pl.DataFrame, of_few: pl.DataFrame, of_late: pl.DataFrame) -> None:
    """Raises ImpactError where there is something to revise, and nothing may be."""
    if len(accepted) or not (len(of_few) or len(of_late)):
        return
    if of_late.is_empty():
        raise ImpactError(
            ngettext(
                "{count} value is another by the records of now, but fewer than {people} people "
                "changed since it was published: nothing is revised",
                "{count} values are others by the records of now, but in each fewer than {people} "
                "people changed since it was published: nothing is revised",
                len(of_few),
            ).format(count=len(of_few), people=CHANGED_PEOPLE),
            where=" ".join(of_few.select(SHOWN).row(0)),
            remedy=_("wait until more is late, or withdraw what is wrong: --withdraw"),
        )
    raise ImpactError(
        _("{period} was revised on {day}: a period is revised once a year").format(
            period=of_late["periode"][0], day=of_late["revised_on"][0]
        ),
        where=" ".join(of_late.select(SHOWN).row(0)),
        remedy=_("wait for a year, or --force it: every release says so, with the reason"),
    )


def refuse_nothing(settings: Settings) -> None:
    """Raises ConfigurationError before the first release."""
    if not settings.current_release.exists():
        raise ConfigurationError(
            _("there is no release yet"),
            where=str(settings.published),
            remedy=_("run `impact run`"),
        )


def given(reason: str) -> str:
    """The reason in one line; raises ConfigurationError where it says nothing, or too much."""
    line = " ".join(reason.split())
    if not 5 <= len(line) <= LONGEST:
        raise ConfigurationError(
            _("a reason has 5 to {longest} characters: every release says it").format(
                longest=LONGEST
            ),
            where="--reason",
            remedy=_("say what was wrong, and name nobody"),
        )
    return line


def next_release(warehouse: duckdb.DuckDBPyConnection, as_of: datetime) -> Release:
    """That of a revision: called like the day, and never as one before.

    Raises ImpactError where there are no figures that were judged.
    """
    build = last_build(warehouse)
    if build is None or build[3] == "built":
        raise ImpactError(
            _("the last run was cut off before its figures were checked"),
            where="impact revise",
            remedy=_("run `impact run`, then revise"),
        )
    former, _fingerprint, computed, _outcome = build
    day = max(as_of, computed).astimezone(ZoneInfo(TIME_ZONE)).date()
    [(number,)] = warehouse.execute(REVISED_SO_FAR).fetchall()
    name = hashlib.sha256(f"{former} {number}".encode()).hexdigest()[:8]
    return Release(f"{day}-{name}", day)


def last_build(warehouse: duckdb.DuckDBPyConnection) -> tuple[str, str, datetime, str] | None:
    """Id, fingerprint, instant and outcome of what the figures are of."""
    return next(iter(warehouse.execute(LAST_BUILD).fetchall()), None)


def note_release(warehouse: duckdb.DuckDBPyConnection, release: Release) -> None:
    """Let the figures of the last build stand for this release too, as they were judged."""
    build = last_build(warehouse)
    assert build is not None
    former, fingerprint, computed, _outcome = build
    with transaction(warehouse):
        warehouse.execute(
            "UPDATE registry.publication SET publication_id = ?", [release.release_id]
        )
        warehouse.execute(
            "INSERT INTO ledger.build VALUES (?, ?, ?, ?, 'approved')",
            [release.release_id, fingerprint, computed, datetime.now(UTC)],
        )
        warehouse.execute(
            "INSERT INTO ledger.promise SELECT p.* REPLACE (? AS release_id) "
            "FROM ledger.promise AS p WHERE p.release_id = ?", [release.release_id, former],
        )  # fmt: skip
