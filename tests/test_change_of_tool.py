"""A change of tool, key or evidence: both series stay, look-backs restart, the release shows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from flows.cli import main
from flows.errors import ConfigurationError
from flows.network.place_files import read_place
from flows.publication.release import release_file, write_release
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.warehouse.audit import audit_warehouse

CHANGE = date(2025, 3, 1)
AS_OF = datetime(2026, 5, 2, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))
HEADER = "N°,Arrivée,E-mail,Badge\n"
PLACE = """
id = "le-lieu"
name = "Le Lieu"
commune_code = "80021"
opened_on = 2023-01-01
"""
TOOL = """
[[sources]]
id = "{id}"
feed = "attendance"
connector = "file"
path = "{id}.csv"
rhythm = "monthly"
coverage = "months"
columns = {{ record_id = "N°", checked_in_at = "Arrivée" }}
constants = {{ evidence = "{evidence}" }}
identity = {{ {key} = "{header}" }}
"""
OLD = TOOL.format(id="cahier", evidence="declared", key="email", header="E-mail")
NEW = TOOL.format(id="badges", evidence="checked_in", key="source_id", header="Badge")
REPLACED = OLD + NEW + f'replaces = "cahier"\nfrom = {CHANGE}\n'


def visits(first: date, before: date, stem: str, people: int = 2) -> str:
    """Each person comes on the tenth of each month of the range."""
    months = sorted({(first + timedelta(n)).replace(day=10) for n in range((before - first).days)})
    rows = [(day, person) for day in months for person in range(people)]
    return HEADER + "".join(
        f"{stem}{n},{day} 10:00,p{person}@exemple.fr,{person + 1}\n"
        for n, (day, person) in enumerate(rows, start=1)
    )


FILES = {
    "cahier.csv": visits(date(2023, 6, 1), CHANGE, "c"),
    "badges.csv": visits(CHANGE, date(2026, 5, 1), "b"),
}


@pytest.fixture
def run(tmp_path: Path, settings, monkeypatch) -> Callable[..., Any]:
    """Collect, build and release a place from its TOML; the reports of its sources."""
    monkeypatch.setenv("IMPACT_HOME", str(settings.home))

    def collect_and_build(
        toml: str, files: dict[str, str] = FILES, as_of: datetime = AS_OF
    ) -> list[Any]:
        file = tmp_path / "le-lieu.toml"
        file.write_text(toml, encoding="utf-8")
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        place = read_place(file)
        reports = collect_place(place, settings, Request(as_of=as_of))
        build_warehouse([place], settings, as_of, force=True)
        write_release(settings, "r")
        return reports

    return collect_and_build


@pytest.fixture
def ask(settings) -> Callable[[str], list[tuple[Any, ...]]]:
    """Rows of the release."""

    def query(sql: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(release_file(settings, "r")), read_only=True) as file:
            return file.execute(sql).fetchall()

    return query


@pytest.fixture
def series(settings, read) -> Callable[[str], dict[str, tuple[Any, ...]]]:
    """`period → (status, value, break)` of an indicator at the place."""

    def found(indicator: str) -> dict[str, tuple[Any, ...]]:
        sql = f"""SELECT period_id, status, value, broken_on FROM indicator.value
                  WHERE scope_type = 'place' AND is_ended AND indicator_id = '{indicator}'
                  AND breakdown = 'all'"""
        return {period: tuple(cells) for period, *cells in read(settings, sql)}

    return found


def test_a_new_tool_breaks_the_series_and_nothing_falls_to_zero(run, series, ask) -> None:
    for report in run(PLACE + REPLACED):
        assert (report.failed, report.refused) == ([], [])
    months = series("visits")
    assert months["2025-02"] == ("ok", 2, None)
    assert months["2025-03"] == ("ok", 2, CHANGE)
    assert months["2025-04"] == ("ok", 2, None)
    assert months["2025-T1"] == ("ok", 6, CHANGE)
    assert ask("SELECT * EXCLUDE (motif, indicateur_id) FROM ruptures") == [
        ("le-lieu", "attendance", CHANGE, "cahier", "badges")
    ]
    [(why,)] = ask("SELECT motif FROM ruptures")
    assert "reconnues" in why and "preuve" in why


def test_people_are_counted_on_both_sides_of_the_break(settings, run, read) -> None:
    run(PLACE + REPLACED)
    sql = """SELECT period_id, value FROM indicator.value WHERE indicator_id = 'persons_reached'
             AND breakdown = 'all' AND scope_type = 'place' AND period_id IN ('2025-02', '2025-03')"""
    assert read(settings, f"{sql} ORDER BY ALL") == [("2025-02", 2), ("2025-03", 2)]


def test_look_backs_restart_at_the_break(settings, run, read) -> None:
    run(PLACE + REPLACED)
    sql = """SELECT period_id, status, broken_on FROM indicator.value
             WHERE indicator_id = 'returning_share' AND scope_type = 'place'
             AND breakdown = 'all'"""
    found = {period: (status, day) for period, status, day in read(settings, sql)}
    assert found["2025-02"] == ("identified_per_source", None)
    assert found["2025-03"] == ("too_early", CHANGE)
    assert found["2025-T1"] == ("too_early", CHANGE)
    assert found["2026-02"] == ("too_early", CHANGE)
    assert found["2026-03"][0] == "identified_per_source"
    assert found["2026-04"] == ("identified_per_source", None)


def test_records_after_the_last_day_are_kept_and_counted_in_no_figure(
    settings, run, series, read
) -> None:
    both = {**FILES, "cahier.csv": visits(date(2023, 6, 1), date(2025, 5, 1), "c")}
    reports = {report.source_id: report for report in run(PLACE + REPLACED, both)}
    assert reports["cahier"].outside == 4
    assert reports["badges"].outside == 0
    assert series("visits")["2025-03"][1] == 2
    late = "SELECT count(*) FROM record.attendance WHERE source_id = 'cahier' AND checked_in_at >= "
    assert read(settings, f"{late} '2025-03-01'") == [(4,)]
    # a day that was declared wrong is corrected in the TOML alone: nothing has to be read again
    moved = REPLACED.replace(str(CHANGE), "2025-04-01")
    run(PLACE + moved, both)
    assert series("visits")["2025-03"] == ("ok", 2, None)
    assert series("visits")["2025-04"] == ("ok", 2, date(2025, 4, 1))


def test_a_source_that_ended_is_neither_late_nor_missing_nor_has_to_be_there(
    settings, run, tmp_path, capsys
) -> None:
    run(PLACE + REPLACED)
    (tmp_path / "cahier.csv").unlink()
    for report in run(PLACE + REPLACED, {}):
        assert report.failed == []
    late = {v.promise.id: v.exceptions for v in audit_warehouse(settings.warehouse)}
    assert late["source_a_l_heure"] == 0
    assert main(["coverage", "--json"]) == 0
    states = {
        source: {row["state"] for row in rows}
        for source, rows in by_source(json.loads(capsys.readouterr().out)).items()
    }
    assert states == {"cahier": {"not_used"}, "badges": {"received"}}
    assert main(["coverage"]) == 0
    assert "– not used" in capsys.readouterr().out


def by_source(rows: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    return {
        source: [row for row in rows if row["source_id"] == source]
        for source in {row["source_id"] for row in rows}
    }


def test_a_source_that_begins_later_is_not_missed_before(run, tmp_path) -> None:
    soon = REPLACED.replace(str(CHANGE), "2026-06-01")
    for report in run(PLACE + soon, {"cahier.csv": visits(date(2025, 6, 1), AS_OF.date(), "c")}):
        assert report.failed == []


def test_months_for_which_no_source_speaks_are_missing_not_zero(run, series) -> None:
    run(PLACE + OLD + "until = 2025-02-28\n")
    months = series("visits")
    assert months["2025-02"] == ("ok", 2, None)
    assert months["2025-03"] == ("missing", None, None)
    assert months["2025"] == ("partial", None, None)
    assert months["2025-T1"] == ("partial", None, None)


def test_tools_side_by_side_are_both_expected_on_the_days_of_each(run, series) -> None:
    files = {"cahier.csv": visits(date(2025, 1, 1), date(2026, 5, 1), "c"), "badges.csv": ""}
    files["badges.csv"] = visits(date(2025, 6, 1), date(2026, 4, 1), "b")
    run(PLACE + OLD + NEW + "from = 2025-06-01\n", files)
    months = series("visits")
    assert months["2025-05"] == ("ok", 2, None)
    assert months["2025-06"] == ("ok", 4, None)
    assert months["2026-04"] == ("partial", None, None)


def test_contracts_of_two_tools_are_one_series(tmp_path: Path, run, series) -> None:
    tool = """
[[sources]]
id = "{id}"
feed = "employment"
connector = "file"
path = "{id}.csv"
rhythm = "monthly"
coverage = "until_file_date"
columns = {{ record_id = "N°", started_on = "Début", weekly_minutes = "Heures" }}
constants = {{ contract_type = "CDI" }}
"""
    old, new = tool.format(id="paie").replace("paie.csv", "paie-*.csv"), tool.format(id="sirh")
    new = new.replace("sirh.csv", "sirh-*.csv") + f'replaces = "paie"\nfrom = {CHANGE}\n'
    contract = "N°,Début,Heures\n1,2020-01-01,35\n"
    files = {
        "paie-2020-01-01-2025-02-28.csv": contract, "sirh-2025-01-01-2026-05-01.csv": contract,
        **FILES,
    }  # fmt: skip
    run(PLACE + OLD + old + new, files)
    months = series("direct_fte")
    assert [months[f"2025-{n:02}"] for n in (2, 3, 4)] == [
        ("ok", 1, None), ("ok", 1, CHANGE), ("ok", 1, None),
    ]  # fmt: skip


SAME_FILE = NEW.replace("badges.csv", "cahier.csv")
FAULTS = {
    "nobody of that name": (REPLACED.replace('"cahier"\nfrom', '"cahiers"\nfrom'),
                            ["sources.1.replaces", "'cahiers'", "did you mean 'cahier'?"]),
    "itself": (REPLACED.replace('"cahier"\nfrom', '"badges"\nfrom'), ["'badges'"]),
    "no first day": (OLD + NEW + 'replaces = "cahier"\n', ["sources.1.from", "'cahier'"]),
    "they share days": (OLD + "until = 2025-03-31\n" + NEW + 'replaces = "cahier"\nfrom = 2025-03-01\n',
                        ["'cahier' would not end on 2025-02-28", "`until`"]),
    "days of nobody": (OLD + "until = 2025-01-31\n" + NEW + 'replaces = "cahier"\nfrom = 2025-03-01\n',
                       ["'cahier' would not end on 2025-02-28"]),
    "before the old one": (OLD + "from = 2025-05-01\n" + NEW + 'replaces = "cahier"\nfrom = 2025-03-01\n',
                           ["before that begins, on 2025-05-01"]),
    "days in disorder": (OLD + "from = 2025-05-01\nuntil = 2025-04-01\n", ["sources.0", "`until`"]),
    "the same rows": (OLD + SAME_FILE, ["sources.1.path", "same rows on the same days as 'cahier'"]),
    "a slip of the pen": (OLD + "form = 2025-05-01\n", ["sources.0.form", "'from'"]),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_days_that_cannot_be_right_are_refused(tmp_path: Path, case: str) -> None:
    toml, said = FAULTS[case]
    file = tmp_path / "le-lieu.toml"
    file.write_text(PLACE + toml, encoding="utf-8")
    with pytest.raises(ConfigurationError) as fault:
        read_place(file)
    message = str(fault.value)
    assert all(words in message for words in [str(file), *said, "→"]), message


def test_one_file_may_be_read_by_one_source_after_the_other(tmp_path: Path) -> None:
    """The evidence changes and the file does not."""
    file = tmp_path / "le-lieu.toml"
    changed = SAME_FILE + f'replaces = "cahier"\nfrom = {CHANGE}\n'
    file.write_text(PLACE + OLD + changed, encoding="utf-8")
    place = read_place(file)
    assert [place.days_of_use(source) for source in place.sources] == [
        (None, CHANGE - timedelta(1)), (CHANGE, None),
    ]  # fmt: skip
