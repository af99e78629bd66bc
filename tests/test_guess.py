"""What is proposed for files whose people chose words of their own."""

import tomllib
from pathlib import Path

import pytest

from flows.connectors._peek import peek
from flows.errors import ConfigurationError
from flows.onboarding.guess import guess_source
from flows.onboarding.guess_words import known_words
from flows.onboarding.new_place import source_text
from schemas.codes import Outcome

REGISTER = """\
Cahier des entrées;;;;
rempli par l'équipe;;;;

Ligne;Jour;Arrivé à;Reparti à;Courriel de la personne
E1;03/03/2026;9h05;12h30;une@exemple.fr
E2;03/03/2026;14h;15h45;deux@exemple.fr
E3;04/03/2026;9h30;;une@exemple.fr
"""


def proposed(folder: Path, text: str, feed: str = "attendance") -> dict[str, tuple[list[str], str]]:
    file = folder / "cahier.csv"
    file.write_text(text, encoding="utf-8")
    guess = guess_source(peek(file), feed, file.name)
    return {found.target: (found.headers, found.certainty) for found in guess.found}


def test_a_header_line_of_unknown_words_is_found_and_a_person_has_to_look(tmp_path: Path) -> None:
    assert proposed(tmp_path, REGISTER) == {
        "checked_in_at": (["Jour", "Arrivé à"], "check"),
        "checked_out_at": (["Jour", "Reparti à"], "check"),
        "identity.email": (["Courriel de la personne"], "check"),
    }


def test_a_longer_header_is_known_by_a_telling_word_that_it_holds(tmp_path: Path) -> None:
    found = proposed(
        tmp_path,
        "N° demande;Date et heure;Type de service;Pour quel opérateur;Temps passé\n"
        "G1;03/03/2026 09:20;France services;CAF;45 min\n"
        "G2;03/03/2026 10:40;France services;CPAM;0h30\n",
        "service_usage",
    )
    assert found["operator_code"] == (["Pour quel opérateur"], "check")
    assert found["duration_minutes"][0] == ["Temps passé"]


@pytest.mark.parametrize(
    "rows",
    [
        "Secretino;Anna;Coworking\nSecretina;Ada;Fablab\n",  # words alone: which line names them?
        "Secretino;06/10/2025;Coworking\nSecretina;07/10/2025;Fablab\n",
    ],
)
def test_without_a_header_line_nothing_is_proposed(tmp_path: Path, rows: str) -> None:
    with pytest.raises(ConfigurationError, match="no header line"):
        proposed(tmp_path, rows)


@pytest.mark.parametrize("header", ["Payé ?", "État du paiement", "Nom sur la liste"])
def test_yes_and_no_answer_their_header_and_are_no_code_and_no_name(
    tmp_path: Path, header: str
) -> None:
    rows = [f"{n};0{n}/03/2026;{('oui', 'non', '')[n % 3]}\n" for n in range(1, 10)]
    found = proposed(tmp_path, f"N°;Date;{header}\n" + "".join(rows))
    assert {*found} == {"record_id", "checked_in_at"}


def test_yes_and_no_under_the_name_of_a_column_are_its_codes(tmp_path: Path) -> None:
    found = proposed(tmp_path, "N°;Date;Présence\n1;03/03/2026;oui\n2;04/03/2026;non\n")
    assert found["attendance_status"] == (["Présence"], "sure")


def test_the_share_that_fits_is_that_of_the_day_and_hour_read_together(tmp_path: Path) -> None:
    days = ["mardi 3 mars 2026", "3 mars 2026", "03/03/2026", "mardi"]
    rows = [f"{n};{day};{n}h05\n" for n, day in enumerate(days, start=1)]
    file = tmp_path / "cahier.csv"
    file.write_text("N°;Jour;Heure d'arrivée\n" + "".join(rows), encoding="utf-8")
    found = {f.target: f for f in guess_source(peek(file), "attendance", file.name).found}
    assert found["checked_in_at"].headers == ["Jour", "Heure d'arrivée"]
    assert found["checked_in_at"].why == "the day joined with its hour; 75% of cells fit"


def test_a_column_with_one_cell_that_cannot_be_read_does_not_fit_wholly(tmp_path: Path) -> None:
    rows = [f"{n};03/03/2026\n" for n in range(400)] + ["400;mardi\n"]
    file = tmp_path / "cahier.csv"
    file.write_text("N°;Jour\n" + "".join(rows), encoding="utf-8")
    found = {f.target: f for f in guess_source(peek(file), "attendance", file.name).found}
    assert found["checked_in_at"].why == "the header; 99% of cells fit"


MEDIATION = (
    "N° fiche;Date du RDV;Motif de la visite;Mode d'accueil;Résolu sur place\n"
    "F1;03/03/2026;Impôts;Téléphone;Oui\nF2;03/03/2026;Impôts;Sur rendez-vous;Non\n"
    "F3;04/03/2026;Impôts;Sur rendez-vous;Orienté\nF4;04/03/2026;Impôts;Sur rendez-vous;Oui\n"
)


def test_a_register_of_mediation_is_known_by_the_words_of_its_headers(tmp_path: Path) -> None:
    assert proposed(tmp_path, MEDIATION, "service_usage") == {
        "record_id": (["N° fiche"], "sure"),
        "occurred_at": (["Date du RDV"], "sure"),
        "service_code": (["Motif de la visite"], "check"),
        "mode": (["Mode d'accueil"], "decide"),
        "outcome": (["Résolu sur place"], "likely"),
    }


def test_a_list_that_is_not_required_waits_as_a_comment_for_the_codes_of_its_words(
    tmp_path: Path,
) -> None:
    file = tmp_path / "suivi.csv"
    file.write_text(MEDIATION, encoding="utf-8")
    text = source_text(guess_source(peek(file), "service_usage", file.name), file, tmp_path)
    assert '# To decide, once its words below have codes: mode = "Mode d\'accueil"\n' in text
    [source] = tomllib.loads(text)["sources"]
    assert "mode" not in source["columns"]
    assert source["values"]["mode"] == {"Téléphone": "a_distance"}
    assert source["values"]["outcome"] == {"Oui": "resolu_sur_place", "Orienté": "oriente"}
    assert '# To decide: "Sur rendez-vous" = "…"' in text


@pytest.mark.parametrize(
    ("feed", "target", "header", "cells"),
    [
        ("service_usage", "service_code", "Nature de la demande", "France services"),
        ("service_usage", "outcome", "Issue", "Orienté"),
        ("service_usage", "outcome", "Résultat", "Abandonné"),
        ("service_usage", "duration_minutes", "Durée de l'accompagnement", "1h30"),
        ("attendance", "headcount", "Nombre de visiteurs", "12"),
        ("attendance", "space_code", "Motif de la visite", "Coworking"),
        ("attendance", "identity.source_id", "N° de badge", "B-12"),
        ("employment", "ended_on", "Fin de contrat", "31 décembre 2026"),
        ("employment", "weekly_minutes", "Heures hebdomadaires", "17h30"),
        ("employment", "exit_reason", "Motif de fin de contrat", "CDI (durable)"),
        ("employment", "post_code", "Intitulé du poste", "Animateur"),
    ],
)
def test_what_french_places_write_over_a_column_is_known(
    tmp_path: Path, feed: str, target: str, header: str, cells: str
) -> None:
    day = "Date d'embauche" if feed == "employment" else "Date"
    rows = [f"{n};0{n}/03/2026;{cells}\n" for n in range(1, 5)]
    found = proposed(tmp_path, f"N°;{day};{header}\n" + "".join(rows), feed)
    assert found[target] == ([header], "sure")


def test_a_list_of_services_is_taken_before_a_list_of_reasons(tmp_path: Path) -> None:
    rows = [f"{n};0{n}/03/2026;Papiers;Aide\n" for n in range(1, 5)]
    found = proposed(tmp_path, "N°;Date;Motif;Service\n" + "".join(rows), "service_usage")
    assert found["service_code"] == (["Service"], "check")


def test_a_kind_of_people_is_no_name(tmp_path: Path) -> None:
    rows = [f"{n};0{n}/03/2026;Retraité\n" for n in range(1, 5)]
    found = proposed(tmp_path, "N°;Date;Type de bénéficiaire\n" + "".join(rows))
    assert "identity.last_name" not in found


def test_a_word_that_denies_another_is_not_taken_for_it() -> None:
    words = known_words("outcome", Outcome.values())
    assert words.near("Resolu sur plase") == "resolu_sur_place"
    assert words.near("Non résolu sur place") is None
