"""La Coop's XLSX export: accompagnements as rows, activités as records.

The files are laid out as `buildAccompagnementsWorksheet.ts` lays them out, in
inclusion-numerique/coop-mediation-numerique@46aa33bdf21c: metadata and filters above the table, one
sheet, true dates.
"""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from flows.connectors import la_coop_export
from flows.errors import BatchRefused, ConfigurationError
from flows.network.place_files import read_place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from tests.conftest import AS_OF
from tests.connectors.conftest import PLACE

TOML = """
id = "coop"
feed = "service_usage"
connector = "la_coop_export"
path = "coop-*.xlsx"
rhythm = "monthly"
coverage = "days"
"""
ABOVE = [
    ["Informations export"], ["Nom", "Aubepine"], ["Prénom", "Ada"], ["Rôle", "Médiateur"],
    ["Total", 4], ["Date d'export", "01/11/2026"], ["Heure d'export", "09:12"], [],
    ["Filtres"], ["Période", "-"], ["Source", "-"], ["Lieux d’accompagnement", "-"],
    ["Communes", "-"], ["Départements", "-"], ["Type d’accompagnement", "-"], ["Rôle", "-"],
    ["Thématiques non administratives", "-"], ["Thématiques administratives", "-"], ["Tags", "-"],
    [], [""],
]  # fmt: skip
"""Rows 1 to 21."""
HEADERS = [
    "Date", "Enregistré le", "Dernière modification le", "Type", "Participants", "Bénéficiaire",
    "Canaux d’accompagnement", "Nom du lieu", "Adresse", "Commune", "Code postal", "Code Insee",
    "Durée (min)", "Nom de l’atelier", "Matériel numérique utilisé",
    "Thématique(s) d’accompagnement", "Tags", "Nom de la démarche administrative",
    "Niveau d’autonomie (ou de l’atelier)", "Bénéficiaire réorienté", "Structure de redirection",
    "Commune du bénéficiaire", "Code postal du bénéficiaire", "Code Insee du bénéficiaire",
    "Genre du bénéficiaire", "Tranche d’âge du bénéficiaire", "Statut du bénéficiaire",
    "Notes supplémentaires", "ID CRA",
]  # fmt: skip
WORKSHOP, ALONE = "Atelier collectif", "Accompagnement individuel"
HALLE, GARE = "La Halle", "La Gare"


def row(
    day: date, number: str, kind: str = ALONE, part: int | str = 1,
    where: str = "Lieu d’activité", place: str = HALLE,
) -> list[Any]:  # fmt: skip
    told = {
        "Date": datetime(day.year, day.month, day.day),
        "Enregistré le": "05/10/2026 à 16:00",
        # empty where nobody has changed it
        "Dernière modification le": "",
        "Type": kind,
        # a number alone, and a text of several
        "Participants": part,
        "Bénéficiaire": "Blaise Bruyere",
        "Canaux d’accompagnement": where,
        "Nom du lieu": place,
        "Durée (min)": 90,
        "Genre du bénéficiaire": "Féminin",
        "ID CRA": number,
    }
    return [told.get(header, "") for header in HEADERS]


def workshop(number: str, heads: int, **more: Any) -> list[list[Any]]:
    day = date(2026, 10, 5)
    return [row(day, number, WORKSHOP, f"{n}/{heads}", **more) for n in range(1, heads + 1)]


def export(rows: list[list[Any]], sheet: str = "Activités", more: int = 0) -> bytes:
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content)
    page = workbook.add_worksheet(sheet)
    dates = workbook.add_format({"num_format": "dd/mm/yyyy"})
    filters = [["Bénéficiaires", "Blaise Bruyere"], ["Médiateur", "Ada Aubepine"]][:more]
    above = [*ABOVE[:-2], *filters, *ABOVE[-2:]]
    for at, cells in enumerate([*above, HEADERS, *rows]):
        for column, cell in enumerate(cells):
            page.write(at, column, cell, dates if isinstance(cell, datetime) else None)
    workbook.close()
    return content.getvalue()


def collected(
    folder: Path, settings: Settings, content: bytes, options: str = "", place: str = "le-lieu"
) -> SourceReport:
    (folder / "coop-2026-10.xlsx").write_bytes(content)
    toml = folder / f"{place}.toml"
    text = (PLACE + TOML).replace('"le-lieu"', f'"{place}"')
    toml.write_text(text + (f"options = {options}\n" if options else ""), encoding="utf-8")
    [report] = collect_place(read_place(toml), settings, Request(AS_OF))
    return report


@pytest.fixture
def source(tmp_path: Path) -> Any:
    (tmp_path / "le-lieu.toml").write_text(PLACE + TOML, encoding="utf-8")
    return read_place(tmp_path / "le-lieu.toml").sources[0]


@pytest.mark.parametrize("more", [0, 1, 2])
def test_the_rows_of_a_workshop_are_one_use_by_as_many_heads(
    tmp_path: Path, settings: Settings, read: Any, more: int
) -> None:
    """Under the filters, which may take more rows."""
    first, *others = workshop("c1", 3)
    content = export([first, row(date(2026, 10, 6), "c2"), *others], more=more)
    report = collected(tmp_path, settings, content)
    assert (report.received, report.loaded, report.quarantined) == (4, 2, 0)
    assert read(
        settings, "SELECT record_id, CAST(timezone('Europe/Paris', occurred_at) AS VARCHAR), "
        "headcount, CAST(mode AS VARCHAR), duration_minutes, person_key "
        "FROM record.service_usage ORDER BY record_id",
    ) == [
        ("c1", "2026-10-05 00:00:00", 3, "collectif", 90, None),
        ("c2", "2026-10-06 00:00:00", 1, "individuel", 90, None),
    ]  # fmt: skip


def test_a_session_is_where_its_channel_says(tmp_path: Path, settings: Settings, read: Any) -> None:
    words = ["Lieu d’activité", "Autre lieu", "À domicile", "À distance"]
    rows = [
        row(date(2026, 10, 6), f"c{n}", where=word, place="" if n else HALLE)
        for n, word in enumerate(words)
    ]
    assert collected(tmp_path, settings, export(rows)).quarantined == 0
    told = read(
        settings, "SELECT CAST(location AS VARCHAR) FROM record.service_usage ORDER BY record_id"
    )
    assert told == [("sur_place",), ("hors_les_murs",), ("hors_les_murs",), ("a_distance",)]


def of_two_places() -> bytes:
    day = date(2026, 10, 6)
    return export([
        *workshop("c1", 3), *workshop("c2", 2, place=GARE), row(day, "c3", place=GARE),
        row(day, "c4", where="À distance", place=""),
    ])  # fmt: skip


def test_one_mediators_export_that_two_places_bring_counts_once_in_each(
    tmp_path: Path, settings: Settings, read: Any
) -> None:
    halle, gare = tmp_path / "halle", tmp_path / "gare"
    for folder, place, options in (
        (halle, "halle", '{ places = ["LA  HALLE"], elsewhere = true }'),
        (gare, "gare", '{ places = ["La Gare"] }'),
    ):
        folder.mkdir()
        report = collected(folder, settings, of_two_places(), options, place)
        assert (report.received, report.quarantined) == (7, 0)
    told = "SELECT place_id, record_id, headcount FROM record.service_usage ORDER BY ALL"
    assert read(settings, told) == [
        ("gare", "c2", 2), ("gare", "c3", 1), ("halle", "c1", 3), ("halle", "c4", 1),
    ]  # fmt: skip


def test_an_export_of_several_places_is_refused_until_one_says_which(
    tmp_path: Path, settings: Settings
) -> None:
    report = collected(tmp_path, settings, of_two_places())
    assert "it has accompagnements at 2 places → say which is yours" in report.refused[0]
    assert report.loaded == 0


def test_a_local_export_has_options_and_no_account(tmp_path: Path) -> None:
    (tmp_path / "le-lieu.toml").write_text(
        PLACE + TOML + 'options = { user = "impact" }\n', encoding="utf-8"
    )
    with pytest.raises(ConfigurationError, match="a local folder has no account"):
        read_place(tmp_path / "le-lieu.toml")


def test_rows_without_a_number_are_not_one_activity(source: Any) -> None:
    rows = [row(date(2026, 10, 5), "") for _ in range(2)]
    [page] = la_coop_export.parse(io.BytesIO(export(rows)), "coop.xlsx", source)
    assert page.rows["Participants"].to_list() == ["1", "1"]


def test_nobody_is_read_out_of_an_export(source: Any) -> None:
    [page] = la_coop_export.parse(io.BytesIO(export(workshop("c1", 2))), "coop.xlsx", source)
    said = str(page.rows.rows()) + str(page.broken)
    assert "Aubepine" not in said and "Bruyere" not in said
    assert set(page.rows.columns) - {"__row_number"} == set(source.wanted_headers())


def test_another_workbook_is_refused(source: Any) -> None:
    with pytest.raises(BatchRefused, match="no sheet 'Activités'"):
        list(la_coop_export.parse(io.BytesIO(export([], "Feuil1")), "coop.xlsx", source))


def test_a_table_without_its_headers_is_refused(
    source: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = [header.replace("Type", "Genre") for header in HEADERS]
    monkeypatch.setattr("tests.connectors.test_la_coop_export.HEADERS", others)
    with pytest.raises(
        BatchRefused, match=r"header row 22: the column 'Type' \(mode\) is not there"
    ):
        list(la_coop_export.parse(io.BytesIO(export([])), "coop.xlsx", source))


def test_the_sample_is_two_activities(source: Any) -> None:
    [page] = la_coop_export.parse(io.BytesIO(la_coop_export.SAMPLE), "sample.csv", source)
    assert page.rows["Participants"].to_list() == ["2", "1"]
    assert page.records == len(page.rows) + len(page.broken) + page.ignored
