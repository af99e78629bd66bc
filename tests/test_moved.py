"""Why a published figure is another than yesterday: one cause at a time, and two together."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
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
KEY = "indicateur_id, niveau, territoire_id, periode, ventilation, modalite"
SAID = "valeur, affichage, statut, etat, version"
BOUNDS = "valeur_min, valeur_max, diffusion"
Said = dict[tuple[str, ...], tuple[object, ...]]


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
    before: Said = field(default_factory=dict)
    """What readers saw before the last night."""

    def night(self, day: str, **delivered: int) -> Moved:
        """Collect and publish; indicator and period of the place → why the figure moved."""
        if delivered:
            self.files = {"e.csv": register(**delivered)}
        as_of = datetime.fromisoformat(f"{day}T03:30").replace(tzinfo=ZoneInfo("Europe/Paris"))
        place = {"opened_on": self.opened_on}
        declared = self.make_place(self.folder, self.files, place=place, coverage="months")
        [report] = collect_place(declared, self.settings, Request(as_of=as_of))
        assert (report.failed, report.refused) == ([], [])
        if self.settings.current_release.exists():
            self.before = said(self.settings.current_release)
        built = build_warehouse([declared], self.settings, as_of, force=True)
        note_outcome(self.settings, built.release_id, "approved")
        moved = publish_release(self.settings, built.release_id)
        return reasons(moved)

    def told(self, indicator: str = "visits") -> dict[str, tuple[str, ...]]:
        """What the release says of it: period of the place → change, before, after, reason."""
        rows = ask(
            self.settings.current_release,
            "SELECT periode, changement, coalesce(affichage_avant, statut_avant), "
            "coalesce(affichage, statut), raison FROM changements WHERE niveau = 'lieu' "
            f"AND ventilation = 'ensemble' AND indicateur_id = '{indicator}' ORDER BY periode",
        )
        return {period: tuple(cells) for period, *cells in rows}

    def must_tell_what_differs(self) -> None:
        """No row more, none less, and of each what the two releases say of it."""
        after = said(self.settings.current_release)
        differs = {key for key in self.before | after if self.before.get(key) != after.get(key)}
        rows = ask(
            self.settings.current_release,
            f"SELECT {KEY}, valeur_avant, affichage_avant, statut_avant, etat_avant, "
            f"version_avant, {SAID} FROM changements",
        )
        assert len(rows) == len(differs)
        nothing = (None,) * 5
        for *key, a, b, c, d, e, f, g, h, i, j in rows:
            assert (a, b, c, d, e) == self.before.get(tuple(key), nothing)[:5]
            assert (f, g, h, i, j) == after.get(tuple(key), nothing)[:5]
            differs.remove(tuple(key))


def ask(release: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(release.resolve()), read_only=True) as file:
        return file.execute(sql).fetchall()


def said(release: Path) -> Said:
    rows = ask(release, f"SELECT {KEY}, {SAID}, {BOUNDS} FROM valeurs")
    return {tuple(map(str, row[:6])): row[6:] for row in rows}


def reasons(moved: pl.DataFrame) -> Moved:
    of_place = moved.filter(niveau="lieu", ventilation="ensemble").sort("indicateur_id", "periode")
    return {
        (row["indicateur_id"], row["periode"]): tuple(row["causes"])
        for row in of_place.iter_rows(named=True)
    }


def periods(moved: Moved, indicator: str = "visits") -> dict[str, tuple[str, ...]]:
    return {period: why for (name, period), why in moved.items() if name == indicator}


def copied_sql(folder: Path, computed: tuple[str, ...] = COMPUTED) -> Path:
    shutil.copytree(PROJECT / "sql", folder)
    for file in (folder / "indicators").glob("*.sql"):
        if file.stem not in computed:
            file.unlink()
    return folder


def define_anew(file: Path) -> None:
    text, count = re.subn(r"(?m)^version = \d+$", "version = 99", file.read_text("utf-8"))
    assert count == 1
    file.write_text(text, "utf-8")


def seventh_question() -> str:
    page = (PROJECT / "docs" / "fr" / "financeurs.md").read_text(encoding="utf-8")
    return page.partition("-- 7.")[2].partition("\n")[2].partition(";")[0]


ENDED = "Nouvelle période."
CORRECTED = "Des données déjà reçues ont été corrigées."
ARRIVED = "Des données sont arrivées pour des jours qui manquaient."
SURE = "Le chiffre paraît : le délai des corrections est passé."
DEFINED = "La définition de l'indicateur ou une règle de la publication a changé."
DECLARED = "Ce que le lieu ou le réseau déclare a changé."


def test_each_night_says_why_its_figures_moved(tmp_path, settings, make_place) -> None:
    """To the operator in words of causes, to readers in the table `changements`."""
    sql = copied_sql(tmp_path / "sql")
    history = History(replace(settings, sql=sql), tmp_path, make_place)

    first = history.night("2026-09-10", d2026_08_03=15)
    assert {*first.values()} == {("first",)}
    assert history.told() == {}

    ended = periods(history.night("2026-10-02"))
    assert ended == {"2026-09": ("calendar",), "2026-T3": ("calendar",)}
    assert history.told()["2026-09"] == ("nouveau", None, "missing", ENDED)
    history.must_tell_what_differs()

    both = periods(history.night("2026-10-03", d2026_08_03=25, d2026_09_07=15))
    assert both == {"2026-09": ("data",), "2026-T3": ("data", "correction")}
    told = {
        "2026-09": ("modifie", "missing", "ok", ARRIVED),
        "2026-T3": ("modifie", "partial", "ok", f"{ARRIVED} {CORRECTED}"),
    }
    assert history.told() == told
    history.must_tell_what_differs()
    assert ("2026-09", "le-lieu", "visits", None, None, ARRIVED) in ask(
        history.settings.current_release, seventh_question()
    )

    assert periods(history.night("2026-10-04")) == {}
    assert history.told() == told

    assert periods(history.night("2026-10-16")) == {"2026-08": ("calendar",)}
    assert history.told() == {"2026-08": ("paru", "ok", "25", SURE)}
    history.must_tell_what_differs()

    later = periods(history.night("2026-10-17", d2026_08_03=60, d2026_09_07=15))
    assert later == {}, "what is published stands"

    define_anew(sql / "indicators" / "visits.sql")
    again = history.night("2026-10-18")
    assert periods(again).keys() >= {"2026-08", "2026-09", "2026-T3"}
    assert {(name, why) for (name, _period), why in again.items()} == {("visits", ("definition",))}
    assert history.told()["2026-08"] == ("modifie", "25", "60", DEFINED)
    history.must_tell_what_differs()

    late = periods(history.night("2026-11-02", d2026_10_05=15))
    assert late == {"2026-10": ("data", "calendar")}
    assert history.told() == {"2026-10": ("nouveau", None, "ok", f"{ENDED} {ARRIVED}")}

    history.opened_on = "2026-07-01"
    declared = periods(history.night("2026-11-04"))
    assert declared == {"2026-T3": ("declaration",)}
    assert {why for *_cells, why in history.told().values()} == {DECLARED}

    assert periods(history.night("2026-11-20"))["2026-09"] == ("calendar",)
    history.must_tell_what_differs()
