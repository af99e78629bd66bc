"""Why a published figure is another than yesterday: one cause at a time, and two together."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl

from flows.places import Place
from flows.settings import PROJECT, Settings
from flows.stages.build import build_warehouse, note_outcome
from flows.stages.collect import collect_place
from flows.stages.publish import publish_release
from flows.stages.request import Request

COMPUTED = ("visits", "newcomer_return_90d")
"""Of the indicators, these alone: one that only counts its days, and one that looks ahead."""

Moved = dict[tuple[str, str], tuple[str, ...]]


def register(**days: int) -> str:
    """A register in which so many people come on each day, at ten.

    A multiple of five is published as it is.
    """
    rows = [(day.replace("_", "-"), n) for day, count in days.items() for n in range(count)]
    return "N°,Arrivée\n" + "".join(f"{day}-{n},{day[1:]} 10:{n:02}\n" for day, n in rows)


@dataclass
class History:
    """A network of one place, whose releases follow each other."""

    settings: Settings
    folder: Path
    make_place: Callable[..., Place]
    opened_on: str = "2026-08-01"
    files: dict[str, str] = field(default_factory=dict)

    def night(self, day: str, **delivered: int) -> Moved:
        """Collect and publish; indicator and period of the place → why the figure moved."""
        if delivered:
            self.files = {"e.csv": register(**delivered)}
        as_of = datetime.fromisoformat(f"{day}T03:30").replace(tzinfo=ZoneInfo("Europe/Paris"))
        place = {"opened_on": self.opened_on}
        declared = self.make_place(self.folder, self.files, place=place, coverage="months")
        [report] = collect_place(declared, self.settings, Request(as_of=as_of))
        assert (report.failed, report.refused) == ([], [])
        built = build_warehouse([declared], self.settings, as_of, force=True)
        note_outcome(self.settings, built.release_id, "published")
        moved = publish_release(self.settings, built.release_id)
        return reasons(moved)


def reasons(moved: pl.DataFrame) -> Moved:
    of_place = moved.filter(niveau="lieu", ventilation="ensemble").sort("indicateur_id", "periode")
    return {
        (row["indicateur_id"], row["periode"]): tuple(row["causes"])
        for row in of_place.iter_rows(named=True)
    }


def periods(moved: Moved, indicator: str = "visits") -> dict[str, tuple[str, ...]]:
    return {period: why for (name, period), why in moved.items() if name == indicator}


def copied_sql(folder: Path) -> Path:
    shutil.copytree(PROJECT / "sql", folder)
    for file in (folder / "indicators").glob("*.sql"):
        if file.stem not in COMPUTED:
            file.unlink()
    return folder


def define_anew(file: Path) -> None:
    text, count = re.subn(r"(?m)^version = \d+$", "version = 99", file.read_text("utf-8"))
    assert count == 1
    file.write_text(text, "utf-8")


def test_each_night_says_why_its_figures_moved(tmp_path, settings, make_place) -> None:
    sql = copied_sql(tmp_path / "sql")
    history = History(replace(settings, sql=sql), tmp_path, make_place)

    first = history.night("2026-09-10", d2026_08_03=15)
    assert {*first.values()} == {("first",)}

    ended = periods(history.night("2026-10-02"))
    assert ended == {"2026-09": ("calendar",), "2026-T3": ("calendar",)}

    both = periods(history.night("2026-10-03", d2026_08_03=25, d2026_09_07=15))
    assert both == {
        "2026-08": ("correction",),
        "2026-09": ("data",),
        "2026-T3": ("data", "correction"),
    }

    assert periods(history.night("2026-10-16")) == {"2026-08": ("calendar",)}

    define_anew(sql / "indicators" / "visits.sql")
    again = history.night("2026-10-17")
    assert periods(again).keys() >= {"2026-08", "2026-09", "2026-T3"}
    assert {(name, why) for (name, _period), why in again.items()} == {("visits", ("definition",))}

    late = periods(history.night("2026-11-02", d2026_10_05=15))
    assert late == {"2026-10": ("data", "calendar")}

    left = "".join(f"d2026-10-05-{n},2026-11-02 10:{n:02}\n" for n in range(10))
    history.files = {"e.csv": f"N°,Arrivée\n{left}"}
    assert periods(history.night("2026-11-03")) == {"2026-10": ("correction",)}

    history.opened_on = "2026-07-01"
    declared = periods(history.night("2026-11-04"))
    assert declared == {"2026-T3": ("declaration",)}
