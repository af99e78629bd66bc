"""What a delivery proves, and what the absence of proof does to a figure."""

import json
from datetime import date

import pytest

from flows.cli import main
from flows.cli.terminal import MONTH_SIGNS, closure_line
from flows.stages.build import build_warehouse
from tests.conftest import AS_OF

MEETINGS = """rencontre,jour,personne,present
1,2026-09-03,11,1
1,2026-09-03,12,0
2,2026-09-03,11,0
2,2026-09-03,12,0
3,2026-09-10,11,0
3,2026-09-10,12,0
4,2026-10-01,11,1
4,2026-10-01,13,1
"""
REGISTER_OF_MEETINGS = {
    "coverage": "days_with_presence",
    "rhythm": "occasional",
    "columns": {
        "record_id": ["rencontre", "personne"],
        "checked_in_at": "jour",
        "activity_id": "rencontre",
        "attendance_status": "present",
    },
    "values": {"attendance_status": {"1": "present", "0": "absent"}},
    "identity": {"source_id": "personne"},
}
OPEN = {"opened_on": "2026-01-01"}


@pytest.fixture
def figures(tmp_path, make_place, collect, read, settings):
    """Collect and build; `indicator → period → (status, running, value)` of the place."""

    def compute(files, place=None, indicator="visits", **source):
        declared = make_place(tmp_path, files, place={**OPEN, **(place or {})}, **source)
        for report in collect(declared, settings):
            assert report.failed == []
            assert report.refused == []
        build_warehouse([declared], settings, AS_OF, force=True)
        return {
            period: tuple(cells)
            for period, *cells in read(
                settings,
                "SELECT period_id, status, running, value FROM indicator.value "
                f"WHERE scope_type = 'place' AND indicator_id = '{indicator}'",
            )
        }

    return compute


def test_a_meeting_where_nobody_was_noted_is_not_recorded_never_zero(figures, read, settings):
    found = figures({"r.csv": MEETINGS}, **REGISTER_OF_MEETINGS)
    # 3 September had two meetings, one of them without a presence: that day is not recorded
    assert read(settings, "SELECT day, is_recorded FROM ledger.proof ORDER BY day") == [
        (date(2026, 9, 3), False),
        (date(2026, 9, 10), False),
        (date(2026, 10, 1), True),
    ]
    assert found["2026-09"] == ("missing", 1, None)
    assert found["2026-10"] == ("ok", 2, 2)


def test_people_known_by_a_tools_own_number_are_marked(figures):
    found = figures({"r.csv": MEETINGS}, indicator="persons_reached", **REGISTER_OF_MEETINGS)
    assert found["2026-10"] == ("identified_per_source", 2, 2)


def register(*days):
    return "N°,Arrivée\n" + "".join(f"{n},{day} 10:00\n" for n, day in enumerate(days))


def test_a_span_proves_the_days_between_the_first_and_the_last_record(figures):
    found = figures({"r.csv": register("2026-08-31", "2026-10-01")}, coverage="span")
    assert found["2026-09"] == ("ok", 0, 0)
    assert found["2026-10"] == ("partial", 1, None)


def test_days_prove_only_themselves(figures):
    found = figures({"r.csv": register("2026-09-01", "2026-09-30")}, coverage="days")
    assert found["2026-09"] == ("partial", 2, None)


def test_months_prove_the_whole_months_in_which_there_is_a_record(figures):
    found = figures({"r.csv": register("2026-07-15", "2026-09-15")}, coverage="months")
    assert found["2026-07"] == ("ok", 1, 1)
    assert found["2026-08"] == ("missing", 0, None)
    assert found["2026-09"] == ("ok", 1, 1)


def test_the_date_in_the_name_proves_the_days_up_to_it(figures):
    found = figures({"r-2026-09-30.csv": register("2026-08-01")}, coverage="until_file_date")
    assert found["2026-08"] == ("ok", 1, 1)
    assert found["2026-09"] == ("ok", 0, 0)
    assert found["2026-10"] == ("missing", 0, None)


def test_a_file_without_a_date_in_its_name_is_refused_where_that_is_the_proof(
    tmp_path, make_place, collect, read, settings
):
    place = make_place(tmp_path, {"r.csv": register("2026-08-01")}, coverage="until_file_date")
    [report] = collect(place, settings)
    assert "does not say until which day" in report.refused[0]
    assert read(settings, "SELECT count(*) FROM record.attendance") == [(0,)]


def test_a_closed_august_is_zero_when_the_place_said_so(figures):
    closed = {"closures": [{"first_day": "2026-08-01", "last_day": "2026-08-31"}]}
    files = {"r.csv": register("2026-07-10", "2026-09-10")}
    assert figures(files, place=closed, coverage="months")["2026-08"] == ("ok", 0, 0)


def test_presence_on_a_day_of_closure_is_loaded_and_said(
    tmp_path, make_place, collect, read, settings
):
    closed = {"closures": [{"first_day": "2026-08-01", "last_day": "2026-08-31"}]}
    files = {"r.csv": register("2026-07-31", "2026-08-03", "2026-08-04", "2026-09-01")}
    [report] = collect(make_place(tmp_path, files, place=closed), settings)
    assert report.loaded == 4
    line = closure_line(report.on_closures)
    assert "2 days" in line and "(2026-08-03, 2026-08-04)" in line and "→" in line


def test_only_the_opening_days_are_expected(figures):
    thursdays = {"opening_hours": {"thursday": ["14:00-18:00"]}}
    files = {"r.csv": register(*[f"2026-10-{day:02}" for day in (1, 8, 15, 22, 29)])}
    assert figures(files, place=thursdays, coverage="days")["2026-10"] == ("ok", 5, 5)


def test_a_place_without_a_source_for_the_feed_has_no_figure(figures):
    found = figures({"r.csv": register("2026-10-01")}, indicator="direct_fte", coverage="months")
    assert found["2026-10"] == ("not_applicable", 0, None)


def test_months_before_the_opening_have_no_figure(figures):
    found = figures(
        {"r.csv": register("2026-08-15", "2026-10-15")},
        place={"opened_on": "2026-09-15"},
        coverage="span",
    )
    assert found["2026-08"] == ("not_open", 1, None)
    assert found["2026-09"] == ("ok", 0, 0)


def test_two_sources_of_a_feed_must_both_have_arrived(figures, tmp_path):
    both = [
        {"id": "un", "path": "un.csv", "coverage": "months"},
        {"id": "deux", "path": "deux.csv", "coverage": "months"},
    ]
    files = {"un.csv": register("2026-09-10", "2026-10-10"), "deux.csv": register("2026-09-10")}
    found = figures(files, sources=both)
    assert found["2026-09"] == ("ok", 2, 2)
    assert found["2026-10"] == ("partial", 1, None)


@pytest.fixture
def grid(figures, settings, monkeypatch, capsys):
    """Collect and build; `month → (state, recorded, expected)` as `impact coverage` gives them."""
    monkeypatch.setenv("IMPACT_HOME", str(settings.home))

    def show(files, place=None, **source):
        figures(files, place=place, **source)
        assert main(["coverage", "--place", "le-lieu", "--json"]) == 0
        rows = json.loads(capsys.readouterr().out)
        assert {(row["place_id"], row["source_id"]) for row in rows} == {("le-lieu", "registre")}
        return {
            row["month"]: (row["state"], row["recorded_days"], row["expected_days"]) for row in rows
        }

    return show


def test_a_month_is_received_in_part_or_not_at_all(grid):
    found = grid({"r.csv": register("2026-08-01", "2026-08-31", "2026-10-02")}, coverage="days")
    assert found == {
        "2026-08": ("partial", 2, 31),
        "2026-09": ("missing", 0, 30),
        "2026-10": ("partial", 1, 31),
    }


def test_what_the_place_declared_is_never_called_missing(grid):
    place = {
        "opened_on": "2026-03-10",
        "closed_on": "2026-09-30",
        "closures": [{"first_day": "2026-08-01", "last_day": "2026-08-31"}],
    }
    found = grid({"r.csv": register("2026-01-15", "2026-05-02")}, place=place, coverage="days")
    assert found == {
        "2026-01": ("not_open", 0, 0),
        "2026-02": ("not_open", 0, 0),
        "2026-03": ("missing", 0, 22),
        "2026-04": ("missing", 0, 30),
        "2026-05": ("partial", 1, 31),
        "2026-06": ("missing", 0, 30),
        "2026-07": ("missing", 0, 31),
        "2026-08": ("closed", 0, 0),
        "2026-09": ("missing", 0, 30),
        "2026-10": ("closed", 0, 0),
    }


def test_a_register_of_meetings_is_judged_on_its_meetings(grid):
    closed = {"closures": [{"first_day": "2026-10-01", "last_day": "2026-10-31"}]}
    found = grid({"r.csv": MEETINGS}, place=closed, **REGISTER_OF_MEETINGS)
    assert found == {"2026-09": ("missing", 0, 2), "2026-10": ("received", 1, 1)}


def test_the_grid_has_the_last_thirteen_ended_months_and_a_legend(grid, capsys):
    assert len(grid({"r.csv": register("2024-01-02", "2026-11-01")})) == 13
    assert main(["coverage"]) == 0
    shown = capsys.readouterr().out
    row = next(line for line in shown.splitlines() if "registre" in line)
    assert row.split() == ["le-lieu", "registre", *["·"] * 3, *["✓"] * 10]
    years, months = (line.split() for line in shown.splitlines()[:2])
    assert years == ["25"] * 3 + ["26"] * 10
    assert months == ["place", "source", "10", "11", "12", *(f"{n:02}" for n in range(1, 11))]
    assert all(f"{sign} " in shown for sign in MONTH_SIGNS.values())


def test_a_place_that_no_run_has_seen_is_refused_with_the_nearest(grid, capsys):
    grid({"r.csv": register("2026-10-01")})
    for command in ("coverage", "rejects"):
        assert main([command, "--place", "le-lieux"]) == 2
        assert "did you mean 'le-lieu'?" in capsys.readouterr().err


def test_before_the_first_figures_a_question_says_what_to_run(
    tmp_path, make_place, collect, settings, monkeypatch, capsys
):
    monkeypatch.setenv("IMPACT_HOME", str(settings.home))
    assert main(["coverage"]) == 2
    assert "there is no warehouse yet" in capsys.readouterr().err
    collect(make_place(tmp_path, {"r.csv": register("2026-10-01")}), settings)
    assert main(["coverage"]) == 2
    assert "nothing was computed yet" in capsys.readouterr().err


def proven(read, settings):
    sql = "SELECT DISTINCT day FROM ledger.proof WHERE is_recorded ORDER BY day"
    return [str(day) for (day,) in read(settings, sql)]


def test_the_days_that_were_asked_for_are_proven_up_to_the_day_of_the_run(
    tmp_path, make_place, collect, read, settings
):
    place = make_place(tmp_path, {"r.csv": register("2026-10-30")}, coverage="window")
    asked = {"first_day": date(2026, 10, 29), "last_day": date(2026, 11, 30)}
    [report] = collect(place, settings, **asked)
    assert (report.refused, report.loaded) == ([], 1)
    assert proven(read, settings) == [
        "2026-10-29", "2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02",
    ]  # fmt: skip


def test_a_window_without_a_record_proves_its_days_and_one_that_nobody_asked_for_is_refused(
    tmp_path, make_place, collect, read, settings
):
    place = make_place(tmp_path, {"r.csv": register()}, coverage="window")
    [report] = collect(place, settings)
    assert "nobody asked for days" in report.refused[0] and "--from" in report.refused[0]
    assert proven(read, settings) == []
    for month in (8, 9):  # the same bytes, asked for other days
        days = {"first_day": date(2026, month, 1), "last_day": date(2026, month, 2)}
        [report] = collect(place, settings, **days)
        assert (report.refused, report.failed) == ([], [])
    assert proven(read, settings) == ["2026-08-01", "2026-08-02", "2026-09-01", "2026-09-02"]


def test_a_file_without_a_record_proves_the_days_of_its_name(figures):
    files = {
        f"r-2026-{month:02}-01-2026-{month:02}-{last}.csv": register()
        for month, last in ((8, 31), (9, 30))
    }
    found = figures(files, coverage="until_file_date", path="r-*.csv")
    assert found["2026-08"] == found["2026-09"] == ("ok", 0, 0)
    assert found["2026-10"] == ("missing", 0, None)


def test_the_same_content_under_a_later_name_proves_the_later_days(
    tmp_path, make_place, collect, read, settings
):
    text = register("2026-09-29")
    options = {"coverage": "until_file_date", "path": "r-*.csv"}
    first = make_place(tmp_path, {"r-2026-09-30.csv": text}, **options)
    collect(first, settings)
    assert proven(read, settings) == ["2026-09-29", "2026-09-30"]
    second = make_place(tmp_path, {"r-2026-10-02.csv": text}, **options)
    [report] = collect(second, settings)
    assert (report.batches, report.loaded, report.failed) == (1, 0, [])
    assert proven(read, settings)[-1] == "2026-10-02"
    assert read(settings, "SELECT count(*) FROM record.attendance") == [(1,)]
    [report] = collect(second, settings)
    assert report.batches == 0


@pytest.mark.parametrize("coverage", ["span", "days", "days_with_presence", "months"])
def test_a_file_without_a_record_proves_nothing_where_its_records_are_the_proof(
    tmp_path, make_place, collect, read, settings, coverage
):
    [report] = collect(make_place(tmp_path, {"r.csv": register()}, coverage=coverage), settings)
    assert (report.refused, report.failed) == ([], [])
    assert proven(read, settings) == []


CONTRACTS = "N°,Début,Fin,Heures\n1,2019-09-01,,35\n2,2026-09-15,,35\n3,2026-11-01,,35\n"


def contracts(make_place, folder, name, **source):
    columns = {
        "record_id": "N°",
        "started_on": "Début",
        "ended_on": "Fin",
        "weekly_minutes": "Heures",
    }
    constants = {"contract_type": "CDI", "relation": "equipe"}
    return make_place(
        folder, {name: CONTRACTS}, feed="employment", columns=columns, constants=constants, **source
    )


def test_a_contract_that_began_before_the_days_asked_for_is_of_these_days(
    tmp_path, make_place, collect, read, settings
):
    place = contracts(make_place, tmp_path, "r.csv", coverage="window")
    days = {"first_day": date(2026, 9, 1), "last_day": date(2026, 9, 30)}
    [report] = collect(place, settings, **days)
    assert (report.refused, report.loaded) == ([], 2)
    assert proven(read, settings)[:: len(proven(read, settings)) - 1] == [
        "2026-09-01",
        "2026-09-30",
    ]


def test_a_list_of_those_employed_now_proves_its_own_day_and_one_with_somebody_who_left_its_past(
    tmp_path, make_place, collect, read, settings
):
    columns = {"record_id": "N°", "started_on": "Début", "ended_on": "Fin"}
    constants = {"contract_type": "CDI", "weekly_minutes": "35"}
    living = "N°;Début;Fin\n1;01/03/2026;\n2;01/09/2026;31/12/2026\n"
    for ended, first in (("", "2026-10-31"), ("3;15/03/2026;30/04/2026\n", "2026-03-01")):
        files = {"rh-2026-10-31.csv": living + ended}
        place = make_place(
            tmp_path, files, feed="employment", columns=columns, constants=constants,
            coverage="until_file_date",
        )  # fmt: skip
        [report] = collect(place, settings)
        assert report.refused == []
        assert (proven(read, settings)[0], proven(read, settings)[-1]) == (first, "2026-10-31")


def test_a_name_that_says_both_ends_proves_nothing_before_however_old_a_contract(
    tmp_path, make_place, collect, read, settings
):
    name = "rh-2026-09-01-2026-09-30.csv"
    collect(contracts(make_place, tmp_path, name, coverage="until_file_date"), settings)
    assert proven(read, settings)[0] == "2026-09-01" and len(proven(read, settings)) == 30
    assert read(settings, "SELECT count(*) FROM record.employment") == [(3,)]
