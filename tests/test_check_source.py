"""Looking at a source before it is collected: all is said, nothing is written, nobody is shown."""

from pathlib import Path
from typing import Any

import pytest

from flows.cli import main

PLACE = """\
id = "le-lieu"
name = "Le Lieu"
commune_code = "80021"
opened_on = 2025-01-01

[[sources]]
id = "registre"
feed = "attendance"
connector = "file"
path = "../exports/registre*.csv"
rhythm = "weekly"
coverage = "days"

[sources.columns]
record_id = "N°"
checked_in_at = "Arrivée"
space_code = "Espace"
role = "Qualité"

[sources.values.role]
"Adhérent" = "usager"
"""
HEADER = "N°;Arrivée;Espace;Qualité\n"
ROWS = (
    "1;06/10/2025 09:00;Coworking;Adhérent\n"
    "2;06/10/2025 10:00;coworking;Adhérent\n"
    "3;31/02/2025 10:00;Fablab;Adhérent\n"
    "4;08/10/2025 10:00;Fablab;Adhérent\n"
    "4;08/10/2025 10:00;Fablab;Adhérent\n"
    "Total;5;;\n"
)


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A network with one place, whose register has a date, a repeated row and a total to mend."""
    monkeypatch.chdir(tmp_path)
    for name in ("IMPACT_HOME", "IMPACT_PLACES", "IMPACT_KEYS"):
        monkeypatch.delenv(name, raising=False)
    assert main(["init", "réseau"]) == 0
    folder = tmp_path / "réseau"
    monkeypatch.chdir(folder)
    (folder / "places" / "le-lieu.toml").write_text(PLACE, encoding="utf-8")
    (folder / "exports" / "registre.csv").write_text(HEADER + ROWS, encoding="utf-8")
    return folder


def everything(folder: Path) -> dict[Path, Any]:
    """Every file with its bytes and the time of its last change."""
    return {
        path: (path.read_bytes() if path.is_file() else None, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
    }


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    capsys.readouterr()
    code = main(["check-source", *(arguments or ("le-lieu", "registre"))])
    return code, "".join(capsys.readouterr())


def test_what_would_be_loaded_and_refused_is_said(network, capsys) -> None:
    code, text = shown(capsys)
    assert code == 3
    assert "6 received" in text
    assert "3 would be loaded" in text
    assert "2 quarantined" in text
    assert "1 repeated" in text
    assert "1 × Arrivée: unreadable_timestamp (row 4, such as '99/99/9999 99:99')" in text
    assert "The date and time cannot be read" in text
    assert "1 × the row: total_row (row 7)" in text
    assert "31/02/2025" not in text


def test_the_counts_are_those_of_a_collection(network, capsys, collect) -> None:
    from flows.network.place_files import read_place
    from flows.settings import read_settings

    [report] = collect(read_place(network / "places" / "le-lieu.toml"), read_settings({}))
    assert (report.received, report.loaded, report.quarantined, report.duplicates) == (6, 3, 2, 1)


def test_nothing_is_written_in_a_new_network_nor_in_one_with_a_warehouse(
    network, capsys, collect
) -> None:
    from flows.network.place_files import read_place
    from flows.settings import read_settings

    before = everything(network.parent)
    shown(capsys)
    assert everything(network.parent) == before
    collect(read_place(network / "places" / "le-lieu.toml"), read_settings({}))
    before = everything(network.parent)
    assert shown(capsys)[0] == 3
    assert everything(network.parent) == before


def test_the_days_that_it_proves_and_those_that_it_leaves_open_are_said(network, capsys) -> None:
    _, text = shown(capsys)
    assert (
        "would prove 2 days, from 2025-10-06 to 2025-10-08; "
        "1 expected days are missing in between, 2025-10-07 first" in text
    )


def test_a_frequent_word_without_a_code_is_shown_and_a_rare_one_is_not(network, capsys) -> None:
    rows = [f"{n};06/10/2025 09:00;Coworking;Adhérent\n" for n in range(1, 9)]
    rows += [f"{n};06/10/2025 09:00;Verrière;Adhérent\n" for n in range(11, 14)]
    rows += ["20;06/10/2025 09:00;Jeannette;Adhérent\n"]
    (network / "exports" / "registre.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    _, text = shown(capsys)
    assert "no code of space_code: 'Verrière' (3 rows)" in text
    assert "1 word that is no code of space_code (1 rows), not shown" in text
    assert "Jeannette" not in text
    assert "4 × Espace: isin (row 10, 11, 12, 13, such as 'Aaaaaaaa')" in text


def test_a_column_of_names_that_was_mapped_by_mistake_is_never_shown(network, capsys) -> None:
    rows = [f"{n};06/10/2025 09:00;Coworking;Jeannette\n" for n in range(1, 30)]
    (network / "exports" / "registre.csv").write_text(HEADER + "".join(rows), encoding="utf-8")
    code, text = shown(capsys)
    assert code == 3
    assert "29 × Qualité: isin" in text
    assert "1 word that is no code of role (29 rows), not shown: it could be a name" in text
    assert "Jeannette" not in text


USAGE = """
[[sources]]
id = "suivi"
feed = "service_usage"
connector = "file"
path = "../exports/suivi.csv"
rhythm = "monthly"
coverage = "days"
columns = { record_id = "N°", occurred_at = "Date", mode = "Mode", outcome = "Résolu", gender = "Conseillère" }
constants = { service_code = "mediation_numerique" }
"""


def test_the_words_of_every_list_are_shown_with_their_rows_when_none_has_a_code_yet(
    network, capsys
) -> None:
    """What a newcomer declares first: columns, and no words. Names stand under no known header."""
    (network / "places" / "le-lieu.toml").write_text(PLACE + USAGE, encoding="utf-8")
    rows = [
        f"{n};06/10/2025;{('Téléphone', 'Sur place')[n % 2]};{('Oui', 'Non')[n % 2]};Jeannette\n"
        for n in range(1, 10)
    ]
    text = "N°;Date;Mode;Résolu;Conseillère\n" + "".join(rows)
    (network / "exports" / "suivi.csv").write_text(text, encoding="utf-8")
    code, said = shown(capsys, "le-lieu", "suivi")
    assert code == 3
    assert "no code of mode: 'Sur place' (5 rows), 'Téléphone' (4 rows)" in said
    assert "no code of outcome: 'Non' (5 rows), 'Oui' (4 rows)" in said
    assert "1 word that is no code of gender (9 rows), not shown" in said
    assert "Jeannette" not in said


@pytest.mark.parametrize(
    ("identity", "is_said"),
    [
        ('last_name = "Nom"', True),
        ('birth_date = "Naissance"', True),
        ('last_name = "Nom"\nbirth_date = "Naissance"', False),
        ('last_name = "Nom"\nsource_id = "N°"', False),
        ("", False),
    ],
)
def test_columns_of_people_by_which_nobody_is_recognised_are_named(
    network, capsys, collect, read, identity: str, is_said: bool
) -> None:
    """What is said is what a collection does: every row anonymous, or some not."""
    from flows.network.place_files import read_place
    from flows.settings import read_settings

    text = PLACE + f"\n[sources.identity]\n{identity}\n"
    (network / "places" / "le-lieu.toml").write_text(text, encoding="utf-8")
    rows = "1;06/10/2025 09:00;Coworking;Adhérent;Secretino;12/03/1980\n"
    header = HEADER.strip() + ";Nom;Naissance\n"
    (network / "exports" / "registre.csv").write_text(header + rows, encoding="utf-8")
    _, said = shown(capsys, "le-lieu", "registre")
    named = identity.replace('"', "'").replace("\n", ", ")
    assert (f"Nobody will be recognised by {named} alone" in said) == is_said
    assert "Secretino" not in said
    collect(read_place(network / "places" / "le-lieu.toml"), read_settings({}))
    known = read(read_settings({}), "SELECT count(person_key) FROM record.attendance")
    assert known == [(0 if is_said or not identity else 1,)]


def test_a_missing_header_refuses_its_file_and_the_others_are_looked_at(network, capsys) -> None:
    (network / "exports" / "registre-2.csv").write_text("N°;Arrivé;Lieu;Qualité\n1;;;\n")
    code, text = shown(capsys)
    assert code == 3
    assert (
        "the column 'Arrivée' (checked_in_at) is not there; the nearest is 'Arrivé'; nor is 'Espace' →"
        in text
    )
    assert "3 would be loaded" in text


def test_a_place_or_source_that_is_not_there_is_named_with_the_nearest(network, capsys) -> None:
    assert shown(capsys, "le-lieux", "registre") == (
        2,
        "impact: there is no place 'le-lieux' → did you mean 'le-lieu'?\n",
    )
    code, text = shown(capsys, "le-lieu", "registe")
    assert (code, "did you mean 'registre'?" in text) == (2, True)


def test_a_source_without_its_file_says_where_to_put_it(network, capsys) -> None:
    (network / "exports" / "registre.csv").unlink()
    code, text = shown(capsys)
    assert code == 1
    assert "put the export there" in text
