"""Revise: what was published and is wrong stands no longer, in a release of its own that says why.

A revision publishes what the last night did, and the revised rows; nothing is computed again.
"""

import hashlib
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.errors import ConfigurationError, ImpactError
from flows.language import _
from flows.publication import once
from flows.publication.release import drawing
from flows.publication.revision import Chosen, Release, outside, standing_beside, withdrawn
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
REVISED_SO_FAR = "SELECT count(DISTINCT publication_id) FROM ledger.published_value"


class Revised(NamedTuple):
    """What a revision did."""

    release_id: str
    tables: pl.DataFrame
    """Indicator, territory and period of what stands no longer as it did."""
    beside: pl.DataFrame
    """The same of what stands, and is made from these."""


def differing(settings: Settings) -> pl.DataFrame:
    """Indicator, territory and period of published values that are others by the records of now."""
    with drawing(settings) as connection:
        once.draw_figures(connection, settings.sql)
        once.let_stand(connection, settings.sql)
        return outside(connection).select(SHOWN).unique(maintain_order=True)


def withdraw(settings: Settings, chosen: Chosen, reason: str, as_of: datetime) -> Revised:
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
    refuse_what_does_not_stand(settings)
    with open_warehouse(settings) as warehouse:
        once.let_stand(warehouse, settings.sql)
        release = next_release(warehouse, as_of)
        rows = withdrawn(warehouse, chosen, reason, release)
        beside = standing_beside(warehouse, rows)
        note_release(warehouse, release)
    publish_release(settings, release.release_id, rows)
    return Revised(release.release_id, rows.select(SHOWN).unique(maintain_order=True), beside)


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
    build = warehouse.execute(LAST_BUILD).fetchone()
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


def note_release(warehouse: duckdb.DuckDBPyConnection, release: Release) -> None:
    """Let the figures of the last build stand for this release too, as they were judged."""
    build = warehouse.execute(LAST_BUILD).fetchone()
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
