"""What the product computes of a world: its own SQL, over its own tables, in memory."""

from collections import Counter
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.places import Place
from flows.settings import PROJECT, TIME_ZONE, Settings
from flows.warehouse.models import read_core, read_indicators, read_values
from flows.warehouse.reference_tables import catchment_population
from flows.warehouse.registry_tables import fill_registry, first_day, frame, periods, place_tables
from flows.warehouse.runner import run_core, run_indicators
from flows.warehouse.source_tables import silence_table, source_tables
from flows.warehouse.tables import prepare, sql_types
from schemas import CONTRACTS
from tests.second_opinion.atlas import FRR
from tests.second_opinion.places import FEEDS
from tests.second_opinion.refused import by_delivery
from tests.second_opinion.world import World

SETTINGS = Settings(home=PROJECT, places=PROJECT, keys=PROJECT)
CORE, INDICATORS = read_core(SETTINGS.sql), read_indicators(SETTINGS.sql)
VALUES, _KEPT = read_values(SETTINGS.sql)
COLUMNS = ("numerator", "denominator", "value", "persons", "observed_share", "lost_rows",
           "lost_share", "status")  # fmt: skip
KINDS = {
    "VARCHAR": pl.String, "BIGINT": pl.Int64, "DOUBLE": pl.Float64, "BOOLEAN": pl.Boolean,
    "DATE": pl.Date, "TIMESTAMPTZ": pl.Datetime("us", "UTC"), "TIMESTAMP": pl.Datetime("us"),
}  # fmt: skip

Values = dict[tuple[str, str, str, str, str], tuple[Any, ...]]
"""Indicator, scope, period, breakdown, category → the columns."""


def compute(world: World) -> Values:
    """All core models and all indicators, once."""
    warehouse, communes = prepared()
    fill(warehouse, communes, world)
    run_core(warehouse, CORE)
    run_indicators(warehouse, INDICATORS)
    found = warehouse.execute(
        "SELECT indicator_id, scope_id, period_id, breakdown, category, "
        f"{', '.join(COLUMNS)} FROM ({VALUES.select})"
    ).fetchall()
    values = {row[:5]: row[5:] for row in found}
    twice = [key for key, times in Counter(row[:5] for row in found).items() if times > 1]
    assert not twice, f"these figures stand twice: {twice[:5]}"
    return values


@cache
def prepared() -> tuple[duckdb.DuckDBPyConnection, pl.DataFrame]:
    """A warehouse in memory that knows the communes, the coefficients and the indicators."""
    warehouse = duckdb.connect(":memory:")
    warehouse.execute(f"SET TimeZone = '{TIME_ZONE}'")
    warehouse.execute("SET threads = 1")
    prepare(warehouse, SETTINGS)
    now = datetime(2026, 7, 1, 3, 30, tzinfo=ZoneInfo(TIME_ZONE))
    fill_registry(warehouse, [], CORE, INDICATORS, SETTINGS, now)
    communes = warehouse.execute("FROM registry.commune").pl()
    for code, flag in FRR.items():
        warehouse.execute(
            "UPDATE registry.commune SET is_frr = ? WHERE current_commune_code = ?", [flag, code]
        )
    return warehouse, communes


def fill(warehouse: duckdb.DuckDBPyConnection, communes: pl.DataFrame, world: World) -> None:
    """The records, what proves them, and the tables of `registry` that differ between worlds."""
    text, day = pl.String, pl.Date
    as_of = datetime.combine(world.today, time(3, 30), ZoneInfo(TIME_ZONE))
    fill_ledger(warehouse, world)
    starts = (start for start, _ in world.conventions.values())
    first = min([first_day(warehouse, world.today), *starts])  # as in `fill_registry`
    rows = periods(first, world.today)
    rows += [(id, "convention", *span) for id, span in world.conventions.items()]
    places = [Place.model_validate({**p, "folder": Path()}) for p in world.places]
    members = [(id, id, place) for id, every in world.portfolios.items() for place in every]
    grants = {
        "grant_id": text, "place_id": text, "portfolio_id": text, "programme_code": text,
        "funder": text, "amount_eur_cents": pl.Int64, "starts_on": day, "ends_before": day,
    }  # fmt: skip
    tables = {
        "run": pl.DataFrame({"as_of": [as_of], "today": [world.today], "person_key": ["network"]}),
        "period": frame(
            rows, {"period_id": text, "period_type": text, "starts_on": day, "ends_before": day}
        ),
        **place_tables(places, first, world.today),
        **source_tables(places, world.today),
        "source_silence": silence_table(places, [*CORE.values(), *INDICATORS.values()]),
        "catchment_population": catchment_population(places, communes),
        "portfolio": frame(members, {"portfolio_id": text, "name": text, "place_id": text}),
        "grant": pl.DataFrame(
            [[grant.get(name) for name in grants] for grant in world.grants], grants, orient="row"
        ),
    }
    for name, table in tables.items():
        replace(warehouse, f"registry.{name}", table)
    warehouse.execute(
        "CREATE OR REPLACE TABLE registry.period_coefficient AS SELECT p.period_id, c.name, "
        "c.value, c.unit FROM registry.period AS p CROSS JOIN registry.coefficient AS c"
    )
    for feed in FEEDS:
        load(warehouse, feed, [with_clocks(row, world) for row in getattr(world, feed)])


def fill_ledger(warehouse: duckdb.DuckDBPyConnection, world: World) -> None:
    """The days that deliveries prove, and the rows of them that were refused."""
    text, day = pl.String, pl.Date
    proof = {"batch_id": text, "place_id": text, "feed": text, "source_id": text, "day": day,
             "is_recorded": pl.Boolean}  # fmt: skip
    proofs = [(batch(p[0], p[2], number), *p) for number, p in by_delivery(world.proofs)]
    replace(warehouse, "ledger.proof", frame(proofs, proof))
    for table in ("batch", "attempt", "quarantine", "dated", "set_aside"):
        warehouse.execute(f"TRUNCATE ledger.{table}")
    for at in {(r.place, r.feed, r.source) for r in world.refused}:
        for number in (1, 2, 3):
            known = [batch(at[0], at[2], number), *at, datetime(2026, 1, number, tzinfo=UTC)]
            warehouse.execute(
                "INSERT INTO ledger.batch BY NAME SELECT ? AS batch_id, ? AS place_id, ? AS feed, "
                "? AS source_id, ? AS received_at", known,
            )  # fmt: skip
            warehouse.execute(
                "INSERT INTO ledger.attempt BY NAME SELECT md5(?)::UUID AS attempt_id, "
                "? AS batch_id, now() AS attempted_at, 'accepted' AS outcome", [known[0]] * 2,
            )  # fmt: skip
            if number == 3:
                warehouse.execute("INSERT INTO ledger.set_aside (batch_id) VALUES (?)", [known[0]])
    for r in world.refused:
        own = batch(r.place, r.source, r.delivery)
        warehouse.execute(
            "INSERT INTO ledger.quarantine BY NAME SELECT md5($batch)::UUID AS attempt_id, "
            "$batch AS batch_id, $place AS place_id, $feed AS feed, $source AS source_id, "
            "'' AS sheet, $row AS row_number, $day::DATE AS day, $until::DATE AS until_day, "
            "$cells AS digest, $is_record AS is_record, "
            "CASE WHEN $is_closed THEN uuid() END AS closed_by",
            {"batch": own, **{name: value for name, value in r._asdict().items()
                              if name not in ("delivery", "is_set_aside")}},
        )  # fmt: skip
    dated = {"batch_id": text, "day": day, "until_day": day, "row_count": pl.Int64}
    rows = [(batch(d.place, d.source, d.delivery), *d[3:]) for d in world.dated]
    summed = frame(rows, dated).group_by("batch_id", "day", "until_day").agg(pl.sum("row_count"))
    replace(warehouse, "ledger.dated", summed)


def batch(place: str, source: str, number: int) -> str:
    return f"{place}/{source}/{number}"


def with_clocks(row: dict[str, Any], world: World) -> dict[str, Any]:
    """What intake writes beside each instant: the hour that the place itself has."""
    zones = {place["id"]: place.get("time_zone") or TIME_ZONE for place in world.places}
    zone = ZoneInfo(zones[row["place_id"]])
    return row | {
        name.replace("_at", "_local"): row[name] and row[name].astimezone(zone).replace(tzinfo=None)
        for name in ("checked_in_at", "checked_out_at", "occurred_at")
        if name in row
    }


def load(warehouse: duckdb.DuckDBPyConnection, feed: str, rows: list[dict[str, Any]]) -> None:
    types = {"place_id": "VARCHAR", "source_id": "VARCHAR", **sql_types(CONTRACTS[feed])}
    schema = {name: KINDS.get(kind, pl.String) for name, kind in types.items()}
    warehouse.execute(f"TRUNCATE record.{feed}")
    table = pl.DataFrame([[row.get(n) for n in schema] for row in rows], schema, orient="row")
    warehouse.register("given", table.to_arrow())
    warehouse.execute(f"INSERT INTO record.{feed} BY NAME FROM given")
    warehouse.unregister("given")


def replace(warehouse: duckdb.DuckDBPyConnection, name: str, table: pl.DataFrame) -> None:
    warehouse.register("given", table.to_arrow())
    warehouse.execute(f"CREATE OR REPLACE TABLE {name} AS FROM given")
    warehouse.unregister("given")
