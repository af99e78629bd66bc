"""What the release says of a share: nothing of few cases, nor of many cases of few people."""

from datetime import date, timedelta

import pytest

from flows.publication.once import draw_figures
from flows.publication.rounding import let_round
from flows.publication.secret import PUBLIC, let_draw
from flows.settings import PROJECT, Settings
from flows.warehouse.examples import differences, prepared
from flows.warehouse.models import Example, read_indicators, read_values

SETTINGS = Settings(home=PROJECT, places=PROJECT, keys=PROJECT)
FIRST_MONDAY = date(2025, 1, 6)


def published(
    indicator_id: str,
    given: dict[str, str],
    scope: str,
    period: str,
    columns: str = "diffusion, motif",
) -> tuple[str, str]:
    """What is published of one total, when the example world is `given`."""
    example = Example(name="published", given=given, expect="scope_id | period_id")
    differences(read_indicators(SETTINGS.sql)[indicator_id], example, SETTINGS)
    warehouse = prepared(SETTINGS.sql, SETTINGS.reference).warehouse
    values, _kept = read_values(SETTINGS.sql)
    warehouse.execute(f"CREATE OR REPLACE TABLE indicator.value AS {values.select}")
    let_draw(warehouse, PUBLIC)
    let_round(warehouse, SETTINGS.sql)
    warehouse.execute("CREATE OR REPLACE TABLE registry.publication AS SELECT 'p' publication_id")
    warehouse.execute("DROP TABLE IF EXISTS drawn_figure")
    draw_figures(warehouse, SETTINGS.sql)
    row = warehouse.execute(
        f"SELECT {columns} FROM drawn_figure WHERE ventilation = 'ensemble' "
        "AND territoire_id = ? AND periode = ?", [scope, period],
    ).fetchone()  # fmt: skip
    assert row is not None, "no such row"
    return row


def enrolments(students: int, weeks: int) -> dict[str, str]:
    last = FIRST_MONDAY + timedelta(7 * weeks - 1)
    rows = [
        f"p1 | s{n} | 2025-01-06 10:00 | campus_connecte | {FIRST_MONDAY} | {last}"
        for n in range(students)
    ]
    header = "place_id | person_key | occurred_at | service_code | enrolled_from | enrolled_to"
    return {"core.service_usage": "\n".join([header, *rows])}


def test_the_weeks_of_a_place_are_those_of_few_students_and_stay_in_the_network():
    with pytest.raises(AssertionError, match="no such row"):
        published("campus_attendance_rate", enrolments(60, 2), "p1", "2025")


@pytest.mark.parametrize("students", [0, 1, 40])
def test_few_cases_and_none_are_said_alike(students):
    visits = [f"p1 | s{n} | 2026-01-05 10:00 | feminin" for n in range(students)]
    given = "\n".join(["place_id | person_key | checked_in_at | gender", *visits])
    said = published("women_share", {"core.attendance": given}, "p1", "2026-01")
    assert said == ("non_diffuse", "Une part n'est diffusée qu'à partir de 50 cas.")


def test_a_share_of_hours_is_that_of_rounded_hours():
    """Seats that are offered are known to all; nobody is among them."""
    visit = "place_id | person_key | checked_in_at | checked_out_at | space_code\n"
    given = {"core.attendance": visit + "p2 | a | 2026-01-05 10:00 | 2026-01-05 12:00 | coworking"}
    [diffusion, value] = published(
        "coworking_occupancy_rate", given, "p2", "2026-01", "diffusion, valeur"
    )
    offered = 22 * 8 * 2
    assert diffusion == "arrondi"
    assert value in (0, round(5 / offered, 3))


VISIT_FROM_A_KNOWN_COMMUNE = (
    "place_id | person_key | checked_in_at | home_commune\np1 | a | 2026-01-05 10:00 | 02676"
)


def test_what_is_too_early_is_not_due_however_long_ago_the_period_ended():
    given = {"core.attendance": VISIT_FROM_A_KNOWN_COMMUNE}
    for period, said in (("2024-03", ("too_early", False)), ("2026-01", ("ok", True))):
        columns = "statut, is_due"
        assert published("returning_share", given, "p1", period, columns) == said


def test_the_jobs_of_a_place_are_a_band_unless_its_team_is_public():
    rows = [f"p1 | {n} | equipe | CDI | 2024-01-01 | 2100" for n in range(7)]
    header = "place_id | record_id | relation | contract_type | started_on | weekly_minutes"
    given = {"core.employment": "\n".join([header, *rows])}
    columns = "diffusion, valeur, valeur_min, valeur_max, affichage"
    told = "direct_jobs_eop", given, "p1", "2025", columns
    assert published(*told) == ("tranche", None, 5, 9, "5–9")
    warehouse = prepared(SETTINGS.sql, SETTINGS.reference).warehouse
    public = "UPDATE registry.place SET is_team_public = {} WHERE place_id = 'p1'"
    warehouse.execute(public.format("TRUE"))
    assert published(*told) == ("exact", 7, 7, 7, "7")
    warehouse.execute(public.format("FALSE"))
