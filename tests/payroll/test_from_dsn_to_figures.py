"""From the files of a payroll software to full-time equivalents, through the sheet and a run."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from tests.payroll.dsn_text import Contract, Person, day, declared, envelope, signalled

SOURCE = """
[[sources]]
id = "paie"
feed = "employment"
connector = "file"
template = "paie"
path = "../exports/emplois-*.csv"
rhythm = "monthly"
delivery = "snapshot"
coverage = "until_file_date"
"""
"""As docs/fr/dsn.md says."""


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("IMPACT_HOME", "IMPACT_PLACES", "IMPACT_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "reseau"]) == 0
    place = ["new-place", "--id", "le-lieu", "--name", "Le Lieu", "--commune", "80021"]
    monkeypatch.chdir(tmp_path / "reseau")
    assert main([*place, "--opened", "2025-01-01", "--service", "coworking"]) == 0
    with Path("places/le-lieu.toml").open("a", encoding="utf-8") as toml:
        toml.write(SOURCE)
    return tmp_path / "reseau"


def staff(month: str) -> list[Person]:
    """35 h until 31 January, then 28 h; 20 h that end on 14 February; an officer; an internship."""
    is_february = month == "2026-02"
    change = {"001": day("2026-02-01"), "007": "151.67"}
    first = Contract("2019-09-01", "121.33" if is_february else "151.67",
                     changes=[change] if is_february else [])  # fmt: skip
    second = Contract("2025-09-01", "86.67", rubrics={"007": "02", "008": "41"})
    officer = {"007": "80", "011": "99", "012": "0.00", "013": "0.00", "014": "99"}
    people = [
        Person(1, [first]), Person(2, [second]),
        Person(3, [Contract("2018-06-15", rubrics=officer)]),
        Person(4, [Contract("2026-01-05", rubrics={"007": "29"})]),
    ]  # fmt: skip
    return people


def sheet_of(machine: Path, months: tuple[str, ...]) -> Path:
    for month in months:
        text = envelope(declared(month, staff(month)))
        (machine / f"{month}.dsn").write_bytes(text.encode("latin-1"))
    leaver = Person(2, [Contract("2025-09-01", "86.67", rubrics={"007": "02", "008": "41"},
                                 end={"001": day("2026-02-14"), "002": "031"})])  # fmt: skip
    signal = envelope(signalled(leaver, "2026-02-15", 3)).encode("latin-1")
    (machine / "fin.dsn").write_bytes(signal)
    assert main(["dsn", str(machine / "*.dsn")]) == 0
    return Path(
        f"emplois-00000000000018-2026-01-01-{months[-1]}-{'31' if months[-1][-1] == '1' else '28'}.csv"
    )


def figures(network: Path, capsys: pytest.CaptureFixture[str], indicator: str) -> list[str]:
    """The exact ones, which the operator has: a month of work is never published."""
    capsys.readouterr()
    sql = (
        "SELECT periode, round(valeur, 2) FROM valeurs WHERE indicateur_id = ? AND niveau = "
        "'lieu' AND ventilation = 'ensemble' AND terminee AND valeur IS NOT NULL ORDER BY debut, periode"
    )
    with duckdb.connect(str(network / "home" / "preview.duckdb"), read_only=True) as preview:
        rows = preview.execute(sql, [indicator]).fetchall()
    return [f"{period},{value}" for period, value in rows]


def test_a_change_of_hours_an_end_and_an_officer_are_in_the_figures_of_their_months(
    network: Path, machine: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(network / "exports")
    assert sheet_of(machine, ("2026-01", "2026-02")).exists()
    monkeypatch.chdir(network)
    assert main(["run", "--as-of", "2026-03-20"]) == 0
    # January: 35/35 + 20/35 = 1.571; February: 28/35 + 20/35 × 14/28 = 1.086; before, no proof
    assert figures(network, capsys, "direct_fte") == ["2026-01,1.57", "2026-02,1.09"]
    assert main(["run", "--as-of", "2026-03-21"]) == 0, "the same sheet again is nothing new"


def test_a_new_sheet_replaces_the_one_before(
    network: Path, machine: Path, monkeypatch: pytest.MonkeyPatch, capsys, settings, read
) -> None:
    monkeypatch.chdir(network / "exports")
    first = sheet_of(machine, ("2026-01",))
    monkeypatch.chdir(network)
    assert main(["run", "--as-of", "2026-02-20"]) == 0
    monkeypatch.chdir(network / "exports")
    first.unlink()
    sheet_of(machine, ("2026-01", "2026-02"))
    monkeypatch.chdir(network)
    assert main(["run", "--as-of", "2026-03-20"]) == 0
    assert figures(network, capsys, "direct_fte") == ["2026-01,1.57", "2026-02,1.09"]


def test_a_sheet_that_impact_dsn_wrote_needs_no_feed_and_no_mapping(
    network: Path, machine: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    monkeypatch.chdir(network / "exports")
    sheet = sheet_of(machine, ("2026-01", "2026-02"))
    monkeypatch.chdir(network)
    place = ["new-place", "--id", "autre", "--name", "Autre", "--commune", "80021"]
    assert main([*place, "--from", f"exports/{sheet}"]) == 0
    text = Path("places/autre.toml").read_text(encoding="utf-8")
    assert 'template = "paie"' in text and "emplois-00000000000018-*-*.csv" in text
    assert 'delivery = "snapshot"\ncoverage = "until_file_date"\n' in text
    assert main(["check-source", "autre", "emplois-00000000000018"]) == 0
    said = capsys.readouterr().out
    assert "5 received,      5 would be loaded" in said
    assert "It would prove 59 days, from 2026-01-01 to 2026-02-28" in said
