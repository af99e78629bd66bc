"""The shape of a register that nobody has described: what is proposed, and what is asked."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from flows.cli import main
from flows.connectors._peek import peek
from flows.errors import ConfigurationError
from flows.network.place_files import read_place
from flows.onboarding.guess import guess_source
from flows.onboarding.new_place import source_text

Rows = list[list[Any]]


def written(folder: Path, name: str, sheets: dict[str, Rows] | str) -> Path:
    file = folder / name
    if isinstance(sheets, str):
        file.write_text(sheets, encoding="utf-8")
        return file
    with xlsxwriter.Workbook(str(file)) as book:
        for title, rows in sheets.items():
            sheet = book.add_worksheet(title)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    return file


def proposed(file: Path, feed: str = "attendance") -> dict[str, Any]:
    text = source_text(guess_source(peek(file), feed, file.name), file, file.parent)
    [source] = tomllib.loads(text)["sources"]
    return source


MONTH = [["Accueil"], ["Jour", "Heure", "Nombre"], ["02/09/2025", "10h15", 3]]
SHAPES: dict[str, tuple[str, dict[str, Rows] | str, str, dict[str, Any]]] = {
    "a sheet a month": (
        "r.xlsx", {"Sept 25": MONTH, "Oct 25": MONTH, "Récap": [["Mois", "Total"], ["Sept", 3]]},
        "attendance", {"sheets": "*", "header_row": 2, "checked_in_at": ["Jour", "Heure"]},
    ),
    "sheets beside one that is otherwise": (
        "r.xlsx", {"Sept 25": MONTH, "Oct 25": MONTH, "Nov 25": [["Le", "Combien"], ["3", 1]]},
        "attendance", {"sheets": ["Sept 25", "Oct 25"]},
    ),
    "a column a day": (
        "r.csv", "Nom;lun. 06/10/2025;mar. 07/10/2025;Total\nA;P;A;1\nB;;P;1\nTotal;1;1;2\n",
        "attendance",
        {"unpivot": {"columns": "days", "header_to": "Jour", "cell_to": "Présent"},
         "checked_in_at": "Jour", "attendance_status": "Présent"},
    ),
    "a row a day and a column a month": (
        "suivi 2025.csv", "Jour;Janvier;Février\n1;4;\n2;3;5\n31;2;\n", "attendance",
        {"year": 2025, "checked_in_at": ["Jour", "Mois"], "headcount": "Nombre"},
    ),
    "women and men apart": (
        "r.csv", "Jour;Matin;;Soir;\n;Femmes;Hommes;Femmes;Hommes\n06/10/2025;1;2;3;4\n",
        "attendance",
        {"header_rows": [1, 2], "gender": "Genre", "headcount": "Nombre"},
    ),
    "kinds in columns": (
        "r.csv", "Date;CAF;Impôts\n06/10/2025;x;\n07/10/2025;x;x\n", "service_usage",
        {"unpivot": {"columns": ["CAF", "Impôts"], "header_to": "Organisme", "cell_to": "Coché"},
         "operator_code": "Organisme"},
    ),
    "counts in columns": (
        "r.csv", "Date|Matin|Soir|\n06/10/2025|1|n.c.|\n07/10/2025|2|4|\n", "attendance",
        {"headcount": ["Matin", "Soir"], "missing": ["n.c."]},
    ),
    "a range of hours": (
        "r.csv", "jour,Créneau\n20251006,8h30/12h\n20251007,13h30 à 17h\n", "attendance",
        {"checked_in_at": ["jour", "Heure de début"], "checked_out_at": ["jour", "Heure de fin"]},
    ),
    "weeks and weekdays": (
        "2025.csv", "Sem;Jour;Début;Usagers\n40;mercredi;9h;7\n41;lundi;10h;3\n", "attendance",
        {"year": 2025, "checked_in_at": ["Sem", "Jour", "Début"]},
    ),
    "days without a year, some cancelled": (
        "2025.csv", "Date;Info;Public\nlun. 6 oct;;4\nmar 7 oct;annulé;5\nmer. 8 oct;;6\n",
        "attendance", {"year": 2025, "where_not": {"Info": ["annulé"]}, "headcount": "Public"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_is_proposed(shape: str, tmp_path: Path) -> None:
    name, content, feed, wanted = SHAPES[shape]
    source = proposed(written(tmp_path, name, content), feed)
    found = {**source, **source["columns"]}
    assert {key: found.get(key) for key in wanted} == wanted


def test_sheets_that_are_not_read_and_numbers_that_could_be_people_are_named(
    tmp_path: Path,
) -> None:
    other = [["Jour", "Gâteaux"], ["03/09/2025", 2]]
    file = written(
        tmp_path, "r.xlsx", {"Bar": [["Jour", "Heure", "Cafés"], *MONTH[2:]], "B": other}
    )
    guess = guess_source(peek(file), "attendance", file.name)
    assert (guess.others, guess.numbers, guess.is_open) == (["B"], ["Cafés"], True)
    assert 'headcount = "TO DECIDE"' in source_text(guess, file, tmp_path)


def test_a_year_that_nothing_says_is_asked_for_with_those_that_its_weekdays_have(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, "r.csv", "Date;Nombre\nSam 1 Avril;4\nDim 2 Avril;5\n")
    guess = guess_source(peek(file), "attendance", file.name)
    assert guess.is_open and "year" not in guess.table.shape.keys
    [question] = guess.table.shape.questions
    assert "2017" in question and "2023" in question and "2022" not in question


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Public;Janvier;Février\nAdultes;12;14\nEnfants;3;4\n", "one row a visit"),
        ("Mois;Nombre\nJanvier 2025;120\nFévrier 2025;140\n", "one row a visit"),
        ("Date;Nombre\n01/01/2025;120\n01/02/2025;140\n01/03/2025;1\n", "one row a visit"),
        ("JournalCode\tEcritureDate\tCompteNum\nVE\t20251001\t706000\n", "invoices one by one"),
    ],
)
def test_what_no_feed_holds_is_named_with_what_to_ask_for(
    tmp_path: Path, text: str, said: str
) -> None:
    file = written(tmp_path, "r.csv", text)
    with pytest.raises(ConfigurationError, match=said):
        guess_source(peek(file), "attendance", file.name)


def test_numbers_of_groups_without_who_they_were_are_named(tmp_path: Path) -> None:
    text = "Date;Participants;Moins de 12 ans;Retraités\n06/10/2025;5;2;3\n07/10/2025;4;1;3\n"
    file = written(tmp_path, "r.csv", text)
    guess = guess_source(peek(file), "attendance", file.name)
    assert guess.groups == ["Moins de 12 ans", "Retraités"] and not guess.is_open


def test_those_enrolled_are_not_taken_for_those_who_came(tmp_path: Path) -> None:
    file = written(tmp_path, "r.csv", "date;reel;effectif\n01/10/2025;31;60\n02/10/2025;38;60\n")
    assert proposed(file)["columns"]["headcount"] == "reel"
    file = written(tmp_path, "e.csv", "date;effectif\n01/10/2025;31\n02/10/2025;38\n")
    [heads] = [f for f in guess_source(peek(file), "attendance", "e.csv").found
               if f.target == "headcount"]  # fmt: skip
    assert heads.certainty == "check"


def test_what_a_run_would_refuse_is_not_sure_and_a_place_that_is_there_gets_one_more_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMPACT_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("IMPACT_PLACES", str(tmp_path / "places"))
    monkeypatch.setenv("IMPACT_KEYS", str(tmp_path / "keys"))
    days = [["Jour", "Nombre"], *(["06/10/2025", n] for n in range(1, 9)), ["demain", 2]]
    sample = written(tmp_path, "registre.xlsx", {"Bar": [["Rien"]], "Accueil": days})
    place = ["--id", "lieu", "--name", "Lieu", "--commune", "80021"]
    last = ["--from", str(sample), "--feed", "attendance"]
    assert main(["new-place", *place, *last]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "│ check │ the header; 89% of cells fit; 1 row of 9 would be refused" in said
    assert "Tried: 8 rows would be loaded, 1 refused" in said
    (tmp_path / "bar").mkdir()
    sample = written(tmp_path / "bar", "registre.xlsx", {"Bar": days, "Accueil": days})
    last = ["--from", str(sample), "--feed", "attendance"]
    assert main(["new-place", "--id", "lieu", *last, "--sheet", "Accueil"]) == 0
    assert "check-source lieu registre-2" in capsys.readouterr().out
    sources = read_place(tmp_path / "places" / "lieu.toml").sources
    assert [(one.id, one.sheet) for one in sources] == [
        ("registre", "Accueil"), ("registre-2", "Accueil"),
    ]  # fmt: skip
    assert main(["new-place", "--id", "lieu", *last, "--sheet", "Cave"]) == 2
    assert "no sheet 'Cave'" in capsys.readouterr().err
