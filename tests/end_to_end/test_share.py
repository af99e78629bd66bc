"""The release in the forms that people open, read by libraries that did not write them."""

import csv
import hashlib
import json
import zipfile
from datetime import datetime
from xml.etree import ElementTree

import duckdb
import fastexcel
import polars as pl
import pytest

from flows.errors import ConfigurationError
from flows.publication.share import share_release, write_french_csv
from tests.connectors.test_remote_files import WORD, webdav


@pytest.fixture(scope="module")
def shared(published, tmp_path_factory):
    folder = tmp_path_factory.mktemp("share")
    share_release(published.settings, folder)
    return folder


@pytest.fixture(scope="module")
def release(shared):
    with duckdb.connect(str(shared / "publication.duckdb"), read_only=True) as file:
        yield file


def sums(folder):
    lines = (folder / "SHA256SUMS").read_text().splitlines()
    return {name: digest for digest, name in (line.split("  ") for line in lines)}


def test_the_digests_name_every_file_and_are_right(shared):
    there = {
        str(file.relative_to(shared)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in shared.rglob("*")
        if file.is_file() and file.name != "SHA256SUMS"
    }
    assert sums(shared) == there
    assert {file.stat().st_mode & 0o777 for file in shared.rglob("*.*")} == {0o644}


def test_the_same_release_gives_the_same_bytes(published, shared, tmp_path):
    share_release(published.settings, tmp_path / "again")
    assert sums(tmp_path / "again") == sums(shared)


def test_the_workbook_opens_on_the_last_months_and_years_of_every_place(shared, release):
    book = fastexcel.read_excel(shared / "publication.xlsx")
    assert book.sheet_names[0] == "Synthese"
    sheet = book.load_sheet(0, header_row=None).to_polars()
    header = [str(cell) for cell in sheet.row(0)]
    months = [cell for cell in header if "-01 00:00:00" in cell]
    assert len(months) == 13
    assert datetime.fromisoformat(months[-1]) == datetime(2026, 10, 1)
    assert "2025" in header
    rows = {(row[1], row[2]): row for row in sheet.iter_rows()}
    visits = rows["La Machinerie", "Passages"]
    [(month,)] = release.execute(
        "SELECT visites FROM visites_mois WHERE lieu_id = 'la-machinerie' AND mois = DATE '2026-08-01'"
    ).fetchall()
    assert float(visits[header.index(months[-3])]) == month
    assert visits[header.index(months[-1])] == "à venir"
    assert rows["Le Quai Numérique", "Passages"][header.index(months[-1])] == "pas ouvert"
    cells = {cell for row in rows.values() for cell in row}
    assert {"non diffusé", "5–9", "≤ 5 %"} <= cells


def test_what_stands_in_place_of_a_figure_is_printed_as_large_as_figures_are(shared):
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(shared / "publication.xlsx") as file:
        assert b"shrinkToFit" not in file.read("xl/styles.xml")
        sheet = ElementTree.fromstring(file.read("xl/worksheets/sheet1.xml"))
    assert sheet.find(f"{main}pageSetup").get("paperSize") == "9"  # A4
    wide = float([*sheet.iter(f"{main}col")][-1].get("width"))
    table = fastexcel.read_excel(shared / "publication.xlsx").load_sheet(0).to_polars()
    texts = table.select(pl.col(pl.String)).select(pl.nth(range(4, 18))).to_series(0).to_list()
    for name in table.columns[4:]:
        if table[name].dtype == pl.String:
            texts += [text for text in table[name] if text and not text[0].isdigit()]
    assert "pas ouvert" in texts
    assert max(len(text) for text in texts if text) <= wide


def test_whole_numbers_are_shown_without_a_decimal_mark(shared):
    main = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    with zipfile.ZipFile(shared / "publication.xlsx") as file:
        styles, sheet = (
            ElementTree.fromstring(file.read(f"xl/{name}.xml"))
            for name in ("styles", "worksheets/sheet1")
        )
    codes = {
        style.get("numFmtId"): style.get("formatCode") for style in styles.iter(f"{main}numFmt")
    }
    codes["3"] = "#,##0"  # it has this number in every workbook
    of_style = [codes.get(style.get("numFmtId")) for style in styles.find(f"{main}cellXfs")]
    cells = [cell for cell in sheet.iter(f"{main}c") if cell.get("t") != "s"]
    shown = {(float(cell[0].text).is_integer(), of_style[int(cell.get("s"))]) for cell in cells}
    assert (True, "#,##0") in shown
    assert {code for is_whole, code in shown if is_whole} <= {"#,##0", "0 %", "mm/yyyy"}


def test_codes_are_text_and_days_are_days(shared):
    places = fastexcel.read_excel(shared / "publication.xlsx").load_sheet("Lieux").to_polars()
    assert places["departement_code"].to_list() == ["80", "02", "02"]
    assert places["commune_code"].dtype == pl.String
    assert isinstance(places["ouvert_le"].dtype, pl.Date | pl.Datetime)


def test_targets_stand_with_their_years_and_shares_per_cent(shared):
    sheet = fastexcel.read_excel(shared / "publication.xlsx").load_sheet("Objectifs").to_polars()
    years = sheet.filter(pl.col("objectif_id") == "fabrique-passages")
    assert years["numero_annee"].to_list() == [None, 1, 2, 3]
    assert years["part_ecoulee"].to_list() == [0.723, 1, 1, 0.17]
    assert {*years["indicateur"]} == {"Passages"}


def test_csv_and_parquet_hold_what_the_release_holds(shared, release):
    for (name,) in release.execute("SHOW TABLES").fetchall():
        mine = release.execute(f"SELECT count(*) FROM {name}").fetchone()
        for form in (f"read_csv('{shared}/csv/{name}.csv', all_varchar = true)",
                     f"read_parquet('{shared}/parquet/{name}.parquet')"):  # fmt: skip
            assert duckdb.execute(f"SELECT count(*) FROM {form}").fetchone() == mine
    figure = "SELECT sum(valeur) FROM {} WHERE indicateur_id = 'visits'"
    there = duckdb.execute(figure.format(f"read_csv('{shared}/csv/valeurs.csv')")).fetchone()
    assert there == release.execute(figure.format("valeurs")).fetchone()


def test_a_french_excel_reads_commas_and_accents(shared):
    content = (shared / "csv-excel" / "qualite.csv").read_bytes()
    assert content.startswith("\ufeff".encode())
    rows = list(csv.reader(content.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[0][:2] == ["controle", "phrase"]
    values = (shared / "csv-excel" / "valeurs.csv").read_text("utf-8-sig")
    assert ";950,0;946,0;954,0;950;arrondi;" in values


def test_no_text_becomes_a_formula(tmp_path):
    write_french_csv(pl.DataFrame({"nom": ["=1+1", " @x", "Le lieu"]}), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text("utf-8-sig").split() == [
        "nom", "'=1+1", "'", "@x", "Le", "lieu",
    ]  # fmt: skip


def test_the_package_describes_every_column(shared, release):
    package = json.loads((shared / "datapackage.json").read_text("utf-8"))
    described = {
        (one["path"], field["name"])
        for one in package["resources"]
        for field in one["schema"]["fields"]
        if field["description"]
    }
    assert described == {
        (f"csv/{table}.csv", column)
        for table, column in release.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    }


def test_a_folder_that_cannot_be_written_is_said_and_what_was_there_stays(published, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ConfigurationError, match="cannot be shared there"):
        share_release(published.settings, tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "a file"


def test_what_a_fault_ends_leaves_the_former_release(published, tmp_path):
    (tmp_path / "SHA256SUMS").write_text("of the former one")
    (tmp_path / "parquet").write_text("in the way")
    with pytest.raises(ConfigurationError, match="cannot be shared there"):
        share_release(published.settings, tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_file()) == [
        "SHA256SUMS", "parquet",
    ]  # fmt: skip
    assert (tmp_path / "SHA256SUMS").read_text() == "of the former one"


def test_a_server_is_brought_the_same_bytes(published, shared, tmp_path, monkeypatch):
    monkeypatch.setenv("CANARY", WORD)
    there, declared = tmp_path / "there", tmp_path / "region.toml"
    there.mkdir()
    with webdav(there) as (url, options):
        declared.write_text(f'url = "{url}"\ntoken = {{ env = "CANARY" }}\noptions = {options}\n')
        done = published.impact("share", str(declared))
    assert done.returncode == 0, done.stderr
    assert sums(there) == sums(shared)
    found = {
        str(file.relative_to(there)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in there.rglob("*")
        if file.is_file() and file.name != "SHA256SUMS"
    }
    assert found == sums(shared)
    assert not list(published.settings.scratch.iterdir())


def test_an_address_is_refused_for_a_file_that_declares_it(published):
    done = published.impact("share", "sftp://depot.example/impact")
    assert done.returncode == 2
    assert "write the address into a TOML file" in done.stderr
