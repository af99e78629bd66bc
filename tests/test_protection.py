"""What the release hides of a share: few cases, and also many cases of few people."""

from datetime import date, timedelta

import pytest

from flows.publication.release import read_published
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
    warehouse.execute("CREATE OR REPLACE TABLE registry.publication AS SELECT 'p' publication_id")
    select = next(t for t in read_published(SETTINGS.sql / "published") if t.name == "valeurs")
    row = warehouse.execute(
        f"SELECT {columns} FROM ({select.select}) WHERE ventilation = 'ensemble' "
        "AND territoire_id = ? AND periode = ?", [scope, period],
    ).fetchone()  # fmt: skip
    assert row is not None
    return row


def enrolments(students: int, weeks: int) -> dict[str, str]:
    last = FIRST_MONDAY + timedelta(7 * weeks - 1)
    rows = [
        f"p1 | s{n} | 2025-01-06 10:00 | campus_connecte | {FIRST_MONDAY} | {last}"
        for n in range(students)
    ]
    header = "place_id | person_key | occurred_at | service_code | enrolled_from | enrolled_to"
    return {"core.service_usage": "\n".join([header, *rows])}


@pytest.mark.parametrize(("students", "weeks"), [(1, 20), (10, 2)])
def test_many_weeks_of_fewer_than_eleven_students_are_hidden(students, weeks):
    diffusion, reason = published(
        "campus_attendance_rate", enrolments(students, weeks), "p1", "2025"
    )
    assert diffusion == "non_diffuse"
    assert reason == "Secret : moins de 11 personnes ou cas."


def test_the_weeks_of_eleven_students_are_published():
    assert published("campus_attendance_rate", enrolments(11, 1), "p1", "2025")[0] == "exact"


def test_a_share_of_hours_whose_people_are_not_counted_is_published():
    """Where `persons` is NULL the denominator alone is judged."""
    visit = "place_id | person_key | checked_in_at | checked_out_at | space_code\n"
    given = {"core.attendance": visit + "p2 | a | 2026-01-05 10:00 | 2026-01-05 12:00 | coworking"}
    assert published("coworking_occupancy_rate", given, "p2", "2026-01")[0] == "exact"


VISIT_FROM_A_KNOWN_COMMUNE = (
    "place_id | person_key | checked_in_at | home_commune\np1 | a | 2026-01-05 10:00 | 02676"
)


def test_where_the_list_is_missing_a_case_of_the_period_is_not_said_to_be_none():
    given = {
        "core.attendance": VISIT_FROM_A_KNOWN_COMMUNE,
        "registry.commune": "commune_code | type | is_frr | rank\n02676 | commune | | 1",
    }
    diffusion, reason = published("frr_resident_share", given, "p1", "2026-01")
    assert diffusion == "non_disponible"
    assert reason == "Aucun cas dont on sache ce que le rapport demande : il n'est pas défini."


def test_what_is_too_early_stays_provisional_however_long_ago_the_period_ended():
    given = {"core.attendance": VISIT_FROM_A_KNOWN_COMMUNE}
    for period, said in (
        ("2024-03", ("too_early", "provisoire")),
        ("2026-01", ("ok", "definitif")),
    ):
        columns = "statut, etat"
        assert published("returning_share", given, "p1", period, columns) == said
