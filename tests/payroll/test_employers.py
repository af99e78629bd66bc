"""Two hundred invented employers: the sheet says of each day what was true and told of it."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from flows.onboarding.dsn import make_sheet
from tests.payroll.employers import Employer, Row

COLUMNS = (
    "Nature du contrat",
    "Début",
    "Fin",
    "Durée hebdomadaire",
    "Motif de sortie",
    "Fin déduite",
)


def people_of(sheet: Path) -> list[list[Row]]:
    """The rows of each person, as the oracle writes them."""
    people: dict[str, list[Row]] = {}
    with sheet.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream, delimiter=";"):
            people.setdefault(row["Matricule"], []).append(tuple(row[c] for c in COLUMNS))
    return sorted(sorted(rows) for rows in people.values())


@pytest.mark.parametrize("seed", range(200))
def test_the_sheet_of_an_employer_is_what_was_told_of_each_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    monkeypatch.chdir(tmp_path)
    employer = Employer(seed)
    if not any(contract.is_in(m) for contract in employer.contracts for m in employer.months):
        return
    for name, text in employer.files().items():
        Path(name).write_bytes(text.encode("latin-1"))
    sheet = make_sheet(["*.dsn"], [], [], None)
    assert people_of(sheet.file) == employer.rows()
    written = sheet.file.read_text(encoding="utf-8-sig")
    assert not [secret for secret in employer.secrets() if secret in written]
