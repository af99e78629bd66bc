"""What stands for the set behind a figure: equal sets have equal keys, wherever they stand."""

import hashlib
from collections.abc import Iterable

import duckdb
import pytest

PLACE, MONTH = "la-machinerie", "2026-05"
ADDING_UP = (
    "accompaniments", "co2_avoided_kg", "coworking_days", "machine_hours", "partner_sessions",
    "service_uses", "training_hours", "visits", "volunteer_hours",
)  # fmt: skip
"""What is counted by records: those of a year are those of its months."""


@pytest.fixture(scope="module")
def warehouse(published):
    with duckdb.connect(str(published.settings.warehouse), read_only=True) as file:
        yield file


def number(text: str) -> int:
    """The whole number of a person or of a record: the last eight bytes of its MD5, the least one first."""
    return int.from_bytes(hashlib.md5(text.encode()).digest()[8:], "little")


def key_of(warehouse, indicator_id: str, column: str = "numerator_key") -> int:
    [(key,)] = warehouse.execute(
        f"SELECT {column} FROM indicator.value WHERE indicator_id = ? AND scope_id = ? "
        "AND period_id = ? AND breakdown = 'all'", [indicator_id, PLACE, MONTH],
    ).fetchall()  # fmt: skip
    return int(key)


def total(texts: Iterable[tuple[str]]) -> int:
    return sum(number(text) for (text,) in texts)


USERS = f"""
    SELECT a.* FROM record.attendance AS a
    WHERE NOT a.deleted AND a.place_id = '{PLACE}' AND a.role = 'usager'
      AND a.attendance_status = 'present' AND strftime(a.checked_in_local, '%Y-%m') = '{MONTH}'
"""


def test_the_key_of_people_is_the_sum_of_their_numbers_each_once(warehouse):
    people = warehouse.execute(
        f"""SELECT person_key FROM ({USERS}) WHERE person_key IS NOT NULL
        UNION SELECT person_key FROM record.service_usage
        WHERE NOT deleted AND place_id = '{PLACE}' AND person_key IS NOT NULL
          AND strftime(occurred_local, '%Y-%m') = '{MONTH}'"""
    ).fetchall()
    assert len(people) > 100
    assert key_of(warehouse, "persons_reached") == total(people)


def test_the_key_of_acts_is_the_sum_of_the_numbers_of_their_records(warehouse):
    records = warehouse.execute(
        f"SELECT place_id || '/' || source_id || '/' || record_id FROM ({USERS})"
    ).fetchall()
    assert len(records) > 100
    assert key_of(warehouse, "visits") == total(records)


def test_no_figure_of_something_is_without_a_key(warehouse):
    """Seats that are offered, and grants, are no set that anybody is in."""
    assert (
        warehouse.execute(
            """SELECT DISTINCT v.indicator_id FROM indicator.value AS v
            JOIN registry.indicator AS i USING (indicator_id)
            WHERE v.numerator_key IS NULL AND v.numerator <> 0
              AND i.unit NOT IN ('index', 'ratio', 'median_days')
            UNION ALL
            SELECT DISTINCT v.indicator_id FROM indicator.value AS v
            JOIN registry.indicator AS i USING (indicator_id)
            WHERE v.base_key IS NULL AND coalesce(v.persons, v.denominator) > 0
              AND i.is_ratio AND i.unit = 'share'
              AND i.indicator_id NOT IN ('coworking_occupancy_rate', 'own_income_share')"""
        ).fetchall()
        == []
    )


def test_a_territory_of_one_place_has_the_keys_of_the_place(warehouse):
    [(compared, other)] = warehouse.execute(
        """WITH alone AS (
            SELECT scope_id, min(place_id) AS place_id FROM core.scope GROUP BY ALL
            HAVING count(*) = 1
        )
        SELECT count(*), count(*) FILTER (
            v.numerator_key IS DISTINCT FROM p.numerator_key
            OR v.base_key IS DISTINCT FROM p.base_key
        )
        FROM indicator.value AS v JOIN alone AS a ON a.scope_id = v.scope_id
        JOIN indicator.value AS p ON p.scope_id = a.place_id
            AND p.indicator_id = v.indicator_id AND p.period_id = v.period_id
            AND p.breakdown = v.breakdown AND p.category = v.category
        WHERE v.scope_type <> 'place'"""
    ).fetchall()
    assert compared > 10_000
    assert other == 0


def test_the_records_of_a_year_are_those_of_its_months(warehouse):
    years = warehouse.execute(
        """SELECT y.indicator_id, y.scope_id, y.breakdown, y.category,
            any_value(y.numerator_key) AS of_year, sum(m.numerator_key) AS of_months
        FROM indicator.value AS y JOIN indicator.value AS m
            USING (indicator_id, scope_id, breakdown, category)
        WHERE y.period_id = '2025' AND m.period_type = 'month'
          AND m.starts_on >= y.starts_on AND m.ends_before <= y.ends_before
          AND list_contains(?, y.indicator_id)
        GROUP BY ALL""",
        [ADDING_UP],
    ).fetchall()
    assert {row[0] for row in years} == {*ADDING_UP}
    assert [row for row in years if row[-2] != row[-1]] == []


def test_the_categories_of_a_total_are_its_set_in_parts(warehouse):
    """A contract that changes its nature within the period is in two of them."""
    assert (
        warehouse.execute(
            """SELECT t.indicator_id, t.scope_id, t.period_id, c.breakdown
            FROM indicator.value AS t JOIN indicator.value AS c
                USING (indicator_id, scope_id, period_id)
            WHERE t.breakdown = 'all' AND c.breakdown <> 'all' AND t.indicator_id <> 'direct_fte'
            GROUP BY ALL
            HAVING sum(c.numerator_key) IS DISTINCT FROM any_value(t.numerator_key)"""
        ).fetchall()
        == []
    )


def test_women_among_the_people_reached_have_one_key_in_both_indicators(warehouse):
    [(compared, other)] = warehouse.execute(
        """SELECT count(*), count(*) FILTER (w.numerator_key IS DISTINCT FROM p.numerator_key)
        FROM indicator.value AS w JOIN indicator.value AS p USING (scope_id, period_id)
        WHERE w.indicator_id = 'women_share' AND w.breakdown = 'all'
          AND p.indicator_id = 'persons_reached' AND p.category = 'feminin'"""
    ).fetchall()
    assert compared > 100
    assert other == 0


def test_the_preview_shows_no_key(published):
    with duckdb.connect(str(published.settings.preview), read_only=True) as preview:
        columns = {row[0] for row in preview.execute("DESCRIBE valeurs").fetchall()}
    assert columns
    assert not [name for name in columns if "key" in name or "cle" in name]
