"""A figure that no SQL holds has value, unit, date and source, or nothing starts."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from flows.errors import ConfigurationError
from flows.settings import PROJECT, Settings
from flows.warehouse.coefficients import in_force, read_coefficients
from flows.warehouse.models import read_core, read_indicators
from flows.warehouse.runner import fill_registry

HEADER = "name,value,unit,valid_from,source\n"
GOOD = "week_minutes,2100,minutes a week,2000-01-01,the law\n"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    """A file of coefficients with this text."""

    def write(text: str) -> Path:
        file = tmp_path / "coefficients.csv"
        file.write_text(text, encoding="utf-8")
        return file

    return write


FAULTS: dict[str, tuple[str, int, list[str]]] = {
    "no source": ("ties,3,days,2026-01-01,\n", 3, ["ties has no source"]),
    "blank source": ("ties,3,days,2026-01-01,  \n", 3, ["ties has no source"]),
    "no date": ("ties,3,days,,us\n", 3, ["ties has no valid_from"]),
    "no unit": ("ties,3,,2026-01-01,us\n", 3, ["ties has no unit"]),
    "no value": ("ties,,days,2026-01-01,us\n", 3, ["ties has no value"]),
    "no name": (",3,days,2026-01-01,us\n", 3, ["no name"]),
    "short line": ("ties,3,days\n", 3, ["ties has no valid_from"]),
    "French date": ("ties,3,days,01/11/2026,us\n", 3, ["'01/11/2026'", "2026-11-01"]),
    "decimal comma": ('ties,"0,85",days,2026-01-01,us\n', 3, ["'0,85'", "0.85"]),
    "name in words": ("Liens,3,days,2026-01-01,us\n", 3, ["'Liens'", "tie_min_days"]),
    "comma in the source": ("ties,3,days,2026-01-01,us, too\n", 3, ["more than 5", "quotation"]),
    "twice on one day": (GOOD, 3, ["week_minutes has two values from 2000-01-01"]),
    "after an empty line": (f"\n{GOOD}", 4, ["week_minutes has two values"]),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_line_that_is_not_whole_is_refused_by_file_line_and_remedy(write, case: str) -> None:
    line, number, said = FAULTS[case]
    file = write(HEADER + GOOD + line)
    with pytest.raises(ConfigurationError) as fault:
        read_coefficients(file)
    message = str(fault.value)
    assert message.startswith(f"{file}, line {number}: ")
    assert all(words in message for words in [*said, "→"]), message


def test_a_file_with_other_columns_or_none_is_refused(write, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"line 1.*value_eur.*write name,value"):
        read_coefficients(write(HEADER.replace("value", "value_eur")))
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_coefficients(tmp_path / "nowhere.csv")


def test_nothing_starts_with_a_coefficient_without_source(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("IMPACT_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "elsewhere"))
    from flows.stages.preflight import check_before_starting

    reference = tmp_path / "reference"
    shutil.copytree(PROJECT / "data" / "reference", reference)
    settings = Settings(tmp_path / "home", PROJECT / "data" / "places", tmp_path / "keys")
    settings = replace(settings, reference=reference)
    check_before_starting(settings)
    with (reference / "coefficients.csv").open("a", encoding="utf-8") as file:
        file.write("ties,3,days,2026-01-01,\n")
    with pytest.raises(
        ConfigurationError, match=r"coefficients\.csv, line \d+: ties has no source"
    ):
        check_before_starting(settings)
    assert not settings.home.exists()


@pytest.mark.parametrize(
    ("day", "value"),
    [
        (date(2025, 12, 31), 10),  # before the first: what was settled later counts too
        (date(2026, 1, 1), 10),
        (date(2026, 12, 31), 10),
        (date(2027, 1, 1), 20),
        (date(2030, 1, 1), 20),
    ],
)
def test_the_value_of_a_day_is_the_newest_that_had_begun(write, day: date, value: float) -> None:
    later_first = "ties,20,days,2027-01-01,us\nties,10,days,2026-01-01,us\n"
    every = read_coefficients(write(HEADER + GOOD + later_first))
    assert {one.name: one.value for one in in_force(every, day)} == {
        "week_minutes": 2100,
        "ties": value,
    }


def test_the_warehouse_has_the_values_of_the_run_and_of_each_period(tmp_path: Path) -> None:
    reference = tmp_path / "reference"
    shutil.copytree(PROJECT / "data" / "reference", reference)
    dated = [f"ties,{n},days,{day},us\n" for n, day in ((1, "2025-01-01"), (2, "2026-06-30"))]
    (reference / "coefficients.csv").write_text(
        HEADER + "".join([*dated, "ties,3,days,2026-07-15,us\n"]), encoding="utf-8"
    )
    settings = Settings(tmp_path, tmp_path / "places", tmp_path / "keys", reference=reference)
    as_of = datetime(2026, 7, 10, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as warehouse:
        warehouse.execute((settings.sql / "warehouse.sql").read_text(encoding="utf-8"))
        warehouse.execute(
            "INSERT INTO ledger.proof SELECT 'batch', 'p', 'attendance', 's', DATE '2026-05-01', true"
        )
        fill_registry(
            warehouse, [], read_core(settings.sql), read_indicators(settings.sql), settings, as_of
        )
        today = warehouse.execute("SELECT name, value, valid_from FROM registry.coefficient")
        assert today.fetchall() == [("ties", 2, date(2026, 6, 30))]
        by_period = warehouse.execute(
            "SELECT period_id, value FROM registry.period_coefficient ORDER BY period_id"
        )
        # June ends on the day of the change; July still lasts, and its own change is to come
        assert by_period.fetchall() == [
            ("2026", 2),
            ("2026-05", 1),
            ("2026-06", 2),
            ("2026-07", 2),
            ("2026-T2", 2),
            ("2026-T3", 2),
        ]


def test_every_coefficient_that_the_sql_names_is_in_the_file() -> None:
    known = {one.name for one in read_coefficients(PROJECT / "data/reference/coefficients.csv")}
    for file in PROJECT.glob("sql/**/*.sql"):
        text = file.read_text(encoding="utf-8")
        joined = re.findall(r"registry\.(?:period_)?coefficient AS (\w+)", text)
        for alias in joined:
            listed = " ".join(re.findall(rf"\b{alias}\.name (?:= |IN \()([^)\n]+)", text))
            names = re.findall(r"'(\w+)'", listed)
            assert names, f"{file.name} joins coefficients by no name"
            assert set(names) <= known, file.name


def test_a_source_that_is_not_ours_names_who_published_it() -> None:
    for one in read_coefficients(PROJECT / "data/reference/coefficients.csv"):
        publisher = one.source.split(":")[0]
        assert len(publisher) > 3 and len(one.source) > len(publisher) + 10, one.name
