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
    assert "1 quarantined" in text
    assert "1 total, heading or empty line" in text
    assert "1 repeated" in text
    assert "1 × Arrivée: unreadable_timestamp (row 4, such as '99/99/9999 99:99')" in text
    assert "The date and time cannot be read" in text
    assert "1 × the row: total_row (row 7)" in text
    assert "31/02/2025" not in text


def test_the_counts_are_those_of_a_collection(network, capsys, collect) -> None:
    from flows.network.place_files import read_place
    from flows.settings import read_settings

    [report] = collect(read_place(network / "places" / "le-lieu.toml"), read_settings({}))
    assert (report.received, report.loaded, report.quarantined, report.duplicates) == (6, 3, 1, 1)


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


TWICE = "N°;Arrivée\n1;05/10/2026 09:00\n2;06/10/2026 09:00\n2;06/10/2026 09:00\n"
MORE = "N°;Arrivée\n2;06/10/2026 09:00\n3;07/10/2026 09:00\n4;31/02/2026\n"
WORKER = "N°;Début\n1;01/10/2025\n2;01/10/2026\n"
MEETINGS = {"columns": {"record_id": "N°", "checked_in_at": "Arrivée", "attendance_status": "Venu",
                        "activity_id": "Séance"},
            "values": {"attendance_status": {"oui": "present", "non": "absent"}}}  # fmt: skip
KINDS: dict[str, dict[str, Any]] = {
    "files of an append that repeat each other": {
        "files": {"a-1.csv": TWICE, "a-2.csv": MORE}},
    "the same bytes under two names": {
        "files": {"a-1.csv": TWICE, "a-2.csv": TWICE}},
    "files without identifiers": {
        "files": {"a-1.csv": TWICE, "a-2.csv": MORE}, "columns": {"checked_in_at": "Arrivée"}},
    "a later version of a record": {
        "files": {"a-1.csv": "N°;Arrivée;Vu\n1;05/10/2026 09:00;06/10/2026 10:00\n",
                  "a-2.csv": "N°;Arrivée;Vu\n1;05/10/2026 08:00;06/10/2026 09:00\n"},
        "columns": {"record_id": "N°", "checked_in_at": "Arrivée", "updated_at": "Vu"}},
    "records that the source has deleted": {
        "files": {"a-1.csv": "N°;Arrivée;Annulé\n1;05/10/2026 09:00;non\n2;05/10/2026 09:00;oui\n"},
        "columns": {"record_id": "N°", "checked_in_at": "Arrivée", "deleted": "Annulé"}},
    "snapshots of which the second lacks a record": {
        "files": {"a-1.csv": TWICE + "".join(f"{n};08/10/2026 09:00\n" for n in range(3, 9)),
                  "a-2.csv": TWICE + "".join(f"{n};08/10/2026 09:00\n" for n in range(4, 9))},
        "delivery": "snapshot"},
    "a snapshot that lacks too much": {
        "files": {"a-1.csv": TWICE, "a-2.csv": "N°;Arrivée\n1;05/10/2026 09:00\n"},
        "delivery": "snapshot"},
    "a period that replaces a period": {
        "files": {"a-2026-10-07.csv": TWICE, "a-2026-10-09.csv": MORE},
        "delivery": "period", "coverage": "until_file_date"},
    "the same bytes of two periods": {
        "files": {"a-2026-10-07.csv": "N°;Arrivée\n", "a-2026-10-09.csv": "N°;Arrivée\n"},
        "delivery": "period", "coverage": "until_file_date"},
    "a name that says no day": {
        "files": {"a-1.csv": TWICE}, "coverage": "until_file_date"},
    "a window that nobody asked for": {
        "files": {"a-1.csv": TWICE}, "coverage": "window"},
    "whole months": {
        "files": {"a-1.csv": TWICE}, "coverage": "months"},
    "days before and after the use of the source": {
        "files": {"a-1.csv": TWICE, "a-2.csv": MORE}, "from": "2026-10-06", "until": "2026-10-06"},
    "meetings, one of them without anybody": {
        "files": {"a-1.csv": "N°;Arrivée;Venu;Séance\n1;05/10/2026 09:00;oui;s1\n"
                             "2;09/10/2026 09:00;non;s2\n3;05/10/2026 18:00;non;s3\n"},
        "coverage": "days_with_presence", **MEETINGS},
    "contracts": {
        "files": {"a-2026-10-20.csv": WORKER}, "feed": "employment", "coverage": "until_file_date",
        "columns": {"record_id": "N°", "started_on": "Début"},
        "constants": {"contract_type": "cdi", "relation": "hosted"}},
    "a file of no bytes, and one of another form": {
        "files": {"a-1.csv": "", "a-2.csv": "Nom;Jour\nx;y\n", "a-3.csv": TWICE}},
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_every_number_is_the_one_of_the_first_run(
    kind: str, tmp_path: Path, settings, make_place, collect, read
) -> None:
    """File by file, day by day, refusal by refusal, in the order in which they were taken."""
    from flows.onboarding.check_source import check_source
    from tests.conftest import AS_OF

    source = {"path": "a-*.csv", **KINDS[kind]}
    place = make_place(tmp_path, source.pop("files"), None, None, **source)
    check = check_source(place, place.sources[0], settings, AS_OF)
    assert not settings.home.exists()
    [report] = collect(place, settings)
    assert check.report == report
    counts = (
        "rows_in, loaded, unchanged, superseded, duplicates, tombstoned, quarantined, ignored, "
        "removed"
    )
    names = counts.split(", ")
    assert [
        tuple(getattr(file.attempt, name) for name in names)
        for file in check.files
        if not file.refused
    ] == read(
        settings,
        f"SELECT {counts} FROM ledger.attempt WHERE outcome = 'accepted' ORDER BY attempted_at",
    )
    assert [
        (file.name, *row)
        for file in check.files
        for row in file.rejects.select("row_number", "header", "rule", "mask").iter_rows()
    ] == read(
        settings,
        "SELECT file_name, row_number, header, rule, mask FROM ledger.quarantine ORDER BY rowid",
    )
    proven = {day for (day,) in read(settings, "SELECT day FROM ledger.proof WHERE is_recorded")}
    in_use = {day for day in proven if place.is_in_use(place.sources[0], day)}
    assert set(check.proven_days) == in_use
