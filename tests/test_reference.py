"""The reference geography can be joined to and summed; SIRET check digits are told apart."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import reference

# Sum of `population` over the current communes of the source package, version 6.0.0.
SOURCE_POPULATION = 68_952_941
SOURCE_COMMUNES = 34_969


@pytest.fixture(scope="module")
def communes() -> pl.DataFrame:
    return reference.communes()


@pytest.fixture
def current(communes: pl.DataFrame) -> pl.DataFrame:
    return communes.filter(pl.col("type") == "commune")


def column_of(file_name: str, column: str) -> list[str]:
    with (reference.REFERENCE_FOLDER / file_name).open(encoding="utf-8", newline="") as lines:
        return [row[column] for row in csv.DictReader(lines)]


def row_of(communes: pl.DataFrame, code: str) -> dict[str, Any]:
    return communes.row(by_predicate=pl.col("commune_code") == code, named=True)


def test_each_inhabitant_is_counted_once_in_the_current_communes(current: pl.DataFrame) -> None:
    total = current["population"].sum()
    assert 67_000_000 < total < 70_000_000
    assert total == SOURCE_POPULATION
    assert current.height == SOURCE_COMMUNES


def test_arrondissements_add_up_to_their_three_cities(communes: pl.DataFrame) -> None:
    arrondissements = communes.filter(pl.col("type") == "arrondissement")
    assert arrondissements.height == 45
    for city, count in {"75056": 20, "69123": 9, "13055": 16}.items():
        parts = arrondissements.filter(pl.col("parent_commune_code") == city)
        assert parts.height == count
        assert parts["population"].sum() == pytest.approx(
            row_of(communes, city)["population"], rel=0.01
        )


def test_only_communes_and_arrondissements_have_a_population(communes: pl.DataFrame) -> None:
    former = communes.filter(pl.col("type").is_in(["commune_deleguee", "commune_associee"]))
    assert former.height > 0
    assert former["population"].null_count() == former.height
    unknown = communes.filter(
        pl.col("type").is_in(["commune", "arrondissement"]) & pl.col("population").is_null()
    )
    assert set(unknown["departement_code"]) == {"984", "989"}


@pytest.mark.parametrize(
    ("code", "name", "epci"),
    [
        ("80021", "Amiens", "248000531"),
        ("02676", "Saint-Erme-Outre-et-Ramecourt", "240200576"),
        ("02173", "Chauny", "200071785"),
        ("75056", "Paris", "200054781"),
        ("29155", "Ouessant", None),
    ],
)
def test_a_commune_is_in_its_epci(
    communes: pl.DataFrame, code: str, name: str, epci: str | None
) -> None:
    row = row_of(communes, code)
    assert (row["name"], row["epci_code"]) == (name, epci)


def test_codes_are_unique_sorted_text_of_five_characters(communes: pl.DataFrame) -> None:
    codes = communes["commune_code"]
    assert codes.n_unique() == codes.len()
    assert codes.to_list() == sorted(codes.to_list())
    assert set(codes.str.len_chars()) == {5}
    assert {"01001", "2A004", "2B033", "97105"} <= set(codes)


def test_all_columns_are_text_except_the_population(communes: pl.DataFrame) -> None:
    types = dict(communes.schema)
    assert types.pop("population") == pl.Int64
    assert set(types.values()) == {pl.String()}
    assert tuple(communes.columns) == reference.COMMUNE_COLUMNS


def test_every_epci_and_departement_of_a_commune_is_listed(communes: pl.DataFrame) -> None:
    used = set(communes["epci_code"].drop_nulls())
    listed = column_of("epcis.csv", "epci_code")
    assert used == set(listed)
    assert len(listed) == len(set(listed))
    regions = dict(
        zip(
            column_of("departements.csv", "departement_code"),
            column_of("departements.csv", "region_code"),
            strict=True,
        )
    )
    pairs = communes.select("departement_code", "region_code").unique().rows()
    assert dict(pairs) == regions
    assert len(pairs) == len(regions)


def test_the_population_of_an_epci_is_that_of_its_current_communes(current: pl.DataFrame) -> None:
    summed = current.drop_nulls("epci_code").group_by("epci_code").agg(pl.col("population").sum())
    given = zip(
        column_of("epcis.csv", "epci_code"), column_of("epcis.csv", "population"), strict=True
    )
    assert dict(summed.rows()) == {code: int(population) for code, population in given}


def test_parts_of_a_commune_share_its_epci_and_departement(communes: pl.DataFrame) -> None:
    parts = communes.filter(pl.col("type") != "commune")
    shared = ("departement_code", "region_code", "epci_code")
    parents = communes.filter(pl.col("type") == "commune").select("commune_code", *shared)
    joined = parts.join(
        parents, left_on="parent_commune_code", right_on="commune_code", suffix="_of_parent"
    )
    assert joined.height == parts.height
    for column in shared:
        assert joined[column].equals(joined[f"{column}_of_parent"].alias(column), null_equal=True)


def test_the_table_is_read_once_and_a_missing_one_is_an_error(tmp_path: Path) -> None:
    assert reference.communes() is reference.communes()
    with pytest.raises(FileNotFoundError):
        reference.communes(tmp_path)


def test_importing_the_module_does_not_load_polars() -> None:
    program = "import sys, flows.reference; sys.exit('polars' in sys.modules)"
    root = reference.REFERENCE_FOLDER.parent.parent
    assert subprocess.run([sys.executable, "-c", program], cwd=root, check=False).returncode == 0


@pytest.mark.parametrize(
    "siret",
    [
        "73282932000074",
        "35600000000048",  # La Poste, head office: follows the general rule
        "35600000049837",  # La Poste, an office: digits add up to 45
    ],
)
def test_a_right_siret_is_accepted(siret: str) -> None:
    assert reference.luhn_is_valid(siret)


@pytest.mark.parametrize(
    "siret",
    [
        "73282932000075",  # last digit changed
        "73282932000704",  # two neighbours swapped
        "35600000049838",  # La Poste, but digits add up to 46
        "10000000000004",  # digits add up to 5, not La Poste
        "732829320",  # a SIREN
        "732829320000740",
        "732 829 320 00074",
        "7328293200007A",
        "\u0667\u0663\u0662\u0668\u0662\u0669\u0663\u0662\u0660\u0660\u0660\u0660\u0667\u0664",
        "",
    ],
)
def test_a_wrong_siret_is_refused(siret: str) -> None:
    assert not reference.luhn_is_valid(siret)


def place(code: str, kind: str, **more: Any) -> dict[str, Any]:
    department = {"departement": "2A", "region": "94"}
    return {"code": code, "nom": f"Nom, {code}", "type": kind, **department, **more}


def tiny_package(folder: Path, **replaced: list[dict[str, Any]]) -> Path:
    """Write a package of two communes, in one EPCI, and return its folder."""
    sources: dict[str, list[dict[str, Any]]] = {
        "communes": [
            place("2A004", "commune-actuelle", population=70),
            place("01001", "commune-actuelle", population=5),
            place("01002", "commune-actuelle"),
            place("2A004", "commune-deleguee", chefLieu="2A004"),
            place("2A005", "commune-deleguee", chefLieu="2A004"),
            place("2A006", "commune-associee", chefLieu="01002"),
            place("2A201", "arrondissement-municipal", commune="2A004", population=70),
        ],
        "epci": [
            {
                "code": "200000001",
                "nom": "CC d'ici",
                "type": "CC",
                "populationMunicipale": 999,
                "membres": [{"code": "2A004"}, {"code": "01001"}],
            }
        ],
        "departements": [{"code": "2A", "nom": "Corse-du-Sud", "region": "94"}],
    }
    (folder / "data").mkdir(parents=True)
    for name, rows in {**sources, **replaced}.items():
        (folder / "data" / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    return folder


def test_rebuilding_gives_the_expected_files(tmp_path: Path) -> None:
    reference.rebuild(tiny_package(tmp_path / "package"), tmp_path / "out")
    assert (tmp_path / "out" / "communes.csv").read_bytes().decode() == (
        "commune_code,name,type,parent_commune_code,departement_code,region_code,epci_code,"
        "population\n"
        '01001,"Nom, 01001",commune,,2A,94,200000001,5\n'
        '01002,"Nom, 01002",commune,,2A,94,,\n'
        '2A004,"Nom, 2A004",commune,,2A,94,200000001,70\n'
        '2A005,"Nom, 2A005",commune_deleguee,2A004,2A,94,200000001,\n'
        '2A006,"Nom, 2A006",commune_associee,01002,2A,94,,\n'
        '2A201,"Nom, 2A201",arrondissement,2A004,2A,94,200000001,70\n'
    )
    assert (tmp_path / "out" / "epcis.csv").read_bytes().decode() == (
        "epci_code,name,type,population\n200000001,CC d'ici,CC,75\n"
    )
    assert (tmp_path / "out" / "departements.csv").read_bytes().decode() == (
        "departement_code,name,region_code\n2A,Corse-du-Sud,94\n"
    )


def test_rebuilding_twice_gives_identical_bytes(tmp_path: Path) -> None:
    package = tiny_package(tmp_path / "package")
    written = []
    for _ in range(2):
        reference.rebuild(package, tmp_path / "out")
        written.append({path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()})
    assert written[0] == written[1]
    assert set(written[0]) == {"communes.csv", "epcis.csv", "departements.csv"}


def test_the_loader_sees_a_table_that_was_just_rebuilt(tmp_path: Path) -> None:
    out = tmp_path / "out"
    reference.rebuild(tiny_package(tmp_path / "before"), out)
    assert reference.communes(out).height == 6
    one = [place("01001", "commune-actuelle")]
    reference.rebuild(tiny_package(tmp_path / "after", communes=one, epci=[]), out)
    assert reference.communes(out).height == 1


def epci(code: str, *members: str) -> dict[str, Any]:
    rows = [{"code": member} for member in members]
    return {"code": code, "nom": "CC", "type": "CC", "membres": rows}


@pytest.mark.parametrize(
    ("replaced", "message"),
    [
        ({"communes": [place("01001", "commune-actuelle")] * 2, "epci": []}, "given twice"),
        (
            {"communes": [place("01001", "commune-deleguee", chefLieu="01009")], "epci": []},
            "01009 of 01001 is not a current commune",
        ),
        ({"communes": [place("01001", "canton")], "epci": []}, "unknown type of place"),
        ({"epci": [epci("200000001", "99999")]}, "not current communes: 99999"),
        ({"epci": [epci("200000001", "01001"), epci("200000002", "01001")]}, "two EPCIs"),
        ({"epci": [epci("200000001"), epci("200000001")]}, "epci_code 200000001 is given twice"),
    ],
)
def test_a_source_that_contradicts_itself_is_refused_and_nothing_is_written(
    tmp_path: Path, replaced: dict[str, list[dict[str, Any]]], message: str
) -> None:
    package = tiny_package(tmp_path / "package", **replaced)
    with pytest.raises(ValueError, match=message):
        reference.rebuild(package, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_that_is_not_the_package_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        reference.rebuild(tmp_path, tmp_path / "out")
