"""Night after night of a network, without its tools: what was collected at once arrives as it would.

The records and proofs of one collection are the tape. A night has of it what its places had sent by
then, computes, and publishes: all that is publication is the product's own, and the ledger goes on.
"""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb

from flows.places import Place
from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.publish import publish_release
from flows.stages.request import Request
from flows.warehouse.database import open_warehouse
from schemas import FEEDS

Rows = dict[tuple[str, ...], tuple[Any, ...]]
"""Indicator, level, territory, period, characteristic and category → the rest of the row."""
KEY = ("indicateur_id", "niveau", "territoire_id", "periode", "ventilation", "modalite")
WHOLE = ("ensemble", "ensemble")


def key(indicator: str, level: str, territory: str, period: str) -> tuple[str, ...]:
    """That of a total."""
    return (indicator, level, territory, period, *WHOLE)


REST = """
    publiee_le, publication_id, valeur, valeur_min, valeur_max, affichage, diffusion, etat, statut,
    completude, part_observee, part_refusee, part_identifiee, lieux_contributeurs, lieux_attendus,
    motif, version, regle, revision, granularite, debut, fin
"""
LATE = """
    coalesce((
        SELECT max(l.days) FROM tape.late AS l
        WHERE l.place_id = t.place_id AND {day} BETWEEN l.first_day AND l.last_day
    ), 0)
"""


NEEDED = {"valeurs", "publication", "indicateurs", "revisions", "changements"}


def few_tables(sql: Path) -> Path:
    """The SQL of a network, copied, of whose release only the values and what they need is written."""
    for file in (sql / "published").glob("*.sql"):
        if file.stem not in NEEDED:
            file.unlink()
    return sql


def night_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))


@dataclass
class Calendar:
    """A network whose places send each day's records in the night after it, or so many days later."""

    settings: Settings
    places: Sequence[Place]
    last: date
    """The night in which the files are found that hold it all."""
    published: Rows = field(default_factory=dict)

    def collect(self) -> None:
        for place in self.places:
            request = Request(as_of=night_of(self.last))
            for report in collect_place(place, self.settings, request):
                assert (report.failed, report.refused) == ([], []), (report.failed, report.refused)
        with open_warehouse(self.settings) as warehouse:
            warehouse.execute("CREATE SCHEMA tape")
            for table in (
                *(f"record.{feed}" for feed in FEEDS),
                "ledger.proof",
                "ledger.quarantine",
            ):
                warehouse.execute(f"CREATE TABLE tape.{table.partition('.')[2]} AS FROM {table}")
            warehouse.execute(
                "CREATE TABLE tape.late "
                "(place_id VARCHAR, first_day DATE, last_day DATE, days INTEGER)"
            )

    def copy(self, home: Path) -> Calendar:
        """The same as it is now, to go on otherwise."""
        shutil.copytree(self.settings.home, home, symlinks=True)
        return replace(self, settings=replace(self.settings, home=home))

    def late(
        self, place_id: str, days: int, first: str = "2000-01-01", last: str = "2099-12-31"
    ) -> None:
        """What a place has of these days comes so many days later."""
        with open_warehouse(self.settings) as warehouse:
            warehouse.execute(
                "INSERT INTO tape.late VALUES (?, ?, ?, ?)", [place_id, first, last, days]
            )

    def night(self, today: date, absent: Sequence[tuple[str, str]] = ()) -> Rows:
        """Collect, compute and publish; what is published for the first time.

        Of the absent, as place and pseudonym, no record is there.
        """
        with open_warehouse(self.settings) as warehouse:
            self.deliver(warehouse, today)
            for name, (place_id, person) in itertools.product(FEEDS, absent):
                warehouse.execute(
                    f"DELETE FROM record.{name} WHERE place_id = ? AND person_key = ?",
                    [place_id, person],
                )
        built = build_warehouse(list(self.places), self.settings, night_of(today), force=True)
        publish_release(self.settings, built.release_id)
        now = self.shown("publiee_le IS NOT NULL")
        gone = [key for key in self.published if key not in now]
        other = [key for key, row in self.published.items() if now.get(key, row) != row]
        assert (gone[:5], other[:5]) == ([], []), f"what was published stands: {today}"
        new = {key: row for key, row in now.items() if key not in self.published}
        assert {row[:2] for row in new.values()} <= {(today, built.release_id)}
        self.published = now
        return new

    def deliver(self, warehouse: duckdb.DuckDBPyConnection, today: date) -> None:
        for name, feed in FEEDS.items():
            day = f"CAST(t.{feed.day} AS DATE)"
            # the end of what lasts is known when it has come
            ends = (
                f"REPLACE (if(t.{feed.ends} < $today, t.{feed.ends}, NULL) AS {feed.ends})"
                if feed.ends else ""
            )  # fmt: skip
            arrive(warehouse, f"record.{name}", f"t.* {ends}", day, today)
        arrive(warehouse, "ledger.proof", "t.*", "t.day", today)
        arrive(warehouse, "ledger.quarantine", "t.*", "coalesce(t.day, DATE '2000-01-01')", today)

    def shown(self, where: str) -> Rows:
        """Rows of `valeurs` of the release that readers see."""
        with duckdb.connect(str(self.settings.current_release.resolve()), read_only=True) as file:
            rows = file.execute(
                f"SELECT {', '.join(KEY)}, {REST} FROM valeurs WHERE {where}"
            ).fetchall()
        return {tuple(map(str, row[:6])): row[6:] for row in rows}


def arrive(
    warehouse: duckdb.DuckDBPyConnection, table: str, columns: str, day: str, today: date
) -> None:
    warehouse.execute(f"DELETE FROM {table}")
    tape = f"tape.{table.partition('.')[2]}"
    warehouse.execute(
        f"INSERT INTO {table} SELECT {columns} FROM {tape} AS t "
        f"WHERE {day} + CAST({LATE.format(day=day)} AS INTEGER) < $today",
        {"today": today},
    )
