"""What is proposed for files whose people chose words of their own."""

from pathlib import Path

import pytest

from flows.connectors._peek import peek
from flows.errors import ConfigurationError
from flows.guess import guess_source

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
