"""A sheet of the kit, filled in by a place, is loaded without a mapping of its own."""

from __future__ import annotations

import dataclasses
import io
import zipfile
from pathlib import Path
from xml.sax.saxutils import escape

import fastexcel
import pytest

from flows.errors import ConfigurationError
from flows.network.place_files import read_place
from flows.onboarding.kit import workbook
from flows.settings import PROJECT
from schemas import CONTRACTS
from schemas.template import TEMPLATES
from tests.command import impact

KIT = PROJECT / "data" / "kit"
PEOPLE = {"Nom": "Lefèvre", "Prénom": "Elsa", "Date de naissance": "07/03/1985"}
TOML = """
id = "le-lieu"
name = "Le Lieu"
commune_code = "80021"

[[sources]]
id = "feuille"
feed = "{feed}"
connector = "file"
template = "{name}"
path = "e.xlsx"
rhythm = "monthly"
coverage = "months"
"""
NUMBER = "Identifiant de l'enregistrement"
FILLED = {
    "presences": [
        PEOPLE | {NUMBER: "2026-1", "Arrivée": "05/10/2026 09:10", "Espace": "Coworking"},
        PEOPLE | {NUMBER: "2026-2", "Arrivée": "06/10/2026 09:00", "Départ": "06/10/2026 17:00",
                  "Genre": "Féminin", "Commune de résidence": "02676"},
        {NUMBER: "2026-3", "Arrivée": "06/10/2026 10:00", "Espace": "FabLab"},
    ],
    "comptage": [
        {NUMBER: "2026-1", "Arrivée": "05/10/2026 14:00", "Nombre de personnes": "12"},
        {NUMBER: "2026-2", "Arrivée": "06/10/2026 14:00", "Nombre de personnes": "7",
         "Espace": "Salle"},
    ],
    "services": [
        PEOPLE | {NUMBER: "2026-1", "Date": "05/10/2026 09:30", "Service": "France services",
                  "Nombre de personnes": "1", "Durée": "1h30", "Suite donnée": "Résolu sur place"},
        {NUMBER: "2026-2", "Date": "05/10/2026 14:00", "Service": "Formation",
         "Nombre de personnes": "8", "Durée": "120", "Mode": "Collectif", "Montant": "40,00"},
    ],
    "emplois": [
        PEOPLE | {NUMBER: "C-1", "Relation au lieu": "Équipe du lieu", "Début": "01/09/2026",
                  "Nature du contrat": "Contrat à durée indéterminée",
                  "Durée hebdomadaire": "17,5"},
    ],
}  # fmt: skip
LOADED = {
    "presences": "SELECT record_id, space_code, gender, person_key IS NULL FROM record.attendance",
    "comptage": "SELECT record_id, headcount, space_code FROM record.attendance",
    "services": "SELECT record_id, service_code, headcount, duration_minutes, outcome, "
    "amount_eur_cents FROM record.service_usage",
    "emplois": "SELECT record_id, relation, contract_type, weekly_minutes FROM record.employment",
}
EXPECTED = {
    "presences": [
        ("2026-1", "coworking", None, False),
        ("2026-2", None, "feminin", False),
        ("2026-3", "fablab", None, True),
    ],
    "comptage": [("2026-1", 12, None), ("2026-2", 7, "salle")],
    "services": [
        ("2026-1", "france_services", 1, 90, "resolu_sur_place", None),
        ("2026-2", "formation", 8, 120, None, 4000),
    ],
    "emplois": [("C-1", "equipe", "CDI", 1050)],
}


def filled(name: str) -> bytes:
    """The workbook of the kit with these rows typed under its header."""
    headers = fastexcel.read_excel(KIT / f"{name}.xlsx").load_sheet(0).to_polars().columns
    rows = ""
    for number, row in enumerate(FILLED[name], start=2):
        assert set(row) <= set(headers)
        cells = "".join(
            f'<c r="{chr(65 + headers.index(header))}{number}" t="inlineStr"><is><t>{escape(text)}</t></is></c>'
            for header, text in sorted(row.items(), key=lambda cell: headers.index(cell[0]))
        )
        rows += f'<row r="{number}">{cells}</row>'
    target = io.BytesIO()
    with zipfile.ZipFile(KIT / f"{name}.xlsx") as empty, zipfile.ZipFile(target, "w") as full:
        for part in empty.namelist():
            content = empty.read(part).decode()
            if part == "xl/worksheets/sheet1.xml":
                content = content.replace("</sheetData>", f"{rows}</sheetData>")
            full.writestr(part, content)
    return target.getvalue()


def test_the_kit_of_the_repository_is_that_of_the_contracts(tmp_path: Path) -> None:
    assert impact("kit", str(tmp_path), IMPACT_LANG="fr").returncode == 0
    files = sorted(tmp_path.iterdir())
    assert sorted(file.name for file in files) == sorted(file.name for file in KIT.iterdir())
    for file in files:
        assert (KIT / file.name).read_bytes() == file.read_bytes(), file.name


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_filled_sheet_is_loaded_without_a_mapping(
    tmp_path, settings, collect, read, name: str
) -> None:
    (tmp_path / "e.xlsx").write_bytes(filled(name))
    (tmp_path / "lieu.toml").write_text(TOML.format(name=name, feed=TEMPLATES[name].feed))
    [report] = collect(read_place(tmp_path / "lieu.toml"), settings)
    assert (report.refused, report.failed, report.quarantined) == ([], [], 0)
    assert read(settings, f"{LOADED[name]} ORDER BY record_id") == EXPECTED[name]


def test_a_sheet_of_another_version_is_refused_by_its_version(
    tmp_path, settings, collect, read
) -> None:
    """The kit was written before the sheet had its column of genders."""
    now = TEMPLATES["presences"]
    before = dataclasses.replace(now, fields=tuple(f for f in now.fields if f != "gender"))
    (tmp_path / "e.xlsx").write_bytes(workbook("presences", before))
    (tmp_path / "lieu.toml").write_text(TOML.format(name="presences", feed="attendance"))
    [report] = collect(read_place(tmp_path / "lieu.toml"), settings)
    [message] = report.refused
    assert now.version() in message and "→" in message and "impact kit" in message
    assert read(settings, "SELECT count(*) FROM ledger.proof") == [(0,)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("attendance", "employment"), "'presences' is one of feed 'attendance'"),
        (('path = "e.xlsx"', 'path = "e.xlsx"\nsheet = "X"'), "no 'sheet' of its own"),
    ],
    ids=["feed", "mapping"],
)
def test_a_template_that_contradicts_its_source_is_refused(tmp_path, change, message: str) -> None:
    text = TOML.format(name="presences", feed="attendance").replace(*change)
    (tmp_path / "lieu.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=message):
        read_place(tmp_path / "lieu.toml")


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_sheet_asks_for_all_that_the_contract_requires(name: str) -> None:
    template = TEMPLATES[name]
    for field, column in CONTRACTS[template.feed].to_schema().columns.items():
        metadata = column.metadata
        if not column.nullable and metadata["kind"] != "flag" and metadata["default"] is None:
            assert field in {*template.fields, "known_at"}
