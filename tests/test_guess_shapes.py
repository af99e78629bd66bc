"""The shape of a register that nobody has described: what is proposed, and what is asked."""

from __future__ import annotations

import io
import tomllib
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from odf import opendocument
from odf.table import CoveredTableCell, Table, TableCell, TableRow
from odf.text import P

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
    "a school year": (
        "clas.xlsx", {"2024-2025": [["Séance", "Date", "Enfants"], ["A", "mar. 10 sept.", 8],
                                    ["B", "mardi 14 janvier", 7]]},
        "attendance", {"year": "2024-2025", "checked_in_at": "Date", "headcount": "Enfants"},
    ),
    "weekdays in columns": (
        "2025.csv", "Semaine;lundi;mardi;vendredi\nS41;3;;4\nS42;1;2;\n", "attendance",
        {"year": 2025, "checked_in_at": ["Semaine", "Jour"], "headcount": "Nombre"},
    ),
    "days under their months": (
        "r.xlsx", {"A": [["Heure", "Oct. 2025", "", "Nov. 2025"], ["", 30, 31, 3], ["9h", 4, "", 1],
                         ["14h", 2, 3, ""]]},
        "attendance", {"header_rows": [1, 2], "checked_in_at": ["Jour", "Heure"]},
    ),
    "weekdays over days": (
        "r.xlsx", {"A": [["Nom", "lun.", "mar.", ""], ["", "03/11/2025", "04/11/2025", "Total"],
                         ["A", "x", "x", 2], ["B", "", "x", 1]]},
        "attendance", {"header_rows": [1, 2], "attendance_status": "Présent"},
    ),
    "units under the headers": (
        "r.csv", "Date;Adultes;Enfants\n;(nb);(nb)\n06/10/2025;3;4\n07/10/2025;2;\n", "attendance",
        {"header_rows": [1, 2], "headcount": ["Adultes / (nb)", "Enfants / (nb)"]},
    ),
    "hours in columns": (
        "r.csv", "Date;9h;10h;14h;Total\n06/10/2025;3;4;;7\n07/10/2025;;2;1;3\n", "attendance",
        {"checked_in_at": ["Date", "Heure"], "headcount": "Nombre"},
    ),
    "ranges in columns": (
        "r.csv", "Date;9h-12h;12h-14h;14h-18h\n06/10/2025;3;4;\n07/10/2025;;2;1\n", "attendance",
        {"checked_out_at": ["Date", "Heure de fin"], "headcount": "Nombre"},
    ),
    "operators, some of which have no code": (
        "r.csv", "Date;CAF;Mission locale;Impôts;Notes\n06/10/2025;2;3;;x\n07/10/2025;1;;1;x\n",
        "service_usage",
        {"unpivot": {"columns": ["CAF", "Mission locale", "Impôts"], "header_to": "Organisme",
                     "cell_to": "Nombre"}},
    ),
    "operators as a reason": (
        "r.csv", "Date;Motif\n06/10/2025;CAF\n07/10/2025;Impôts\n", "service_usage",
        {"operator_code": "Motif"},
    ),
    "a sheet a year": (
        "r.xlsx", {"2023": [["Jour", "Nb"], ["mer. 4 octobre", 3]],
                   "2024": [["Jour", "Nb"], ["ven. 4 octobre", 5]]},
        "attendance", {"sheets": "*", "checked_in_at": ["Jour", "=sheet"], "year": None},
    ),
    "spaces in columns": (
        "r.csv", "Date;Coworking;Fablab\n06/10/2025;4;2\n07/10/2025;;3\n", "attendance",
        {"space_code": "Espace", "headcount": "Nombre"},
    ),
    "hours of a badge reader": (
        "b.txt", "Badge|Jour|Entree|Sortie|\nA1|20251006|0912|1130|\nA2|20251006|1405||\n",
        "attendance",
        {"checked_in_at": ["Jour", "Entree"], "checked_out_at": ["Jour", "Sortie"]},
    ),
    "uses between two hours, some of which were not": (
        "m.csv", "Date;Début;Fin;Situation\n06/10/2025;9h;10h30;Venu\n07/10/2025;9h;10h;Désisté\n",
        "service_usage",
        {"duration_minutes": ["Début", "Fin"], "where_not": {"Situation": ["Désisté"]}},
    ),
    "counts that their total completes": (
        "r.csv", "Date;Matin;Soir;Repas;Total\n06/10/2025;2;3;1;6\n07/10/2025;1;;;1\n", "attendance",
        {"headcount": ["Matin", "Soir", "Repas"]},
    ),
    "counts of women, men and others": (
        "r.csv", "Date;Femmes;Hommes;Autre;Total\n06/10/2025;2;3;1;6\n07/10/2025;1;;;1\n",
        "attendance",
        {"unpivot": {"columns": ["Femmes", "Hommes", "Autre"], "header_to": "Genre",
                     "cell_to": "Nombre"}},
    ),
    "words in a recap": (
        "r.xlsx", {"Récap": [["Mois", "Personnes"], ["janvier", 3]],
                   "Janv": [["Jour", "Combien de gens"], ["06/01/2025", 3]],
                   "Févr": [["Jour", "Combien de gens"], ["03/02/2025", 2]]},
        "attendance", {"sheets": "*", "checked_in_at": "Jour"},
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


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("Date;Femmes;Hommes;Total\n06/10/2025;2;3;9\n", "'Total' is not the sum"),
        ("Date;Femmes;Hommes;Bénévoles\n06/10/2025;2;3;1\n", "more people? Bénévoles"),
        ("Date;Nombre\n06/10/2025;2\n;3\n07/10/2025;1\n", 'carried = "Date"'),
        ("Date;Nombre;x;y\n06/10/2025;2;;\n;;1;\n;;2;\n;;3;\n", ""),
    ],
    ids=["sum", "more", "carried", "fillers"],
)
def test_what_may_be_wrong_is_asked(tmp_path: Path, text: str, asked: str) -> None:
    file = written(tmp_path, "r.csv", text)
    guess = guess_source(peek(file), "attendance", file.name)
    assert asked in "".join(guess.table.shape.questions)
    assert guess.is_open == bool(asked)


def test_a_month_whose_sheet_has_other_headers_is_asked_for(tmp_path: Path) -> None:
    months = {"01-2025": MONTH, "02-2025": [["Accueil"], ["JOUR", "HEURE", "NB"], ["3", "9h", 1]],
              "03-2025": MONTH}  # fmt: skip
    guess = guess_source(peek(written(tmp_path, "r.xlsx", months)), "attendance", "r.xlsx")
    assert guess.is_open and "'02-2025'" in "".join(guess.table.shape.questions)


def test_a_column_without_a_header_has_its_letter(tmp_path: Path) -> None:
    rows: Rows = [
        ["", "Date", "", "Remarque"],
        ["", "06/10/2025", 4, ""],
        ["", "07/10/2025", 2, ""],
    ]
    file = written(tmp_path, "r.xlsx", {"A": [row[1:] for row in rows]})
    guess = guess_source(peek(file), "attendance", file.name)
    assert guess.numbers == ["=B"]
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("A")
        for at, row in enumerate(rows):
            sheet.write_row(at, 1, row[1:])
    assert guess_source(peek(file), "attendance", file.name).numbers == ["=C"]


def test_cells_that_are_merged_downwards_are_carried(tmp_path: Path) -> None:
    file = tmp_path / "r.xlsx"
    with xlsxwriter.Workbook(str(file)) as book:
        sheet = book.add_worksheet("A")
        sheet.merge_range("A1:C1", "Accueil")
        sheet.write_row(1, 0, ["Jour", "Motif", "Nombre"])
        sheet.merge_range("A3:A4", "06/10/2025")
        for row, (why, number) in enumerate((("bar", 4), ("jeux", 3), ("bar", 2)), start=2):
            sheet.write_row(row, 1, [why, number])
        sheet.write(4, 0, "07/10/2025")
    assert proposed(file)["carried"] == ["Jour"]
    ods = tmp_path / "r.ods"
    ods.write_bytes(merged_ods([["Jour", "Nombre"], ["06/10/2025", "4"], ["", "3"]]))
    assert proposed(ods)["carried"] == ["Jour"]


def merged_ods(rows: list[list[str]]) -> bytes:
    """A sheet whose second and third row are one in their first column."""
    book = opendocument.OpenDocumentSpreadsheet()
    table = Table(name="A")
    for at, row in enumerate(rows):
        line = TableRow()
        for number, text in enumerate(row):
            spans = {"numberrowsspanned": 2} if (at, number) == (1, 0) else {}
            cell = TableCell(valuetype="string", **spans) if text else CoveredTableCell()
            cell.addElement(P(text=text))
            line.addElement(cell)
        table.addElement(line)
    book.spreadsheet.addElement(table)
    target = io.BytesIO()
    book.write(target)
    return target.getvalue()


def test_lines_that_are_longer_than_their_header_are_named(tmp_path: Path) -> None:
    file = written(tmp_path, "r.csv", "id;date;mode\n1;06/10/2025;;null;\n2;07/10/2025;;null;\n")
    [said] = guess_source(peek(file), "attendance", file.name).table.shape.remarks
    assert "longer than the header" in said


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
        ("Indicateur;Valeur\nAccompagnements;120\nAteliers;14\nUsagers;98\n", "appointment"),
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
