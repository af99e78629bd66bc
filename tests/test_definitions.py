"""A definition that is not right is named before anything starts, and the warehouse stays as it is."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import flows.stages.definitions
from flows.errors import ConfigurationError
from flows.network.place_files import read_places
from flows.settings import PROJECT, Settings
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.definitions import check_definitions
from flows.stages.publish import publish_release
from flows.stages.request import Request
from tests.conftest import AS_OF

PLACE = """
id = "le-lieu"
name = "Le Lieu"
commune_code = "80021"
opened_on = 2026-01-01

[[sources]]
id = "registre"
feed = "attendance"
connector = "file"
path = "*.csv"
rhythm = "weekly"
coverage = "span"

[sources.columns]
record_id = "N°"
checked_in_at = "Arrivée"
"""
INDICATOR = "indicators/jobs_started.sql"
BY_COMMAND = ["an unknown key", "a column that does not exist", "an example that is not true"]


def swap(old: str, new: str) -> Callable[[str], str]:
    """The same text with one thing changed; the thing must be there."""

    def change(text: str) -> str:
        assert old in text, old
        return text.replace(old, new, 1)

    return change


def line_of(text: str, words: str) -> int:
    return text[: text.index(words)].count("\n") + 1


Case = tuple[str, Callable[[str], str], str, list[str]]
FAULTS: dict[str, Case] = {
    "an unknown key": (
        INDICATOR, swap("direction =", "derection ="),
        "derection", ["header key derection", "unknown key", "did you mean 'direction'?"],
    ),
    "an unknown key of an example": (
        INDICATOR, swap("\nexpect =", "\nexpekt ="),
        "expekt", ["header key examples.0.expekt", "unknown key"],
    ),
    "a missing key": (
        INDICATOR, lambda text: re.sub(r"\nsource = .*", "", text),
        "", ["header key source", "the key is missing", "CONTRIBUTING.md"],
    ),
    "a breakdown of no list": (
        INDICATOR, swap("looks_back_days", 'breakdowns = ["shoe_size"]\nlooks_back_days'),
        "breakdowns", ["header key breakdowns.0", "'age_band'"],
    ),
    "a breakdown that the header does not declare": (
        INDICATOR, swap("    'all' AS breakdown", "    'gender' AS breakdown"),
        "'gender'", ["breakdown 'gender'", "add it to breakdowns"],
    ),
    "a column of the contract that is missing": (
        INDICATOR, swap("    'all' AS category,\n", ""),
        "SELECT", ["no column category", "give exactly scope_id, period_id"],
    ),
    "a column too many": (
        INDICATOR, swap("    'all' AS category,", "    'all' AS category, 1 AS bonus,"),
        "bonus", ["bonus too many"],
    ),
    "a column that does not exist": (
        INDICATOR, swap("j.worker", "j.wroker"), "j.wroker", ["wroker", "correct the SQL"],
    ),
    "a table that does not exist": (
        INDICATOR, swap("core.scope", "core.skope"), "core.skope", ["skope"],
    ),
    "a slip in the syntax": (
        INDICATOR, swap("GROUP BY", "GROUPE BY"), "GROUPE", ["syntax error"],
    ),
    "two statements": (
        INDICATOR, lambda text: text.rstrip() + ";\n\nSELECT 2 AS second\n",
        "SELECT 2", ["2 statements", "keep one SELECT a file"],
    ),
    "something else than a SELECT": (
        INDICATOR, lambda text: text[: text.index("*/")] + "*/\nDROP TABLE core.visit",
        "DROP", ["not a SELECT"],
    ),
    "an example that is not true": (
        INDICATOR, swap("2026-01   | 1         | 1 ", "2026-01   | 7         | 1 "),
        "[[examples]]", ["is not true: p1 2026-01 numerator is 1.0, not 7", "or the example"],
    ),
    "an example of a column that no contract has": (
        INDICATOR, swap("started_on", "startad_on"),
        "[[examples]]", ["cannot be computed", "no column startad_on"],
    ),
    "a fault in a core table": (
        "core/visit.sql", swap("v.evidence,", "v.evidense,"), "v.evidense", ["evidense"],
    ),
    "a fault in the values": (
        "values.sql", swap("r.observed,", "r.observd,"), "r.observd", ["observd"],
    ),
    "a fault in a published table": (
        "published/lieux.sql", swap("FROM registry.place AS", "FROM registry.plaice AS"),
        "registry.plaice", ["plaice"],
    ),
    "a fault in a step of rounding": (
        "rounding/rounded_cell.sql", swap("d.people_margin", "d.peple_margin"),
        "d.peple_margin", ["peple_margin"],
    ),
    "a published column that nobody describes": (
        "published/lots.sql", swap("SELECT\n", "SELECT\n    1 AS secret,\n"),
        "", ["secret is not described"],
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program with its SQL in a folder of its own, so that a test may spoil it."""
    folder = tmp_path_factory.mktemp("program")
    for part in ("flows", "schemas", "sql", "data/reference"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(PROJECT / part, folder / part, ignore=ignored)
    keep_two(folder / "sql")
    return folder


def keep_two(sql: Path) -> None:
    """Leave two indicators: what is judged of one is judged of all."""
    for file in (sql / "indicators").glob("*.sql"):
        if file.stem not in {"jobs_started", "visits"}:
            file.unlink()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory, program: Path) -> Path:
    """A network that has published once, and has more to read."""
    folder = tmp_path_factory.mktemp("network")
    (folder / "places").mkdir()
    (folder / "places" / "le-lieu.toml").write_text(PLACE, encoding="utf-8")
    (folder / "places" / "first.csv").write_text("N°,Arrivée\n1,2026-09-05 10:00\n", "utf-8")
    homes = (folder / name for name in ("home", "places", "keys"))
    settings = Settings(*homes, sql=program / "sql")
    places = [*read_places(settings.places).values()]
    [report] = collect_place(places[0], settings, Request(AS_OF))
    assert report.loaded == 1
    publish_release(settings, build_warehouse(places, settings, AS_OF, force=False).release_id)
    assert settings.current_release.exists()
    (folder / "places" / "second.csv").write_text("N°,Arrivée\n2,2026-09-06 10:00\n", "utf-8")
    return folder


def run(program: Path, network: Path) -> subprocess.CompletedProcess[str]:
    """`impact run` as the command of that program does it."""
    code = "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))"
    places = {name: str(network / name.lower()) for name in ("HOME", "PLACES", "KEYS")}
    return subprocess.run(
        [sys.executable, "-c", code, "run", "--as-of", AS_OF.isoformat()],
        env={
            **os.environ,
            **{f"IMPACT_{name}": folder for name, folder in places.items()},
            "IMPACT_LANG": "en",
            "PYTHONPATH": str(program),
        },
        cwd=program, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


def state(home: Path) -> dict[str, str]:
    """Every file of a home but Prefect's own, by its content."""
    return {
        str(file.relative_to(home)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(home.rglob("*"))
        if file.is_file() and "prefect" not in file.parts
    }


def expected_place(file: Path, spoilt: str, at: str) -> str:
    return f"{file}, line {line_of(spoilt, at)}" if at else str(file)


@pytest.mark.parametrize("case", BY_COMMAND)
def test_a_run_refuses_to_start_and_leaves_the_warehouse_as_it_is(
    program: Path, network: Path, case: str
) -> None:
    name, spoil, at, said = FAULTS[case]
    file = program / "sql" / name
    good = file.read_text(encoding="utf-8")
    before = state(network / "home")
    file.write_text(spoil(good), encoding="utf-8")
    try:
        done = run(program, network)
    finally:
        file.write_text(good, encoding="utf-8")
    assert done.returncode == 2, done.stdout + done.stderr
    assert done.stderr.startswith(f"impact: {expected_place(file, spoil(good), at)}"), done.stderr
    assert all(words in done.stderr for words in [*said, " → "]), done.stderr
    assert state(network / "home") == before


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_wrong_is_named_with_its_line_and_a_remedy(tmp_path: Path, case: str) -> None:
    name, spoil, at, said = FAULTS[case]
    shutil.copytree(PROJECT / "sql", tmp_path / "sql")
    keep_two(tmp_path / "sql")
    file = tmp_path / "sql" / name
    file.write_text(spoilt := spoil(file.read_text("utf-8")), encoding="utf-8")
    settings = Settings(tmp_path / "home", tmp_path, tmp_path / "keys", sql=tmp_path / "sql")
    with pytest.raises(ConfigurationError) as fault:
        check_definitions(settings)
    message = str(fault.value)
    assert message.startswith(expected_place(file, spoilt, at)), message
    assert all(words in message for words in [*said, " → "]), message
    assert not settings.home.exists()


@pytest.fixture
def remembering(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation and a home that have not judged anything yet."""
    monkeypatch.setattr(flows.stages.definitions, "INSTALLED", tmp_path / "installed" / "right")
    monkeypatch.setattr(flows.stages.definitions, "JUDGED", tmp_path / "judged")
    sql = tmp_path / "sql"
    shutil.copytree(PROJECT / "sql", sql)
    keep_two(sql)
    return Settings(tmp_path / "home", tmp_path / "places", tmp_path / "keys", sql=sql)


def judged(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The indicators whose examples a check computes."""
    found: list[str] = []
    check = flows.stages.definitions.check_examples
    with monkeypatch.context() as patch:
        patch.setattr(
            flows.stages.definitions,
            "check_examples",
            lambda s, m: (found.append(m.id), check(s, m)),
        )
        check_definitions(settings)
    return found


def test_only_what_changed_is_computed_again(remembering: Settings, monkeypatch) -> None:
    assert judged(remembering, monkeypatch) == ["jobs_started", "visits"]
    assert judged(remembering, monkeypatch) == []
    assert judged(replace(remembering, home=remembering.home / "other"), monkeypatch) == []
    file = remembering.sql / "indicators" / "visits.sql"
    file.write_text(file.read_text("utf-8") + "\n-- a remark\n", "utf-8")
    assert judged(remembering, monkeypatch) == ["visits"]
    file = remembering.sql / "core" / "scope.sql"
    file.write_text(file.read_text("utf-8") + "\n-- a remark\n", "utf-8")
    assert judged(remembering, monkeypatch) == ["jobs_started", "visits"]


def test_what_comes_with_the_program_needs_no_judgement(remembering, monkeypatch) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(flows.stages.definitions, "INSTALLED", remembering.home / "right")
    demonstration = PROJECT / "data" / "places"
    shipped = replace(remembering, sql=PROJECT / "sql", places=demonstration)
    assert judged(shipped, monkeypatch) == []


def test_what_is_wrong_is_not_remembered_as_right(remembering: Settings) -> None:
    file = remembering.sql / "indicators" / "visits.sql"
    file.write_text(file.read_text("utf-8").replace("sum(v.headcount)", "2 * sum(v.headcount)"))
    for _again in range(2):
        with pytest.raises(ConfigurationError, match="is not true"):
            check_definitions(remembering)


def test_an_installation_that_cannot_be_written_remembers_in_the_home(
    remembering: Settings, monkeypatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(flows.stages.definitions, "INSTALLED", tmp_path / "file" / "right")
    assert judged(remembering, monkeypatch) != []
    assert judged(remembering, monkeypatch) == []
    assert [file.name for file in remembering.home.iterdir()] == ["right"]
