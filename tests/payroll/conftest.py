"""An employer's machine: a folder of its own, a home of its own."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.onboarding.dsn import Sheet, make_sheet

Make = Callable[..., list[dict[str, str]]]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home-of-somebody"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    work = tmp_path / "paie"
    work.mkdir()
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def made(machine: Path) -> Callable[..., Sheet]:
    """What comes of some texts, each a file."""

    def make(*texts: str, sirets=(), workplaces=(), staff=None, ask=None) -> Sheet:
        for old in machine.glob("*.dsn"):
            old.unlink()
        for number, text in enumerate(texts):
            (machine / f"{number}.dsn").write_bytes(text.encode("latin-1"))
        return make_sheet(["*.dsn"], [*sirets], [*workplaces], staff, ask)

    return make


@pytest.fixture
def rows(made: Callable[..., Sheet]) -> Make:
    """The rows of the sheet, as `Header` → cell."""

    def read(*texts: str, **choice: object) -> list[dict[str, str]]:
        with made(*texts, **choice).file.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream, delimiter=";"))

    return read


def told(rows: list[dict[str, str]], *headers: str) -> list[tuple[str, ...]]:
    return [tuple(row[header] for header in headers) for row in rows]
