"""The first hour of a newcomer: a network, a place from a messy workbook, a check, the records."""

import os
import pty
import re
import shlex
import subprocess
import sys
import tomllib
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.network.place_files import read_place
from flows.settings import PROJECT, read_settings
from schemas.template import TEMPLATES
from tests.command import impact

DAY = datetime(2025, 10, 6, 9, 10)
HEADERS = [
    "N°", " Date  d'arrivée ", "Espace fréquenté", "Nb de  personnes", "Genre", "Nom", "Prénom ",
    "Né(e) le", "E-mail", "Remarques",
]  # fmt: skip
NEWCOMER = ["--id", "la-verriere", "--name", "La Verrière", "--commune", "80021",
            "--opened", "2025-10-06"]  # fmt: skip


def visitor(number: int, arrival: Any, space: str = "Coworking", gender: str = "Femme") -> list:
    """One row of the register; who it is about has a name that stands nowhere else."""
    born = datetime(1980, 3, 12)
    return [number, arrival, space, 1, gender, f"Nomsecret{chr(65 + number % 9)}", "Prénomsecret",
            born, f"secret{number}@exemple.fr", "Vient pour sa pension, secret"]  # fmt: skip


ROWS = [
    ["Registre d'accueil"],
    ["Saisi par l'équipe, octobre 2025"],
    HEADERS,
    visitor(1, DAY),
    visitor(2, "06/10/2025 14h05", "Fab Lab", "Homme"),
    visitor(3, "7/10/25", "Salle de réunion"),
    visitor(4, "07/10/2025 à 9h30", " coworking", "H"),
    visitor(5, datetime(2025, 10, 8, 14, 0), "Coworkng"),
    visitor(6, "31/02/2025 10:00", "FabLab"),
    *(visitor(n, datetime(2025, 10, 9, 9, n), "Verrière") for n in range(7, 10)),
    *(visitor(n, datetime(2025, 10, 10, 9, n)) for n in range(10, 30)),
    ["Total", "", "", 29],
]


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workbook) -> Path:
    """A network as `impact init` makes it, with the workbook in `exports`."""
    monkeypatch.chdir(tmp_path)
    for name in ("IMPACT_HOME", "IMPACT_PLACES", "IMPACT_KEYS"):
        monkeypatch.delenv(name, raising=False)
    assert main(["init", "reseau"]) == 0
    folder = tmp_path / "reseau"
    monkeypatch.chdir(folder)
    (folder / "exports" / "registre-2025-10-31.xlsx").write_bytes(workbook("xlsx", ROWS))
    return folder


@pytest.fixture
def proposed(network: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What `impact new-place --from` says of the workbook."""
    capsys.readouterr()
    sample = "exports/registre-2025-10-31.xlsx"
    assert main(["new-place", *NEWCOMER, "--from", sample, "--feed", "attendance"]) == 0
    return "".join(capsys.readouterr())


def test_a_messy_workbook_is_in_the_warehouse_after_three_commands(
    network: Path, proposed: str, capsys, collect, read
) -> None:
    assert "Next:    impact check-source la-verriere registre" in proposed
    assert main(["check-source", "la-verriere", "registre"]) == 3
    checked = capsys.readouterr().out
    assert "25 would be loaded,   4 quarantined" in checked
    assert "3 × Espace fréquenté: isin" in checked
    assert "1 × Date d'arrivée: unreadable_timestamp (row 9, such as" in checked
    assert "1 × the row: total_row (row 33)" in checked
    [report] = collect(read_place(network / "places" / "la-verriere.toml"), read_settings({}))
    assert (report.received, report.loaded, report.quarantined) == (30, 25, 4)
    spaces = "SELECT space_code, count(*) FROM record.attendance GROUP BY ALL ORDER BY ALL"
    assert read(read_settings({}), spaces) == [("coworking", 23), ("fablab", 1), ("salle", 1)]
    known = "SELECT count(*) FROM record.attendance WHERE identity_kind = 'email'"
    assert read(read_settings({}), known) == [(25,)]


def test_the_guess_maps_headers_words_and_identity(network: Path, proposed: str) -> None:
    text = (network / "places" / "la-verriere.toml").read_text(encoding="utf-8")
    [source] = tomllib.loads(text)["sources"]
    assert (source["sheet"], source["header_row"]) == ("Données", 3)
    assert source["coverage"] == "days"
    assert source["path"] == "../exports/registre-*.xlsx"
    assert source["columns"] == {
        "record_id": "N°",
        "checked_in_at": "Date d'arrivée",
        "space_code": "Espace fréquenté",
        "headcount": "Nb de personnes",
        "gender": "Genre",
    }
    assert source["identity"] == {
        "last_name": "Nom",
        "first_name": "Prénom",
        "birth_date": "Né(e) le",
        "email": "E-mail",
    }
    assert source["values"] == {
        "space_code": {"Fab Lab": "fablab", "Salle de réunion": "salle", "Coworkng": "coworking"},
        "gender": {"Femme": "feminin", "Homme": "masculin", "H": "masculin"},
    }


def test_the_guide_in_french_shows_what_the_commands_say(network: Path) -> None:
    """Each line of its first three console blocks; folders are left out, and widths."""
    guide = (PROJECT / "docs" / "fr" / "premiere-heure.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n\$ impact (.*)\n((?:.*\n)*?)```", guide)[:3]
    assert [command.split()[0] for command, _ in blocks] == ["init", "new-place", "check-source"]
    for command, shown in blocks:
        said = comparable(impact(*shlex.split(command), IMPACT_LANG="fr").stdout)
        assert comparable(shown.replace("$ cd mon-reseau\n", "")) <= said


def comparable(text: str) -> set[str]:
    """The words of each line."""
    without_folders = re.sub(r"\S*/(?=mon-reseau|reseau/)", "", text).replace(
        "mon-reseau/", "reseau/"
    )
    return {
        " ".join(re.sub("[┏┳┓┡╇┩└┴┘━┃│─]", " ", s).split()) for s in without_folders.splitlines()
    }


def test_what_is_not_sure_is_said_and_left_to_decide(network: Path, proposed: str) -> None:
    text = (network / "places" / "la-verriere.toml").read_text(encoding="utf-8")
    assert '"Coworkng" = "coworking" # To check' in text
    assert '# To decide: "Verrière" = "…"' in text
    assert "'Coworkng' → coworking (check: it only resembles)" in proposed
    assert "'Verrière' → no code found" in proposed
    assert "Not read: Remarques" in proposed


def test_no_cell_of_a_person_or_of_free_text_is_printed_or_written(
    network: Path, proposed: str, capsys
) -> None:
    main(["check-source", "la-verriere", "registre"])
    text = (network / "places" / "la-verriere.toml").read_text(encoding="utf-8")
    for said in (proposed, "".join(capsys.readouterr()), text):
        assert "secret" not in said.lower()


def test_a_name_in_a_column_of_codes_is_not_shown(network: Path, capsys) -> None:
    """It stands there often enough to be shown, but also in a column of names."""
    rows = [f"{n};06/10/2025;{space};Dupontel Marie\n" for n, space in enumerate(
        ["Coworking"] * 9 + ["Dupontel"] * 4 + ["Justine"])]  # fmt: skip
    sample = network / "exports" / "registre.csv"
    sample.write_text("N°;Date;Espace;Nom\n" + "".join(rows), encoding="utf-8")
    capsys.readouterr()
    command = ["new-place", *NEWCOMER, "--from", str(sample), "--feed", "attendance"]
    assert main(command) == 0
    text = (network / "places" / "la-verriere.toml").read_text(encoding="utf-8")
    for said in (capsys.readouterr().out, text):
        assert "space_code" in said
        assert "Dupontel" not in said
        assert "Justine" not in said


def test_a_column_of_free_text_is_not_mapped_whatever_its_cells_look_like(network: Path) -> None:
    sample = network / "exports" / "notes.csv"
    rows = [
        f"{n};06/10/2025;a{n}@exemple.fr;Femme\n{n}9;06/10/2025;b@exemple.fr;Homme\n" for n in "123"
    ]
    sample.write_text("N°;Date;Commentaire;Date de la note\n" + "".join(rows), encoding="utf-8")
    main(["new-place", *NEWCOMER, "--from", str(sample), "--feed", "attendance"])
    [source] = read_place(network / "places" / "la-verriere.toml").sources
    assert set(source.wanted_headers()) == {"N°", "Date"}


def test_a_day_and_its_hours_in_columns_of_their_own_are_joined(network: Path) -> None:
    sample = network / "exports" / "badges.csv"
    sample.write_text(
        "Numéro,Date,Heure,Heure de départ\n1,06/10/2025,9h10,12h00\n2,06/10/2025,14:05,\n"
    )
    main(["new-place", *NEWCOMER, "--from", str(sample), "--feed", "attendance"])
    [source] = read_place(network / "places" / "la-verriere.toml").sources
    assert source.columns["checked_in_at"] == ["Date", "Heure"]
    assert source.columns["checked_out_at"] == ["Date", "Heure de départ"]


def test_what_no_header_says_is_guessed_from_the_cells(network: Path) -> None:
    sample = network / "exports" / "suivi.jsonl"
    sample.write_text(
        "".join(
            f'{{"id": {n}, "quand": "2025-10-0{n}T09:00", "service": "coworking",'
            f' "contact": {{"lien": "secret{n}@exemple.fr"}}}}\n'
            for n in range(1, 6)
        )
    )
    main(["new-place", *NEWCOMER, "--from", str(sample), "--feed", "service_usage"])
    [source] = read_place(network / "places" / "la-verriere.toml").sources
    assert source.columns["occurred_at"] == "quand"
    assert source.identity.email == "contact.lien"


def test_a_header_that_stands_twice_is_not_mapped_and_is_said(network: Path, capsys) -> None:
    sample = network / "exports" / "deux.csv"
    sample.write_text("N°;Date;Nom;Nom\n1;06/10/2025;A;B\n2;07/10/2025;C;D\n", encoding="utf-8")
    command = ["new-place", *NEWCOMER, "--from", str(sample), "--feed", "attendance"]
    assert main(command) == 0
    assert "Not read: Nom" in capsys.readouterr().out
    assert main(["check-source", "la-verriere", "deux"]) == 0


def test_a_source_without_what_is_required_reads_nothing_until_somebody_says_it(
    network: Path, capsys
) -> None:
    sample = network / "exports" / "suivi.csv"
    sample.write_text("N°;Date;Genre\n1;06/10/2025;Femme\n2;07/10/2025;Homme\n")
    command = ["new-place", *NEWCOMER, "--from", str(sample), "--feed", "service_usage"]
    assert main(command) == 3
    assert "Not found, and required: service_code" in capsys.readouterr().out
    file = network / "places" / "la-verriere.toml"
    [source] = read_place(file).sources
    assert source.columns["occurred_at"] == "Date"
    assert main(["check-source", "la-verriere", "suivi"]) == 3
    assert "does not say service_code yet" in capsys.readouterr().out
    said = file.read_text(encoding="utf-8").replace('service_code = "?"', 'service_code = "salle"')
    file.write_text(said, encoding="utf-8")
    assert main(["check-source", "la-verriere", "suivi"]) == 0


def test_a_source_without_a_day_is_a_comment_to_complete(network: Path) -> None:
    sample = network / "exports" / "suivi.csv"
    sample.write_text("N°;Nombre;Genre\n1;2;Femme\n2;1;Homme\n")
    command = ["new-place", *NEWCOMER, "--from", str(sample), "--feed", "attendance"]
    assert main(command) == 3
    file = network / "places" / "la-verriere.toml"
    assert read_place(file).sources == []
    assert '# headcount = "Nombre"' in file.read_text(encoding="utf-8")


def test_a_file_without_a_header_line_shows_none_of_its_cells(network: Path, capsys) -> None:
    sample = network / "exports" / "noms.csv"
    sample.write_text("1;06/10/2025;Secretino;Coworking\n2;07/10/2025;Secretino;Fablab\n")
    command = ["new-place", *NEWCOMER, "--from", str(sample), "--feed", "attendance"]
    capsys.readouterr()
    assert main(command) == 2
    said = "".join(capsys.readouterr())
    assert "no header line was recognised" in said
    assert "Secretino" not in said
    assert list((network / "places").iterdir()) == []


def test_all_missing_flags_are_named_at_once_without_a_terminal(network: Path, capsys) -> None:
    assert main(["new-place", "--name", "La Verrière", "--from", "impact.toml"]) == 2
    assert "missing: --id, --commune, --feed" in capsys.readouterr().err


def test_on_a_terminal_what_is_missing_is_asked_for(network: Path) -> None:
    terminal, its_end = pty.openpty()
    code = f"import sys; sys.path.insert(0, {str(PROJECT)!r}); from flows.cli import main; main()"
    os.write(terminal, b"la-cave\n80021\n")
    command = [sys.executable, "-c", code, "new-place", "--name", "La Cave"]
    subprocess.run(command, stdin=its_end, cwd=network, check=True, capture_output=True)
    os.close(terminal)
    os.close(its_end)
    place = read_place(network / "places" / "la-cave.toml")
    assert (place.name, place.commune_code) == ("La Cave", "80021")


@pytest.mark.parametrize(("more", "is_said"), [("", True), (";Né(e) le", False)])
def test_a_register_of_names_alone_recognises_nobody_and_that_is_said(
    network: Path, capsys, more: str, is_said: bool
) -> None:
    born = ";12/03/1980" if more else ""
    sample = network / "exports" / "noms.csv"
    sample.write_text(f"N°;Date;Nom et prénom{more}\n1;06/10/2025;A Secretino{born}\n", "utf-8")
    capsys.readouterr()
    main(["new-place", *NEWCOMER, "--from", str(sample), "--feed", "attendance"])
    said = capsys.readouterr().out
    assert ("Nobody will be recognised by last_name = 'Nom et prénom' alone" in said) == is_said


def test_the_commune_that_a_code_means_is_said(network: Path, capsys) -> None:
    """02120 is the postal code of Guise, and the INSEE code of another commune."""
    assert main(["new-place", *NEWCOMER, "--commune", "02120"]) == 0
    assert "Commune: Brenelle (02120)" in capsys.readouterr().out


def test_a_place_that_is_there_is_never_overwritten(network: Path, capsys) -> None:
    assert main(["new-place", *NEWCOMER]) == 0
    file = network / "places" / "la-verriere.toml"
    before = file.read_bytes()
    assert main(["new-place", *NEWCOMER, "--opened", "2024-01-01"]) == 2
    assert "already there" in capsys.readouterr().err
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--commune", "80000"], "'80000'; the INSEE code is wanted, not the postal code"),
        (["--commune", "8002I"], "the nearest code is"),
        (["--id", "La Verrière"], "key id"),
        (["--id", "../ailleurs"], "is not an id"),
        (["--service", "cowork"], "key services.0"),
    ],
)
def test_a_place_that_cannot_be_leaves_no_file(network: Path, flags, said, capsys) -> None:
    assert main(["new-place", *NEWCOMER, *flags]) == 2
    assert said in capsys.readouterr().err
    assert list((network / "places").iterdir()) == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_an_empty_sheet_of_the_kit_needs_neither_feed_nor_mapping(
    network: Path, capsys, name: str
) -> None:
    capsys.readouterr()
    assert main(["new-place", *NEWCOMER, "--from", str(PROJECT / "data/kit" / f"{name}.xlsx")]) == 0
    assert f"template {name}: it needs no mapping" in capsys.readouterr().out
    text = (network / "places" / "la-verriere.toml").read_text(encoding="utf-8")
    [declared] = tomllib.loads(text)["sources"]
    assert declared["template"] == name
    assert not {"sheet", "header_row", "columns", "identity", "values"} & {*declared}
    [source] = read_place(network / "places" / "la-verriere.toml").sources
    assert source.feed == TEMPLATES[name].feed
    assert source.columns == TEMPLATES[name].headers()


def test_a_filled_sheet_of_the_kit_is_checked_at_once(network: Path, workbook, capsys) -> None:
    template = TEMPLATES["comptage"]
    rows = [[*template.headers().values()], ["2026-1", "05/10/2026 14:00", "12", "Salle"]]
    sample = network / "exports" / "comptage-2026-10-31.xlsx"
    sample.write_bytes(workbook("xlsx", rows, sheet=template.sheet))
    assert main(["new-place", *NEWCOMER, "--from", str(sample)]) == 0
    capsys.readouterr()
    assert main(["check-source", "la-verriere", "comptage"]) == 0
    assert "1 would be loaded" in capsys.readouterr().out


def test_a_sheet_of_the_kit_is_not_taken_for_another_feed(network: Path, capsys) -> None:
    kit = str(PROJECT / "data/kit/emplois.xlsx")
    assert main(["new-place", *NEWCOMER, "--from", kit, "--feed", "attendance"]) == 2
    assert "the template 'emplois' is one of feed 'employment'" in capsys.readouterr().err
    assert not (network / "places" / "la-verriere.toml").exists()


def test_a_sheet_that_only_resembles_the_kit_is_guessed(network: Path, workbook) -> None:
    """A column of the sheet was taken away: with the template, every run would be refused."""
    template = TEMPLATES["comptage"]
    headers = [header for header in template.headers().values() if header != "Espace"]
    sample = network / "exports" / "comptage.xlsx"
    rows = [headers, ["1", "05/10/2026 14:00", "12"], ["2", "06/10/2026 14:00", "9"]]
    sample.write_bytes(workbook("xlsx", rows, sheet=template.sheet))
    main(["new-place", *NEWCOMER, "--from", str(sample), "--feed", "attendance"])
    [source] = read_place(network / "places" / "la-verriere.toml").sources
    assert source.template is None
    assert source.columns["headcount"] == "Nombre de personnes"


def test_a_required_list_is_proposed_by_its_header_when_no_word_has_a_code(network: Path) -> None:
    sample = network / "exports" / "suivi.csv"
    rows = [f"{n};0{n}/10/2025;{word}\n" for n, word in enumerate("AABBAB", start=1)]
    sample.write_text("N° de dossier;Date;Prestation\n" + "".join(rows), encoding="utf-8")
    command = ["new-place", *NEWCOMER, "--from", str(sample), "--feed", "service_usage"]
    assert main(command) == 3  # as it stands, no row would be loaded
    text = (network / "places" / "la-verriere.toml").read_text(encoding="utf-8")
    assert 'service_code = "Prestation" # To check' in text
    assert "2 words without a code" in text or text.count("# To decide: ") > 2
    [source] = read_place(network / "places" / "la-verriere.toml").sources
    assert source.columns["record_id"] == "N° de dossier"


@pytest.mark.parametrize(
    ("name", "path", "source_id"),
    [
        ("registre-2025-10-31.csv", "registre-*.csv", "registre"),
        ("Présences 2026 T3.csv", "Présences *.csv", "presences"),
        ("accueil_202510.csv", "accueil_*.csv", "accueil"),
        ("suivi 2025.csv", "suivi *.csv", "suivi"),
        ("salle 20251.csv", "salle 20251.csv", "salle-20251"),
    ],
)
def test_the_next_export_is_found_whatever_period_its_name_says(
    network: Path, name: str, path: str, source_id: str
) -> None:
    (network / "exports" / name).write_text("N°;Date\n1;06/10/2025\n2;07/10/2025\n", "utf-8")
    sample = str(network / "exports" / name)
    assert main(["new-place", *NEWCOMER, "--from", sample, "--feed", "attendance"]) == 0
    [source] = read_place(network / "places" / "la-verriere.toml").sources
    assert source.path == f"../exports/{path}"
    assert source.id == source_id
