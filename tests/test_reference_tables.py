"""What SQL knows of communes and programmes, and what a network may say of them itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from flows.errors import ConfigurationError
from flows.network.place_files import read_places
from flows.places import Place, commune_index
from flows.reference import communes
from flows.settings import Settings
from flows.warehouse.reference_tables import check_reference, reference_files, reference_tables
from flows.warehouse.runner import definition_files

TODAY = date(2026, 11, 2)
PLAIN = 'id = "le-lieu"\nname = "Le Lieu"\ncommune_code = "80021"\n'


def tables(settings: Settings, *places: Place) -> dict[str, pl.DataFrame]:
    return reference_tables(settings, places, [], TODAY)


def own(settings: Settings, name: str, text: str) -> Path:
    """A file of the network's own reference data."""
    file = settings.own_reference / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def serving(*codes: str) -> Place:
    given: dict[str, Any] = {"id": "le-lieu", "name": "Le Lieu", "commune_code": "80021"}
    return Place.model_validate({**given, "catchment_communes": list(codes)})


def population(code: str) -> int:
    """As the file says it."""
    return communes().row(by_predicate=pl.col("commune_code") == code, named=True)["population"]


def test_every_code_leads_to_a_commune_of_today_and_people_are_counted_once(settings) -> None:
    commune = tables(settings)["commune"]
    with duckdb.connect() as sql:
        sql.register("commune", commune)
        once = sql.execute("SELECT sum(population) FROM commune WHERE type = 'commune'").fetchone()
        lost = sql.execute(
            "SELECT count(*) FROM commune AS c ANTI JOIN commune AS t "
            "ON t.commune_code = c.current_commune_code AND t.type = 'commune'"
        ).fetchone()
    assert lost == (0,)
    assert once == (communes().filter(pl.col("type") == "commune")["population"].sum(),)
    assert commune["commune_code"].is_unique().all()
    assert set(commune["commune_code"]) == set(commune_index())


@pytest.mark.parametrize(
    ("code", "today", "kind"),
    [
        ("80021", "80021", "commune"),
        ("75111", "75056", "arrondissement"),
        ("69381", "69123", "arrondissement"),
        ("01340", "01015", "commune_deleguee"),
        ("01003", "01165", "commune_ancienne"),  # Amareins, to Francheleins
    ],
)
def test_a_code_says_what_it_is_and_what_it_has_become(settings, code, today, kind) -> None:
    row = tables(settings)["commune"].row(by_predicate=pl.col("commune_code") == code, named=True)
    assert (row["current_commune_code"], row["type"]) == (today, kind)
    index = commune_index()
    assert row["departement_code"] == index[today][1]
    assert (row["epci_code"] or "") == index[today][2]


def test_what_nobody_said_is_unknown(settings) -> None:
    commune = tables(settings)["commune"]
    assert commune["is_frr"].null_count() == commune.height
    assert commune["population_15_64"].null_count() == commune.height


def test_a_network_says_which_communes_are_frr(settings) -> None:
    own(settings, "frr.csv", "commune_code,is_frr,valid_from,source\n"
        "01015,true,2024-07-01,DGCL\n80021,non,2024-07-01,DGCL\n")  # fmt: skip
    check_reference(settings)
    flags = dict(tables(settings)["commune"].select("commune_code", "is_frr").iter_rows())
    assert (flags["01015"], flags["80021"], flags["02676"]) == (True, False, None)
    assert flags["01340"] is True, "a part of a commune has the flag of the commune"


def test_a_position_of_the_network_stands_before_ours(settings) -> None:
    before = tables(settings)["commune"]
    own(settings, "commune_positions.csv", "commune_code;latitude;longitude\n80021;49.5;2.5\n")
    after = tables(settings)["commune"]
    changed = before.join(after, "commune_code", suffix="_after").filter(
        pl.col("latitude").ne_missing(pl.col("latitude_after"))
        | pl.col("longitude").ne_missing(pl.col("longitude_after"))
    )
    amiens = changed.row(by_predicate=pl.col("commune_code") == "80021", named=True)
    assert (amiens["latitude_after"], amiens["longitude_after"]) == (49.5, 2.5)
    assert set(changed["current_commune_code"]) == {"80021"}


def test_an_arrondissement_has_the_position_of_its_city(settings) -> None:
    commune = tables(settings)["commune"]
    paris = commune.filter(pl.col("current_commune_code") == "75056")
    assert paris.height >= 21
    assert paris.select("latitude", "longitude").unique().height == 1
    assert paris["latitude"].null_count() == 0


OWN_FAULTS: dict[str, tuple[str, str, int, str]] = {
    "no column": ("frr.csv", "commune_code,frr\n80021,true\n", 1, "no column is_frr"),
    "unknown commune": ("frr.csv", "commune_code,is_frr\n80021,true\n80000,true\n", 3, "no commune"),
    "no commune": ("frr.csv", "commune_code,is_frr\n,true\n", 2, "no commune"),
    "twice": ("frr.csv", "commune_code,is_frr\n80021,true\n80021,true\n", 3, "twice"),
    "flag in words": ("frr.csv", "commune_code,is_frr\n80021,FRR+\n", 2, "true or false"),
    "empty flag": ("frr.csv", "commune_code,is_frr\n80021,\n", 2, "true or false"),
    "decimal comma": ("commune_positions.csv",
                      'commune_code,latitude,longitude\n80021,"49,8",2.3\n', 2, "point"),
    "part of a person": ("population_15_64.csv",
                         "commune_code,population_15_64\n80021,9.5\n", 2, "number"),
    "too many cells": ("frr.csv", "commune_code,is_frr\n80021,true,x\n", 2, "3 cells"),
}  # fmt: skip


@pytest.mark.parametrize("case", OWN_FAULTS)
def test_a_fault_in_a_file_of_the_network_names_file_line_and_remedy(settings, case) -> None:
    name, text, line, said = OWN_FAULTS[case]
    file = own(settings, name, text)
    with pytest.raises(ConfigurationError) as fault:
        check_reference(settings)
    message = str(fault.value)
    assert message.startswith(f"{file}, line {line}: ")
    assert said in message and "→" in message, message


def test_figures_are_computed_anew_when_reference_data_changes(settings) -> None:
    names = {file.name for file in definition_files(settings)}
    assert {"coefficients.csv", "communes.csv", "commune_changes.csv"} <= names
    file = own(settings, "frr.csv", "commune_code,is_frr\n80021,true\n")
    assert file in reference_files(settings)
    assert file in definition_files(settings)


@pytest.mark.parametrize(
    ("codes", "counted"),
    [
        (["80021", "80131"], ["80021", "80131"]),
        (["01015", "01340"], ["01015"]),  # a part and its commune
        (["01340"], ["01015"]),  # a part has no population of its own
        (["01003"], ["01165"]),  # a former code
        (["75111", "75112"], ["75111", "75112"]),
        (["75111", "75056"], ["75056"]),  # an arrondissement and its city
    ],
)
def test_a_catchment_counts_each_inhabitant_once(settings, codes, counted) -> None:
    catchment = tables(settings, serving(*codes))["catchment_population"]
    expected = sum(population(code) for code in counted)
    assert catchment.rows() == [("le-lieu", expected, len(counted), 2023)]


def test_a_place_without_catchment_has_no_population(settings) -> None:
    assert tables(settings, serving())["catchment_population"].is_empty()


def test_a_programme_of_a_place_is_one_of_the_list(tmp_path: Path, settings) -> None:
    file = tmp_path / "le-lieu.toml"
    file.write_text(f'{PLAIN}[[programmes]]\ncode = "france_service"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError) as fault:
        read_places(tmp_path)
    message = str(fault.value)
    assert "key programmes.0.code" in message
    assert "'france_service'; did you mean 'france_services'?" in message

    file.write_text(f'{PLAIN}[[programmes]]\ncode = "france_services"\nsince = 2020-01-01\n')
    found = tables(settings, *read_places(tmp_path).values())
    assert found["place_programme"].rows() == [
        ("le-lieu", "france_services", date(2020, 1, 1), None)
    ]
    listed = dict(found["programme"].select("programme_code", "starts_on").iter_rows())
    assert listed["service_civique"] == date(2010, 3, 10)
    assert listed["autre"] is None
