"""The invented country of the bench, and the table that it fills."""

from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.bench.__main__ import main as bench
from tests.bench.country import AS_OF, Country, deliver, fill
from tests.bench.measure import Cost, number, row, table, write_section
from tests.bench.peers import refuse_others

ALIKE = "SELECT count(*), bit_xor(hash(r)) FROM (SELECT * FROM record.attendance) AS r"
IN_ORDER = """
    SELECT bool_and(day >= before) FROM (
        SELECT CAST(checked_in_local AS DATE) AS day, lag(day) OVER (ORDER BY rowid) AS before
        FROM record.attendance
    )
"""
BUSIEST = "SELECT max(n) / avg(n) FROM (SELECT count(*) AS n FROM record.attendance GROUP BY {by})"


def asked(country: Country, query: str) -> tuple[object, ...]:
    with duckdb.connect(str(country.settings.warehouse), read_only=True) as warehouse:
        [found] = warehouse.execute(query).fetchall()
    return found


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Country:
    made = Country(tmp_path_factory.mktemp("country"), 3000, places=9, months=5)
    fill(made)
    return made


def test_a_seed_makes_the_same_country_and_its_records_may_lie_shuffled(
    country: Country, tmp_path: Path
) -> None:
    shuffled = Country(tmp_path / "s", 3000, places=9, months=5, is_shuffled=True)
    other = Country(tmp_path / "o", 3000, places=9, months=5, seed=2)
    fill(shuffled)
    fill(other)
    assert asked(country, ALIKE) == asked(shuffled, ALIKE) != asked(other, ALIKE)
    assert asked(country, IN_ORDER) == (True,)
    assert asked(shuffled, IN_ORDER) == (False,)


def test_few_places_are_busy_few_people_come_often_and_august_is_quiet(country: Country) -> None:
    assert asked(country, BUSIEST.format(by="place_id"))[0] > 2  # type: ignore[operator]
    assert asked(country, BUSIEST.format(by="person_key"))[0] > 2  # type: ignore[operator]
    months = asked(
        country,
        "SELECT count(*) FILTER (month(checked_in_local) = 8), "
        "count(*) FILTER (month(checked_in_local) = 9), "
        "count(*) FILTER (isodow(checked_in_local) = 7) FROM record.attendance",
    )
    assert months[0] < months[1] / 2  # type: ignore[operator]
    assert months[2] == 0


def test_a_delivery_brings_people_who_are_known_through_the_intake(country: Country) -> None:
    day = AS_OF.date() - timedelta(42)
    assert deliver(country, 1, {0: (day, 7), 5: (day, 7)}, AS_OF) > 20
    known, new = asked(
        country,
        "WITH old AS (FROM record.attendance WHERE record_id NOT LIKE 'n%') "
        "SELECT count(*) FILTER (n.person_key IN (SELECT person_key FROM old)), count(*) "
        "FROM (FROM record.attendance WHERE record_id LIKE 'n%' AND person_key IS NOT NULL) AS n",
    )
    assert known > new / 2  # type: ignore[operator]


def test_a_ratio_is_of_the_same_round_and_a_section_takes_the_place_of_its_own(
    tmp_path: Path,
) -> None:
    one = row("a", "b", [Cost(2, 9, {}), Cost(9, 8, {})], [Cost(4, 1, {}), Cost(9, 1, {})], "1")
    assert one.ratios == [0.5, 1.0]
    assert table([one]).splitlines()[-1].split("|")[3:6] == [" 0.75  ", " 0.50–1.00 ", " 1    "]
    assert [number(n) for n in (0.0123, 1.234, 12.34)] == ["0.012", "1.23", "12.3"]
    file = tmp_path / "benchmarks.md"
    file.write_text("# Title\n\nWords.\n")
    for title, text in (("one", "1"), ("two", "2"), ("one", "3")):
        write_section(file, title, text)
    assert file.read_text() == "# Title\n\nWords.\n\n## one\n\n3\n\n## two\n\n2\n"


def test_a_peer_whose_values_are_others_is_refused(tmp_path: Path) -> None:
    made = "COPY (SELECT 'visits' AS indicator, 'p1' AS place_id, 'month' AS kind, "
    made += "DATE '2026-01-01' AS starts_on, 'all' AS category, {} AS numerator, 2 AS denominator)"
    for name, value in (("ours", 1), ("same", 1), ("other", 3)):
        duckdb.execute(f"{made.format(value)} TO '{tmp_path / name}.parquet'")
    refuse_others("same", tmp_path / "ours.parquet", tmp_path / "same.parquet")
    with pytest.raises(SystemExit, match="2 rows are not those of ours"):
        refuse_others("other", tmp_path / "ours.parquet", tmp_path / "other.parquet")


@pytest.mark.long
def test_thirty_million_visits_are_figured_in_bounded_memory(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bench(["30000000", "--rounds", "1", "--only", "figures"])
    [chain] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("| chain")]
    assert float(chain.split("|")[7].replace(",", "")) < 2500
