"""A person is one key in all the tools of one place, and nothing else of them is kept."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import os
import stat
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.errors import ConfigurationError
from flows.intake.pseudonym import fingerprint, place_key, pseudonymiser
from flows.stages.build import build_warehouse
from schemas import CONTRACTS
from schemas.codes import AgeBand
from tests.conftest import AS_OF

IDENTITY = {"email": "Courriel", "last_name": "Nom", "first_name": "Prénom",
            "birth_date": "Né(e) le", "source_id": "Adhérent"}  # fmt: skip
HEADERS = list(IDENTITY.values())
ELSA = ["", "Lefèvre-Noël", "Elsa", "07/03/1985", ""]
WRITTEN = [
    ["", "LEFEVRE NOEL", " elsa ", "7/3/1985", ""],
    ["", "Elsa", "Lefèvre-Noël", "1985-03-07", ""],
    ["", "Noël Lefèvre", "Elsa", "07/03/85", ""],
    ["", "Lefe\u0300vre\u00a0Noe\u0308l", "ELSA", "31113", ""],
]
TOOL = {"feed": "attendance", "identity": IDENTITY,
        "columns": {"record_id": "N°", "checked_in_at": "Date"}}  # fmt: skip
WHO = "SELECT source_id, record_id, person_key, identity_kind FROM record.attendance ORDER BY ALL"


def export(people: list[list[str]], day: str = "03/02/2025 12:00", header: str = "") -> str:
    lines = [["N°", "Date", *HEADERS]]
    for number, person in enumerate(
        people, start=1
    ):  # at one time, two would be at one appointment
        lines.append([str(number), day.replace(":00", f":{number % 60:02}"), *person])
    return "\n".join(";".join(line) for line in lines)


@pytest.fixture
def keys_of(tmp_path: Path, settings, make_place, collect, read) -> Callable[..., list[Any]]:
    """Key and kind of each person of the exports, each export being a tool of its own."""

    def load(*exports: list[list[str]], **place: Any) -> list[Any]:
        files = {f"tool-{number}.csv": export(rows) for number, rows in enumerate(exports)}
        sources = [TOOL | {"id": name[:-4], "path": name} for name in files]
        reports = collect(make_place(tmp_path, files, sources=sources, place=place), settings)
        assert all((r.failed, r.refused, r.quarantined) == ([], [], 0) for r in reports)
        return [row[2:] for row in read(settings, WHO)]

    return load


@pytest.mark.parametrize("written", WRITTEN, ids=["case", "order", "two-digits", "accents-apart"])
def test_one_person_written_in_two_tools_in_two_ways_has_one_key(keys_of, written) -> None:
    [(key, kind), other] = keys_of([ELSA], [written])
    assert kind == "name_birth" and len(key) == 32
    assert other == (key, kind)


def test_somebody_born_before_1970_is_the_same_with_a_year_of_two_digits(keys_of) -> None:
    old = ["", "Nom", "Ancien", "12/05/1945", ""]
    assert len(set(keys_of([old], [[*old[:3], "12/05/45", ""]]))) == 1


@pytest.mark.parametrize(
    "written", ["ELSA@Example.ORG ", "\u00a0elsa@example.org", "mailto:elsa@example.org"]
)
def test_an_address_is_the_same_in_any_case_and_with_any_space(keys_of, written: str) -> None:
    found = keys_of([["elsa@example.org", "", "", "", ""]], [[written, "", "", "", ""]])
    assert found[0][1] == "email"
    assert found[0] == found[1]


def test_different_people_have_different_keys(keys_of) -> None:
    people = [ELSA, [*ELSA[:3], "08/03/1985", ""], ["", "Lefèvre", "Elsa", "07/03/1985", ""],
              ["a@example.org", "", "", "", ""], ["b@example.org", "", "", "", ""],
              ["", "", "", "", "12"], ["", "", "", "", "13"]]  # fmt: skip
    assert len({key for key, _ in keys_of(people)}) == len(people)


def test_the_address_wins_over_the_name_and_the_number_comes_last_and_says_so(keys_of) -> None:
    whole = ["elsa@example.org", *ELSA[1:4], "A-12"]
    people = [whole, ["elsa@example.org", "", "", "", "B-9"], [*ELSA[:4], "A-12"],
              ["sans courriel", *ELSA[1:4], ""], ["", *ELSA[1:3], "", "A-12"], [""] * 5]  # fmt: skip
    found = keys_of(people)
    kinds = [kind for _, kind in found]
    assert kinds == ["email", "email", "name_birth", "name_birth", "source_id", None]
    keys = [key for key, _ in found]
    assert keys[0] == keys[1] != keys[2] == keys[3] != keys[4]
    assert keys[5] is None


def test_a_place_may_put_the_name_before_the_address(keys_of) -> None:
    order = ["name_birth", "email", "source_id"]
    whole = ["elsa@example.org", *ELSA[1:]]
    first, second = keys_of([whole], [ELSA], identity_order=order)
    assert first == second and first[1] == "name_birth"


def test_the_number_of_one_tool_is_nobody_in_another(keys_of) -> None:
    number = ["", "", "", "", "A-12"]
    first, spaced, elsewhere = keys_of([number, [*number[:4], " a-12 "]], [number])
    assert first == spaced
    assert first[1] == elsewhere[1] == "source_id"
    assert first[0] != elsewhere[0]


def test_a_reference_to_nothing_and_a_formula_that_fails_are_nobody(keys_of) -> None:
    cells = ("Personnes[0]", "#DIV/0!", "#TypeError", "#Invalid Date: 31/02/2026", "Personnes[7]",
             "#A12")  # fmt: skip
    kinds = [kind for _, kind in keys_of([["", "", "", "", cell] for cell in cells])]
    assert kinds == [None] * 4 + ["source_id"] * 2


WORDS_FOR_NOBODY = [
    "0", "00", "0,0", "-", "—", "???", "/", "XXX", "N/A", "#VALEUR!", "#NOM?", "#####", "Err:502",
    "INCONNUE", "non renseigné", "Anonyme", "visiteur", "NaN", "(vide)", "#DÉVERSEMENT!", "-1",
    "#NOM\u00a0?", "- Aucun -", "<inconnu>", "*** Inconnu(e) ***", "False", "[null]",
    "00000000-0000-0000-0000-000000000000",
]  # fmt: skip


def test_a_word_for_nobody_is_nobody(keys_of) -> None:
    numbers = [["", "", "", "", word] for word in WORDS_FOR_NOBODY]
    names = [["", word, word, ELSA[3], ""] for word in WORDS_FOR_NOBODY]
    found = keys_of(numbers + names)
    assert found == [(None, None)] * len(found)


def test_a_short_name_or_one_that_is_a_word_too_is_somebody(keys_of) -> None:
    names = ["So", "Na", "Xu", "Personne", "Nulle"]
    found = keys_of([["", name, "Elsa", ELSA[3], ""] for name in names])
    assert {kind for _, kind in found} == {"name_birth"}
    assert len({key for key, _ in found}) == len(names)


def test_an_address_that_a_form_wanted_is_nobody(keys_of) -> None:
    addresses = ["sans-mail@exemple.fr", "pasdemail@exemple.fr", "xxx@xxx.fr", "noreply@exemple.fr"]
    found = keys_of([[address, "", "", "", ""] for address in addresses])
    assert found == [(None, None)] * len(addresses)


def test_a_cell_with_two_addresses_is_nobody_s(keys_of) -> None:
    both = ["a@example.org, b@example.org", "A <a@example.org> B <b@example.org>", "a@", "@"]
    assert keys_of([[cell, "", "", "", ""] for cell in both]) == [(None, None)] * len(both)


ŒUVRE = ["Cœurdevey-Ærø", "Laëtitia"]
ALSO_ŒUVRE = [
    ["COEURDEVEY AERO", "Laetitia"], ["Mme Cœurdevey-Ærø", "Laëtitia"],
    ["Laëtitia", "MLLE. COEURDEVEY-AERO"], ["Cœurdevey-Ærø (Mme)", "Laëtitia"],
    ["Madame Dr Cœurdevey Ærø", "Laëtitia"], ["Cœurdevey-Ærø", "Mme Laëtitia"],
    ["Duval née Cœurdevey-Ærø", "Laëtitia"], ["DUVAL (NÉE CŒURDEVEY-ÆRØ)", "LAËTITIA"],
    ["Cœurdevey-Ærø épouse Duval", "Laëtitia"], ["Mme Cœurdevey-Ærø ép. Duval", "Laëtitia"],
    ["Veuve Cœurdevey-Ærø", "Laëtitia"], ["Cœur\u200bdevey Mme Ærø", "Laëtitia"],
    ["Cœurdevey\u2011Ærø", "Mle Laëtitia"],
]  # fmt: skip


def test_ligatures_civilities_and_names_of_marriage_make_nobody_else(keys_of) -> None:
    found = keys_of([["", *names, "09/11/1971", ""] for names in [ŒUVRE, *ALSO_ŒUVRE]])
    assert found == [(found[0][0], "name_birth")] * len(found)


def test_a_row_that_names_one_person_and_counts_several_is_a_group_of_nobody(
    tmp_path, settings, make_place, collect, read
) -> None:
    header = "N°;Date;Nombre;Courriel;Genre"
    lines = ["1;03/02/2025 12:00;18;guide@example.org;F", "2;03/02/2025 12:00;1;b@example.org;F"]
    place = make_place(
        tmp_path, {"e.csv": "\n".join([header, *lines])}, identity={"email": "Courriel"},
        columns=TOOL["columns"] | {"headcount": "Nombre", "gender": "Genre"},
        values={"gender": {"F": "feminin"}},
    )  # fmt: skip
    [report] = collect(place, settings)
    assert (report.loaded, report.quarantined) == (2, 0)
    told = "SELECT headcount, person_key IS NULL, gender IS NULL FROM record.attendance ORDER BY 1"
    assert read(settings, told) == [(1, False, False), (18, True, True)]


def test_letters_of_a_civility_within_a_name_are_letters(keys_of) -> None:
    people = [["", "Maître", "Elsa", ELSA[3], ""], ["", "-", "Elsa", ELSA[3], ""],
              ["", "Drouet", "Elsa", ELSA[3], ""], ["", "Ouet", "Elsa", ELSA[3], ""],
              ["", "Epinay", "Elsa", ELSA[3], ""], ["", "Inay", "Elsa", ELSA[3], ""]]  # fmt: skip
    assert len({key for key, _ in keys_of(people)}) == len(people)


def test_a_name_before_an_address_is_no_part_of_it(keys_of) -> None:
    addresses = ["elsa@example.org", "Elsa L. <elsa@example.org>", "L Elsa <ELSA@example.org>",
                 "<mailto:elsa@example.org>", "elsa@example.org (Elsa)", "'elsa@example.org'.",
                 "elsa@example.org, elsa@example.org", "elsa\u200b@example.org"]  # fmt: skip
    found = keys_of([[address, "", "", "", ""] for address in addresses])
    assert found == [(found[0][0], "email")] * len(addresses)


BORN_SHORT = [
    ("03/02/2025", "04/07/26", "04/07/1926"), ("03/02/2025", "04/07/31", "04/07/1931"),
    ("03/02/2025", "02/02/25", "02/02/2025"), ("03/02/2025", "04/02/25", "04/02/1925"),
    ("29/02/2024", "04/07/24", "04/07/1924"), ("03/02/2025", "04-07-32", "04/07/1932"),
    ("03/02/2025", "04.07.33", "04/07/1933"), ("03/02/2025", "29/02/40", "29/02/1940"),
]  # fmt: skip


def test_a_birth_year_of_two_digits_is_read_against_the_day_of_the_event(
    tmp_path, settings, make_place, collect, read
) -> None:
    births = [(day, n, born) for n, (day, *two) in enumerate(BORN_SHORT) for born in two]
    lines = [f"{line};{day} 12:00;Nom{'abcdefgh'[n]};Elsa;{born}"
             for line, (day, n, born) in enumerate(births)]  # fmt: skip
    place = make_place(
        tmp_path, {"e.csv": "\n".join(["N°;Date;Nom;Prénom;Né(e) le", *lines])},
        columns=TOOL["columns"],
        identity={"last_name": "Nom", "first_name": "Prénom", "birth_date": "Né(e) le"},
    )  # fmt: skip
    assert collect(place, settings)[0].loaded == len(lines)
    who = "SELECT person_key, age_band FROM record.attendance ORDER BY CAST(record_id AS INT)"
    found = read(settings, who)
    assert found[::2] == found[1::2]
    assert len(set(found)) == len(BORN_SHORT) and None not in {*sum(found, ())}


def test_a_birth_date_that_is_none_is_nobody(keys_of) -> None:
    births = ["01/01/1900", "01/01/00", "02/01/1901", "04/02/2031", "1"]
    found = keys_of([["", "Nom", "Elsa", born, ""] for born in births])
    assert found == [(None, None)] * len(births)


def test_nobody_was_born_on_the_first_day_of_a_spreadsheet(
    tmp_path, settings, make_place, collect, read
) -> None:
    file = export([["", "Nom", "Elsa", born, ""] for born in ("01/01/1900", "02/01/1900")],
                  "03/02/2015 12:00")  # fmt: skip
    collect(make_place(tmp_path, {"e.csv": file}, **TOOL), settings)
    sql = "SELECT person_key IS NULL, age_band IS NULL FROM record.attendance ORDER BY record_id"
    assert read(settings, sql) == [(True, True), (False, False)]


def test_the_number_of_a_tool_is_the_same_with_the_zero_of_a_spreadsheet(keys_of) -> None:
    numbers = [
        ["", "", "", "", number]
        for number in ("7301", "7301.0", "7301,00", "=7301", "'7301", "7301.5")
    ]
    keys = [key for key, _ in keys_of(numbers)]
    assert len(set(keys[:-1])) == 1 and keys[-1] != keys[0]


def test_a_number_that_a_spreadsheet_cut_is_nobody(keys_of) -> None:
    numbers = ["2,70118E+14", "9.3e+15", "2.7E14", "27011859350123400", "8801185935012000"]
    found = keys_of([["", "", "", "", number] for number in numbers])
    assert found == [(None, None)] * len(numbers)


def test_long_numbers_that_nothing_cut_are_people(keys_of) -> None:
    numbers = ["27011859350123410", "27011859350123417", "270118593501200", "5E", "2E14", "E+14"]
    found = keys_of([["", "", "", "", number] for number in numbers])
    assert len({key for key, _ in found} - {None}) == len(numbers)


def test_a_record_has_the_number_of_its_tool_and_one_that_was_cut_is_refused(
    tmp_path, settings, make_place, collect, read
) -> None:
    lines = [f"{number};03/02/2025 12:00" for number in ("880", "881.0", "1,85027E+14")]
    place = make_place(tmp_path, {"e.csv": "\n".join(["N°;Date", *lines])}, columns=TOOL["columns"])
    [report] = collect(place, settings)
    assert (report.loaded, report.quarantined) == (2, 1)
    assert read(settings, "SELECT record_id FROM record.attendance ORDER BY 1") == [
        ("880",), ("881",)
    ]  # fmt: skip
    [(rule, said)] = read(settings, "SELECT rule, sentence_en FROM ledger.quarantine")
    assert rule == "unreadable_identifier" and "spreadsheet" in said


def test_a_name_without_a_birth_date_is_nobody(keys_of) -> None:
    unsure = [
        ["", *ELSA[1:3], "", ""],
        ["", *ELSA[1:3], "31/02/1985", ""],
        ["", "", "", ELSA[3], ""],
    ]
    assert keys_of(unsure) == [(None, None)] * 3


def test_another_place_gives_the_same_person_another_key(
    tmp_path, settings, make_place, collect, read
) -> None:
    for name in ("un-lieu", "autre-lieu"):
        place = make_place(tmp_path, {"e.csv": export([ELSA])}, place={"id": name}, **TOOL)
        assert collect(place, settings)[0].loaded == 1
    keys = read(settings, "SELECT place_id, person_key FROM record.attendance")
    assert len(keys) == len({key for _, key in keys}) == 2


def test_with_one_key_for_the_network_a_person_is_one_and_a_number_of_a_tool_stays_its_own(
    tmp_path, settings, make_place, collect, read
) -> None:
    network = dataclasses.replace(settings, person_key="network")
    for name in ("un-lieu", "autre-lieu"):
        people = [ELSA, ["", "", "", "", "A-12"]]
        place = make_place(tmp_path, {"e.csv": export(people)}, place={"id": name}, **TOOL)
        assert collect(place, network)[0].loaded == 2
    asked = "SELECT record_id, count(DISTINCT person_key) FROM record.attendance GROUP BY 1"
    assert dict(read(network, asked)) == {"1": 1, "2": 2}
    assert [file.name for file in network.keys.iterdir()] == ["_network.key"]


def test_a_network_that_changes_who_has_a_key_is_stopped(
    tmp_path, settings, make_place, collect
) -> None:
    place = make_place(tmp_path, {"e.csv": export([ELSA])}, **TOOL)
    assert collect(place, settings)[0].loaded == 1
    network = dataclasses.replace(settings, person_key="network")
    [no_key] = collect(place, network)
    (settings.keys / "_network.key").write_text("00" * 32)
    [other_key] = collect(place, network)
    for report in (no_key, other_key):
        assert report.loaded == 0 and "person_key" in str(report.failed)


def test_no_name_address_or_birth_date_is_anywhere_in_the_warehouse(
    keys_of, settings, read
) -> None:
    keys_of([["elsa@example.org", *ELSA[1:4], "A-12"]])
    for contract in CONTRACTS.values():
        columns = set(contract.to_schema().columns)
        assert not columns & {"email", "last_name", "first_name", "name", "birth_date", "source_id"}
    tables = read(
        settings, "SELECT table_schema || '.' || table_name FROM information_schema.tables"
    )
    held = repr([read(settings, f"SELECT * FROM {table}") for (table,) in tables]).lower()
    assert "registre" not in held and "tool-0" in held
    for word in ("elsa", "lefèvre", "07/03/1985", "1985-03-07", "(1985, 3, 7", "a-12"):
        assert word not in held, word


PERSONAL = ["person_key", "identity_kind", "age_band", "gender", "social_status", "home_commune"]
SERVED = {"gender": "feminin", "social_status": "retraite", "home_commune": "80021"}


@pytest.mark.parametrize("service", ["telemedecine", "petite_enfance", "formation"])
@pytest.mark.parametrize(
    ("feed", "event", "named", "more"),
    [("service_usage", "occurred_at", "service_code", {"autonomy": "autonome"}),
     ("attendance", "checked_in_at", "space_code", {"usual_work_commune": "80021"})],
    ids=["service_usage", "attendance"],
)  # fmt: skip
def test_a_sensitive_service_keeps_nothing_of_a_person(
    tmp_path, settings, make_place, collect, read, service, feed, event, named, more
) -> None:
    place = make_place(
        tmp_path, {"e.csv": export([ELSA])}, feed=feed, identity=IDENTITY,
        columns={"record_id": "N°", event: "Date"}, constants=SERVED | more | {named: service},
    )  # fmt: skip
    assert collect(place, settings)[0].loaded == 1
    wanted = [*PERSONAL, *more]
    [kept] = read(settings, f"SELECT {', '.join(wanted)} FROM record.{feed}")
    known = [name for name, value in zip(wanted, kept, strict=True) if value is not None]
    assert known == (wanted if service == "formation" else [])


@pytest.mark.parametrize(
    "who", ["email|elsa@exemple.fr", "name_birth|œuvre é|1985-03-07", "x" * 200]
)
def test_a_pseudonym_is_half_of_the_hmac_of_the_standard_library(who: str) -> None:
    key = bytes(range(32))
    expected = hmac.new(key, f"v1|lieu|{who}".encode(), hashlib.sha256).hexdigest()[:32]
    assert pseudonymiser(key)(who) == expected


def test_a_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        key = place_key(tmp_path / "keys" / "le-lieu.key", "le-lieu", None)
    finally:
        os.umask(before)
    [file] = (tmp_path / "keys").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert len(key) == 32
    assert place_key(tmp_path / "keys" / "le-lieu.key", "le-lieu", fingerprint(key)) == key
    assert place_key(tmp_path / "keys" / "autre-lieu.key", "autre-lieu", None) != key


@pytest.mark.parametrize(
    ("content", "said"),
    [(None, "missing"), (b"00" * 32, "not the key"), (b"", "damaged"), (b"\xff\xfe", "damaged"),
     (b"00" * 31, "damaged")],
    ids=["missing", "other", "empty", "not-text", "short"],
)  # fmt: skip
def test_without_its_own_key_a_place_is_refused_and_nothing_is_loaded(
    tmp_path, settings, make_place, collect, read, content: bytes | None, said: str
) -> None:
    place = make_place(tmp_path, {"tool.csv": export([ELSA])}, **TOOL)
    collect(place, settings)
    file = settings.keys / "le-lieu.key"
    file.unlink() if content is None else file.write_bytes(content)
    more = make_place(tmp_path, {"tool.csv": export([ELSA, ELSA])}, **TOOL)
    [message] = collect(more, settings)[0].failed
    assert said in message and str(file) in message
    assert read(settings, "SELECT count(*) FROM record.attendance") == [(1,)]
    [(known,)] = read(settings, "SELECT key_fingerprint FROM ledger.place_key")
    with pytest.raises(ConfigurationError, match=said):
        place_key(settings.key_file("le-lieu"), "le-lieu", known)


BANDS = [(12, AgeBand.UNDER_12), (18, AgeBand.FROM_12_TO_17), (25, AgeBand.FROM_18_TO_24),
         (40, AgeBand.FROM_25_TO_39), (60, AgeBand.FROM_40_TO_59), (70, AgeBand.FROM_60_TO_69),
         (200, AgeBand.FROM_70)]  # fmt: skip


def band_at(born: date, day: date) -> str | None:
    """By counting birthdays one after the other; the 29 February falls on 1 March otherwise."""
    age = -1
    for year in range(born.year, day.year + 1):
        is_leap = (date(year, 3, 1) - timedelta(1)).day == 29
        leap_child = (born.month, born.day) == (2, 29)
        birthday = date(year, 3, 1) if leap_child and not is_leap else born.replace(year=year)
        age += birthday <= day
    return next((band.value for limit, band in BANDS if 0 <= age < limit), None)


def test_the_age_band_is_that_of_the_day_of_the_event(
    tmp_path, settings, make_place, collect, read
) -> None:
    days = [date(2025, 2, 28), date(2025, 3, 1), date(2024, 2, 29), date(2026, 3, 7)]
    births = [
        date(day.year - age, day.month, min(day.day, 28)) + timedelta(shift)
        for day in days
        for age in (0, 12, 18, 25, 40, 60, 70, 100)
        for shift in (-1, 0, 1)
    ]
    births += [date(2000, 2, 29), date(2008, 2, 29), date(2012, 2, 29)]  # fmt: skip
    lines = [f"{n};{day:%d/%m/%Y} 00:30;{born:%d/%m/%Y}"
             for n, (day, born) in enumerate((d, b) for d in days for b in births)]  # fmt: skip
    place = make_place(
        tmp_path, {"e.csv": "\n".join(["N°;Date;Né(e) le", *lines])},
        columns=TOOL["columns"], identity={"birth_date": "Né(e) le"},
    )  # fmt: skip
    assert collect(place, settings)[0].loaded == len(lines)
    found = read(settings, "SELECT age_band FROM record.attendance ORDER BY CAST(record_id AS INT)")
    expected = [(band_at(born, day),) for day in days for born in births]
    assert len(set(expected)) == 8
    assert found == expected


@pytest.mark.parametrize(
    ("identity", "told"),
    [
        ({"last_name": "Nom", "first_name": "Prénom"}, "not_applicable"),
        ({"last_name": "Nom", "birth_date": "Né(e) le"}, "ok"),
    ],
)
def test_where_nobody_can_be_recognised_people_are_not_counted_as_none(
    tmp_path, settings, make_place, collect, read, identity, told
) -> None:
    space = {"space_code": "coworking"}
    tool = TOOL | {"identity": identity, "coverage": "months", "constants": space}
    place = {"opened_on": date(2025, 1, 1), "services": ["coworking"]}
    here = make_place(tmp_path, {"e.csv": export([ELSA])}, sources=[tool], place=place)
    collect(here, settings)
    build_warehouse([here], settings, AS_OF, force=True)
    sql = (
        "SELECT DISTINCT status FROM indicator.value WHERE indicator_id = '{}' "
        "AND scope_id = 'le-lieu' AND period_id = '2025-02'"
    )
    assert read(settings, sql.format("visits")) == [("ok",)]
    for name in ("persons_reached", "coworking_days"):
        assert read(settings, sql.format(name)) == [(told,)], name
