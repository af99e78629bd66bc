"""What was published and is wrong stands no longer, in a release of its own that says why."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from flows.cli.command import main
from flows.errors import ImpactError
from flows.publication.release import current_id
from flows.publication.revision import Chosen
from flows.publication.workbook import workbook
from flows.settings import Settings
from flows.stages.revise import withdraw
from flows.stages.site import make_site_of
from flows.warehouse.database import open_warehouse
from tests.test_moved import History, ask, copied_sql

STANDING = (
    "SELECT periode, affichage, diffusion, motif, revision, CAST(publiee_le AS VARCHAR) FROM valeurs "
    "WHERE indicateur_id = 'visits' AND niveau = 'lieu' AND publiee_le IS NOT NULL "
    "AND ventilation = 'ensemble' AND granularite = 'mois' ORDER BY periode"
)
REVISED = (
    "SELECT periode, nature, avant, apres, raison, CAST(revisee_le AS VARCHAR), forcee, revision "
    "FROM revisions WHERE niveau = 'lieu' AND indicateur_id = 'visits' ORDER BY ALL"
)
WHY = "Deux registres ont été comptés deux fois."


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00").replace(tzinfo=ZoneInfo("Europe/Paris"))


@pytest.fixture(scope="module")
def published(tmp_path_factory, make_place) -> History:
    """August and September were published on 20 November: 25 visits each."""
    folder = tmp_path_factory.mktemp("published")
    settings = Settings(home=folder / "home", places=folder / "places", keys=folder / "keys")
    settings = replace(settings, sql=copied_sql(folder / "network" / "sql"))
    history = History(settings, folder, make_place)
    history.night("2026-11-20", d2026_08_03=25, d2026_09_07=25)
    return history


@pytest.fixture
def history(published: History, tmp_path: Path) -> History:
    """The same in a home of its own."""
    home = tmp_path / "home"
    shutil.copytree(published.settings.home, home, symlinks=True)
    return replace(published, settings=replace(published.settings, home=home), folder=tmp_path)


def test_a_value_that_is_wrong_is_withdrawn_and_every_reader_is_told_why(
    history: History, tmp_path: Path
) -> None:
    """In a release of its own, which nothing brings back; pages and workbook show the sign."""
    settings, before = history.settings, current_id(history.settings)
    assert {period: cells for period, *cells in ask(settings.current_release, STANDING)} == {
        "2026-08": ["25", "arrondi", None, 0, "2026-11-20"],
        "2026-09": ["25", "arrondi", None, 0, "2026-11-20"],
    }
    done = withdraw(
        settings, Chosen(periods=("2026-08",), indicators=("visits",)), WHY, at("2026-11-23")
    )
    assert current_id(settings) == done.release_id != before
    assert done.release_id.startswith("2026-11-23-")
    assert done.beside.rows() == [("visits", "le-lieu", "2026-T3")]
    withdrawn = ("2026-08", None, "retiree", f"Retiré : {WHY}", 1, "2026-11-23")
    stands = ("2026-09", "25", "arrondi", None, 0, "2026-11-20")
    assert ask(settings.current_release, STANDING) == [withdrawn, stands]
    revised = [("2026-08", "retrait", "25", None, WHY, "2026-11-23", False, 1)]
    assert ask(settings.current_release, REVISED) == revised
    assert history.told()["2026-08"] == ("modifie", "25", "ok", WHY)

    pages = make_site_of(settings, tmp_path / "pages")[0]
    place = (pages / "lieux" / "le-lieu.html").read_text("utf-8")
    assert "retiré" in place and WHY in (pages / "changements.html").read_text("utf-8")
    with duckdb.connect(str(settings.current_release.resolve()), read_only=True) as release:
        sheets = zipfile.ZipFile(io.BytesIO(workbook(release)))
    assert "<t>retirée</t>" in sheets.read("xl/sharedStrings.xml").decode()

    history.night("2026-11-24", d2026_08_03=60, d2026_09_07=25)
    assert current_id(settings) != done.release_id
    assert ask(settings.current_release, STANDING) == [withdrawn, stands]
    assert ask(settings.current_release, REVISED) == revised


def test_what_cannot_be_withdrawn_is_refused_in_words_and_the_release_stands(
    history: History, monkeypatch, capsys
) -> None:
    for name in ("home", "places", "keys"):
        monkeypatch.setenv(f"IMPACT_{name.upper()}", str(getattr(history.settings, name)))
    before = current_id(history.settings)

    def said(*given: str) -> str:
        assert main(["revise", "--withdraw", *given]) == 2
        return capsys.readouterr().err

    assert "nothing is chosen" in said("--reason", WHY)
    unknown = said("--reason", WHY, "--place", "le-lieu", "--period", "2026-07")
    assert "2026-07: nothing was published of it → known are: 2026-08, 2026-09" in unknown
    assert "a reason has 5 to 300 characters" in said("--reason", " x ", "--period", "2026-08")
    assert current_id(history.settings) == before

    chosen = ("--reason", WHY, "--place", "le-lieu", "--period", "2026-08")
    assert main(["revise", "--withdraw", *chosen]) == 0
    told = capsys.readouterr().out
    assert "is withdrawn in release" in told and "visits le-lieu 2026-08" in told
    assert "withdraw them too where they are wrong:\n  visits le-lieu 2026-T3" in told
    assert "or it is withdrawn already" in said(*chosen)


def test_a_value_is_withdrawn_though_the_last_figures_broke_a_promise(history: History) -> None:
    """Of those figures nothing is published; what was cut off before its check is to run again."""
    settings = history.settings
    with open_warehouse(settings) as warehouse:
        # nothing of September was published, and its turn has come
        warehouse.execute("DELETE FROM ledger.published_value WHERE periode <> '2026-08'")
        warehouse.execute(
            "INSERT INTO ledger.promise SELECT publication_id, 'x', 'x', 'x', 'critical', FALSE, 1 "
            "FROM registry.publication"
        )
        warehouse.execute("UPDATE ledger.build SET outcome = 'built'")
    settings.current_release.unlink()
    with pytest.raises(ImpactError, match=r"cut off before .* → run `impact run`"):
        withdraw(settings, Chosen(periods=("2026-08",)), WHY, at("2026-11-23"))
    with open_warehouse(settings) as warehouse:
        warehouse.execute("UPDATE ledger.build SET outcome = 'refused'")
    withdraw(settings, Chosen(periods=("2026-08",)), WHY, at("2026-11-23"))
    rows = ask(
        settings.current_release,
        "SELECT DISTINCT periode, diffusion FROM valeurs "
        "WHERE niveau = 'lieu' AND indicateur_id = 'visits' AND periode IN ('2026-08', '2026-09') ORDER BY ALL",
    )
    assert rows == [("2026-08", "retiree"), ("2026-09", "a_venir")]
