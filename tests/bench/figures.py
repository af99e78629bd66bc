"""What all figures cost: `make bench`, or `python -m tests.bench.figures 500000` for fewer visits.

A: a full build, every core table, indicator, grain and status, as `impact run` does it. B: visits
and different people by place and local month, over the same table of visits with its stored month.
Both on two threads; CPU seconds of all threads, median of the rounds, and what they are of B.
"""

import resource
import statistics
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from flows.places import WEEKDAYS, Place
from flows.reference import communes
from flows.settings import Settings
from flows.warehouse import runner
from flows.warehouse.database import open_warehouse, transaction
from flows.warehouse.models import Model
from flows.warehouse.workbench import keep, workbench
from schemas.codes import Service

ROUNDS = 3
VISITS, PLACES = 5_000_000, 300
FIRST_DAY, AS_OF = date(2024, 11, 1), datetime(2026, 11, 2, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))
DAYS = (AS_OF.date() - FIRST_DAY).days - 1
CO_PRESENCE = {
    *("core.tie_day", "core.crowd", "core.checked_visit", "core.regular", "core.co_presence"),
    *("core.tie", "core.scope_tie", "indicator.no_tie_share", "indicator.recurring_ties_per_100"),
    "indicator.bridging_ratio",
}
"""What only who met whom needs; all else is counted in the other target."""
TARGETS = {"all but co-presence": 40, "co-presence": 300}
BASELINE = """
SELECT v.place_id, v.month, count(*), count(DISTINCT v.person_key) FROM workbench.core.visit AS v GROUP BY ALL
"""

# places of skewed size; a few people come often and most seldom; one visit in a hundred past midnight
PEOPLE = """
CREATE OR REPLACE TEMP MACRO draw(numbers, n) AS CAST(hash(numbers) % n AS BIGINT);
CREATE TEMP TABLE visit AS
SELECT
    i,
    p.place,
    'p' || p.place AS place_id,
    CASE WHEN draw([i, 1], 100) >= 3 THEN md5(p.place || '/' || p.person) END AS person_key,
    draw([p.place, p.person], 1000000007) AS trait,
    draw([i, 2], 1000000007) AS chance,
    timezone('Europe/Paris', TIMESTAMP '{first} 08:00:00' + to_days(draw([i, 3], {days}))
        + to_minutes(CASE WHEN draw([i, 4], 100) = 0 THEN 840 ELSE draw([i, 4], 600) END)) AS starts_at
FROM (
    SELECT
        i,
        CAST(floor(pow(draw([i, 5], 1000000) / 1e6, 2) * {places}) AS INTEGER) AS place,
        CAST(floor(pow(draw([i, 6], 1000000) / 1e6, 3) * {persons}) AS INTEGER) AS person
    FROM range({visits}) AS r (i)
) AS p
"""
RECORDS = {
    "attendance": """
        SELECT place_id, place_id || '-attendance' AS source_id, CAST(i AS VARCHAR) AS record_id,
            person_key, CASE WHEN person_key IS NOT NULL THEN 'email' END AS identity_kind,
            {traits}, starts_at AS checked_in_at, starts_at + to_minutes(45 + chance % 300) AS checked_out_at,
            timezone('Europe/Paris', checked_in_at) AS checked_in_local,
            timezone('Europe/Paris', checked_out_at) AS checked_out_local,
            CASE WHEN person_key IS NULL THEN 1 + chance % 20 ELSE 1 END AS headcount,
            ['coworking', 'fablab', 'salle'][1 + CAST(chance % 3 AS INTEGER)] AS space_code,
            CASE WHEN chance % 10 = 0 THEN 'A' || chance % 500 END AS activity_id,
            CASE WHEN chance % 50 = 0 THEN 'equipe' ELSE 'usager' END AS role,
            CASE WHEN chance % 30 = 0 THEN 'absent' ELSE 'present' END AS attendance_status,
            CASE WHEN chance % 4 = 0 THEN 'booked' ELSE 'checked_in' END AS evidence
        FROM visit
    """,
    "service_usage": """
        SELECT place_id, place_id || '-service-usage' AS source_id, 'u' || i AS record_id,
            person_key, CASE WHEN person_key IS NOT NULL THEN 'email' END AS identity_kind,
            {traits}, starts_at AS occurred_at,
            timezone('Europe/Paris', occurred_at) AS occurred_local, 20 + chance % 60 AS duration_minutes,
            CASE WHEN person_key IS NULL THEN 1 + chance % 20 ELSE 1 END AS headcount,
            {services}[1 + CAST(chance % len({services}) AS INTEGER)] AS service_code,
            CASE WHEN chance % 3 = 0 THEN 'resolu_sur_place' ELSE 'oriente' END AS outcome,
            'checked_in' AS evidence
        FROM visit WHERE i % 8 = 0
    """,
    "employment": """
        SELECT 'p' || i % {places} AS place_id, 'p' || i % {places} || '-employment' AS source_id,
            'e' || i AS record_id, md5('e' || i // 2) AS person_key, 'email' AS identity_kind,
            CASE WHEN i % 2 = 0 THEN 'feminin' ELSE 'masculin' END AS gender,
            CASE WHEN i % 3 = 0 THEN 'equipe' ELSE 'structure_hebergee' END AS relation,
            CASE WHEN i % 2 = 0 THEN 'CDI' ELSE 'CDD' END AS contract_type,
            DATE '{first}' - 300 + CAST(draw([i], 900) AS INTEGER) AS started_on,
            CASE WHEN i % 2 = 1 THEN DATE '{first}' + 600 + CAST(draw([i], 100) AS INTEGER) END AS ended_on,
            2100 AS weekly_minutes, i % 12 = 0 AS is_insertion
        FROM range({places} * 20) AS r (i)
    """,
}
TRAITS = """
    CASE WHEN trait % 3 > 0 THEN {age_band} END AS age_band,
    ['feminin', 'masculin', 'non_communique'][1 + CAST(trait % 3 AS INTEGER)] AS gender,
    CASE WHEN trait % 2 > 0 THEN {social_status} END AS social_status,
    {communes}[1 + CAST(trait % len({communes}) AS INTEGER)] AS home_commune
"""


def declared() -> list[Place]:
    """Places over the communes of the country, each with one tool a feed."""
    table = communes().filter(communes()["type"] == "commune")
    codes = table["commune_code"].gather_every(len(table) // PLACES).to_list()
    hours = {day: ["09:00-18:00"] for day in WEEKDAYS[:6]}
    return [
        Place.model_validate({
            "id": f"p{n}", "name": f"Lieu {n}", "commune_code": codes[n], "opened_on": "2020-01-01",
            "services": Service.values(), "seats": 20, "opening_hours": hours,
            "catchment_communes": codes[n : n + 2],
            "sources": [
                {"id": f"p{n}-{feed}".replace("_", "-"), "feed": feed, "connector": "file", "path": "none.csv",
                 "rhythm": "daily", "coverage": "span", "identity": {"email": "courriel"}}
                for feed in RECORDS
            ],
        })
        for n in range(PLACES)
    ]  # fmt: skip


def fill(warehouse: duckdb.DuckDBPyConnection, visits: int) -> None:
    """Invent the records; a column that is not told is NULL, or what the contract has most."""
    values: dict[str, object] = {
        "visits": visits, "places": PLACES, "persons": max(visits // PLACES // 25, 10),
        "first": FIRST_DAY, "days": DAYS, "services": Service.values(),
        "communes": communes()["commune_code"].gather_every(400).to_list(),
    }  # fmt: skip
    kinds = {
        name: warehouse.execute(
            f"SELECT enum_range(NULL::{kind})"
        ).fetchall()[0][0]
        for name, kind in warehouse.execute(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE schema_name = 'record' "
            "AND table_name = 'attendance' AND column_name IN ('age_band', 'social_status')"
        ).fetchall()
    }  # fmt: skip
    for name, codes in kinds.items():
        values[name] = f"{codes}[1 + CAST(trait // 7 % {len(codes)} AS INTEGER)]"
    values["traits"] = TRAITS.format(**values)
    warehouse.execute(PEOPLE.format(**values))
    for feed, select in RECORDS.items():
        text = select.format(**values)
        warehouse.execute(
            f"INSERT INTO record.{feed} BY NAME SELECT *, false AS deleted FROM ({text})"
        )
    warehouse.execute(
        "INSERT INTO ledger.proof SELECT 'batch', 'p' || p, f, 'p' || p || '-' || replace(f, '_', '-'), "
        f"DATE '{FIRST_DAY}' + CAST(d AS INTEGER), true "
        f"FROM range({PLACES}) AS a (p), unnest({list(RECORDS)}) AS b (f), range({DAYS + 1}) AS c (d)"
    )


Costs = dict[str, list[float]]


@contextmanager
def counted(costs: Costs, name: str) -> Iterator[None]:
    """Add the CPU seconds of all threads of this process."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    yield
    after = resource.getrusage(resource.RUSAGE_SELF)
    costs[name].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def build(
    warehouse: duckdb.DuckDBPyConnection, places: list[Place], settings: Settings, costs: Costs
) -> None:
    """One build as a run does it, each model counted."""
    execute = runner.execute_model

    def counting(warehouse: duckdb.DuckDBPyConnection, model: Model, statement: str) -> None:
        with counted(costs, model.name):
            execute(warehouse, model, statement)

    runner.execute_model = counting
    try:
        with workbench(warehouse, settings):
            with counted(costs, "whole build"):
                runner.compute(warehouse, places, settings, AS_OF)
                with transaction(warehouse):
                    keep(warehouse, settings)
            with counted(costs, "baseline"):
                found = warehouse.execute(BASELINE).fetchall()
            if not found:
                raise SystemExit(
                    "no visit was counted: the records no longer have the columns asked"
                )
    finally:
        runner.execute_model = execute


def report(costs: Costs) -> None:
    """Every model as a multiple of the baseline, the dearest first, then the two targets."""
    cpu = {name: statistics.median(seconds) for name, seconds in costs.items()}
    baseline = cpu.pop("baseline")
    whole = cpu.pop("whole build")
    together = sum(seconds for name, seconds in cpu.items() if name in CO_PRESENCE)
    cpu["registry, values and the rest"] = whole - sum(cpu.values())
    print(f"baseline {baseline:.2f} CPU s = 1")
    for name, seconds in sorted(cpu.items(), key=lambda one: -one[1]):
        print(f"  {name:<40} {seconds:8.2f} CPU s  {seconds / baseline:7.2f} ×")
    totals = {"all but co-presence": whole - together, "co-presence": together}
    for name, seconds in totals.items():
        print(f"{name}: {seconds:.1f} CPU s, {seconds / baseline:.1f} × (≤ {TARGETS[name]})")


def main(arguments: list[str]) -> None:
    visits = int(arguments[0]) if arguments else VISITS
    rounds = int(arguments[1]) if arguments[1:] else ROUNDS
    print(f"{visits:,} visits, {PLACES} places, 24 months", flush=True)
    costs: Costs = defaultdict(list)
    places = declared()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")
        with open_warehouse(settings) as warehouse:
            fill(warehouse, visits)
            warehouse.execute("SET threads = 2")
            for number in range(rounds):
                build(warehouse, places, settings, costs)
                print(f"  round {number + 1}: {costs['whole build'][-1]:.1f} CPU s, "
                      f"baseline {costs['baseline'][-1]:.2f}", flush=True)  # fmt: skip
    report(costs)


if __name__ == "__main__":
    main(sys.argv[1:])
