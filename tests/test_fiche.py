"""The fiche of a place: its exact figures, for it alone, as a workbook and as a page to print."""

from __future__ import annotations

import re
import zipfile
from datetime import date, datetime
from html import escape
from pathlib import Path
from typing import Any

import fastexcel
import pytest

from flows.cli import main
from flows.errors import ConfigurationError
from flows.operation.digest import letters
from flows.publication.fiche_files import write_fiche
from flows.publication.preview import write_preview
from flows.settings import Settings
from flows.stages.build import build_warehouse
from tests.conftest import AS_OF

NAME = "=Lieu <&> d'ici"
REGISTER = "N°;Arrivée;Genre;E-mail\n" + "".join(
    f"{n};{day:%d/%m/%Y} 10:00;{gender};p{n}@exemple.fr\n"
    for n, (day, gender) in enumerate(
        [
            (date(2026, 9, 7), "feminin"),
            (date(2026, 9, 8), "masculin"),
            (date(2026, 11, 1), "feminin"),
        ]
    )
)
COLUMNS = {"record_id": "N°", "checked_in_at": "Arrivée", "gender": "Genre"}


@pytest.fixture(scope="module")
def network(tmp_path_factory, make_place, collect) -> tuple[Settings, list[Any]]:
    """Two places; the first had two visitors in September, whom no release would show."""
    root = tmp_path_factory.mktemp("fiche")
    settings = Settings(home=root / "home", places=root / "places", keys=root / "keys")
    places = []
    for place_id, name in (("le-lieu", NAME), ("autre-part", "Autre Part")):
        folder = root / place_id
        folder.mkdir()
        place = {
            "id": place_id, "name": name, "opened_on": date(2026, 1, 1),
            "contact": {"email": f"{place_id}@exemple.fr"},
        }  # fmt: skip
        made = make_place(
            folder,
            {"e.csv": REGISTER},
            place=place,
            columns=COLUMNS,
            coverage="months",
            identity={"email": "E-mail"},
        )
        [report] = collect(made, settings)
        assert (report.failed, report.refused) == ([], [])
        places.append(made)
    build_warehouse(places, settings, AS_OF, force=True)
    write_preview(settings)
    return settings, places


@pytest.fixture(scope="module")
def files(network) -> tuple[Path, Path]:
    """The workbook and the page."""
    workbook, page = write_fiche(network[0], "le-lieu")
    return workbook, page


def rows(workbook: Path, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet below its headings, by these."""
    found = fastexcel.read_excel(workbook).load_sheet(sheet, header_row=None).to_polars().rows()
    at = next(n for n, row in enumerate(found) if row[0] == "Indicateur")
    return [dict(zip(map(str, found[at]), row, strict=True)) for row in found[at + 1 :]]


def test_the_workbook_has_exact_figures_and_those_of_what_still_runs(files) -> None:
    found = {row["Indicateur"]: row for row in rows(files[0], "Synthese")}
    assert float(found["Passages"]["2026-09"]) == 2
    assert float(found["Passages"]["2026-11\nen cours"]) == 1
    assert float(found["Part des femmes"]["2026-T3"]) == 0.5
    assert found["Part des femmes"]["Unité"] == "part, en %"


def test_its_figures_are_in_the_codes_and_labels_of_the_release(files) -> None:
    figures = rows(files[0], "Chiffres")
    [total] = [
        one for one in figures
        if (one["Code"], one["Période"], one["Détail"]) == ("visits", "2026-T3", "Ensemble")
    ]  # fmt: skip
    said = [total[name] for name in ("Granularité", "Unité", "En cours", "Statut")]
    assert said == ["Trimestre", "passages", "non", "Incomplet"]
    assert str(total["Début"]).startswith("2026-07-01")
    women = [one for one in figures if one["Caractéristique"] == "Genre"]
    assert {one["Détail"] for one in women} >= {"Féminin", "Masculin"}


def parts(workbook: Path) -> dict[str, str]:
    with zipfile.ZipFile(workbook) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_every_sheet_and_the_page_say_that_they_are_not_to_be_passed_on(files) -> None:
    workbook, page = files
    written = parts(workbook)
    sheets = [text for name, text in written.items() if "worksheets/sheet" in name]
    assert len(sheets) == 3
    for text in sheets:
        assert "<oddHeader>&amp;C&amp;BNE PAS DIFFUSER</oddHeader>" in text
        assert "<f>" not in text, "a name that begins with = is no formula"
    assert (
        f"NE PAS DIFFUSER : Chiffres exacts de {escape(NAME, quote=False)}"
        in written["xl/sharedStrings.xml"]
    )
    assert '"0.0 %"' in written["xl/styles.xml"]
    text = page.read_text("utf-8")
    assert text.count("Ne pas diffuser") == 1
    assert 'content: "NE PAS DIFFUSER"' in text


def test_the_page_loads_nothing_and_takes_a_name_for_text(files) -> None:
    text = files[1].read_text("utf-8")
    assert "<h1>=Lieu &lt;&amp;&gt; d&#x27;ici</h1>" in text
    assert re.search(r"https?:|<script|<link|<img|url\(", text) is None
    assert "<td>2</td>" in text
    assert "<td><i>1</i></td>" in text


def test_a_fiche_knows_one_place_and_its_owner_alone_may_read_it(files) -> None:
    for file in files:
        assert file.stat().st_mode & 0o777 == 0o600
        assert b"Autre Part" not in file.read_bytes()
        assert b"autre-part" not in file.read_bytes()
    assert files[0].parent.stat().st_mode & 0o777 == 0o700


def test_an_unknown_place_is_refused_with_the_nearest_one(network, monkeypatch, capsys) -> None:
    settings = network[0]
    monkeypatch.setenv("IMPACT_HOME", str(settings.home))
    assert main(["fiche", "le-leiu"]) == 2
    assert "did you mean 'le-lieu'?" in capsys.readouterr().err
    assert not (settings.home / "fiches" / "le-leiu.xlsx").exists()


def test_before_the_first_run_there_is_no_fiche(settings) -> None:
    with pytest.raises(ConfigurationError, match="nothing was computed yet"):
        write_fiche(settings, "le-lieu")


def test_the_letter_says_where_the_fiche_lies(network) -> None:
    settings, places = network
    now = datetime.now().astimezone()
    written = letters(places, settings, [], now, "data@reseau.example")
    text = written["autre-part"].get_content()
    assert str(settings.home / "fiches" / "autre-part.html") in text
    assert [part.get_filename() for part in written["autre-part"].iter_attachments()] == []
