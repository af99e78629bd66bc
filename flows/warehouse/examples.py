"""Worked examples of an indicator, run on a small world where everything is known.

The world: `p1`, in Saint-Erme (02676), offers every service; `p2`, in the same commune, coworking
with 2 seats, open from 9 to 17 on weekdays; `p3`, in Amiens (80021), coworking and fablab. `p4`
is in Chauny (02173) and not open yet. The catchment of `p1` and `p2` is Saint-Erme and Sissonne
(02720). Every feed of the open places covers every day from January 2024 to the end of June 2026,
unless the example gives `ledger.proof`. An example may also give a table of `registry`, such as
`registry.grant`, in the place of the world's.
"""

import functools
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.language import _
from flows.places import WEEKDAYS, Place
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.models import (
    FEED_TABLES,
    Example,
    Model,
    needed,
    read_core,
    read_values,
)
from flows.warehouse.policy_tables import policy_tables
from flows.warehouse.registry_tables import fill_registry, indicator_tables
from flows.warehouse.runner import run_core, run_indicators
from flows.warehouse.tables import sql_types
from schemas import CONTRACTS
from schemas.codes import Service
from schemas.record import mappable_columns, stored_columns

AS_OF = datetime(2026, 7, 1, 3, 30, tzinfo=ZoneInfo(TIME_ZONE))
FIRST_DAY = date(2024, 1, 1)


@dataclass(frozen=True)
class Difference:
    """One cell that is not what the example says."""

    scope_id: str
    period_id: str
    column: str
    expected: str
    found: str


def world() -> list[Place]:
    """The places of the examples."""
    near = ["02676", "02720"]
    hours = {day: ["09:00-17:00"] for day in WEEKDAYS[:5]}
    declared: list[dict[str, Any]] = [
        {"id": "p1", "commune_code": "02676", "services": Service.values(),
         "catchment_communes": near},
        {"id": "p2", "commune_code": "02676", "services": ["coworking"], "seats": 2,
         "opening_hours": hours, "catchment_communes": near},
        {"id": "p3", "commune_code": "80021", "services": ["coworking", "fablab"]},
    ]  # fmt: skip
    closed = {"id": "p4", "commune_code": "02173", "services": Service.values()}
    declared = [{**place, "opened_on": "2020-01-01"} for place in declared] + [closed]
    return [
        Place.model_validate({**p, "name": p["id"], "sources": tools(p["id"])}) for p in declared
    ]


def tools(place_id: str) -> list[dict[str, Any]]:
    """One tool for each feed, called `<place>-<feed>`, that can say all that there is to say."""
    return [
        dict(
            id=f"{place_id}-{feed}".replace("_", "-"), feed=feed, connector="file", path="none.csv",
            rhythm="daily", coverage="span", identity={"source_id": "id"},
            columns={name: name for name in mappable_columns(contract)},
        )
        for feed, contract in CONTRACTS.items()
    ]  # fmt: skip


def differences(model: Model, example: Example, settings: Settings) -> list[Difference]:
    """Run one example; what it states and the indicator does not give."""
    known = prepared(settings.sql, settings.reference)
    core, warehouse = known.core, known.warehouse
    last, _kept = read_values(settings.sql)
    wanted = (needed(model, core) | needed(last, core)) - FEED_TABLES.keys()
    expected = read_table(example.expect)
    try:
        known.tell(model)
        fill_given(warehouse, example)
        known.compute(wanted, example.given)
        run_indicators(warehouse, {model.id: model})
        found = pl.DataFrame(warehouse.execute(last.select).to_arrow_table())
    finally:
        restore(warehouse, example)
    if unknown := set(expected.columns) - set(found.columns):
        raise ValueError(_("there is no column {column}").format(column=min(unknown)))
    return list(compare(expected, found))


@dataclass
class Prepared:
    """The core models, and a warehouse in memory that knows the world and has no record."""

    core: dict[str, Model]
    settings: Settings
    warehouse: duckdb.DuckDBPyConnection
    stale: set[str]
    """Tables of core models that are not computed yet, or with what an example gave."""
    indicator: Model | None = None
    """The one that the registry knows."""

    def tell(self, indicator: Model) -> None:
        """Let the registry know this indicator."""
        if indicator != self.indicator:
            told = {indicator.id: indicator}
            tables = indicator_tables(told, self.core)
            tables |= policy_tables(self.settings, told, self.core)
            for name, table in tables.items():
                replace_table(self.warehouse, f"registry.{name}", table)
            self.stale |= self.readers({f"registry.{name}" for name in tables})
            self.indicator = indicator

    def compute(self, wanted: Collection[str], given: Collection[str]) -> None:
        """These core models, when what is given stands in the place of the world's.

        What reads none of it is there from an example before.
        """
        reached = self.readers(given) & {*wanted}
        self.stale |= reached
        now = self.stale & {*wanted}
        run_core(self.warehouse, {n: model for n, model in self.core.items() if n in now})
        self.stale -= {*wanted} - reached

    def readers(self, tables: Collection[str]) -> set[str]:
        """The core models that read one of them, directly or through other models."""
        core = self.core
        return {name for name in core if not needed(core[name], core).isdisjoint(tables)}


@functools.cache
def prepared(sql: Path, reference: Path) -> Prepared:
    """What the examples of these definitions share."""
    warehouse = duckdb.connect(":memory:")
    warehouse.execute(f"SET TimeZone = '{TIME_ZONE}'")
    warehouse.execute("SET threads = 1")  # for a few rows, sharing work costs more than the work
    warehouse.execute((sql / "warehouse.sql").read_text(encoding="utf-8"))
    core = read_core(sql)
    replace_table(warehouse, "ledger.proof", full_proof())
    settings = Settings(sql, sql, sql, "network", sql=sql, reference=reference)
    fill_registry(warehouse, world(), core, {}, settings, AS_OF)
    for feed, contract in CONTRACTS.items():
        types = {"place_id": "VARCHAR", "source_id": "VARCHAR", **sql_types(contract)}
        columns = ", ".join(f"{name} {kind}" for name, kind in types.items())
        warehouse.execute(f"CREATE TABLE core.{feed} ({columns})")
    tables = warehouse.execute(
        "SELECT schema_name || '.' || table_name FROM duckdb_tables() "
        "WHERE schema_name IN ('registry', 'core')"
    ).fetchall()
    warehouse.execute("CREATE SCHEMA usual")
    for name in [table for (table,) in tables] + ["ledger.proof"]:
        warehouse.execute(f"CREATE TABLE {usual(name)} AS FROM {name}")
    return Prepared(core, settings, warehouse, {*core})


def replace_table(
    warehouse: duckdb.DuckDBPyConnection, name: str, table: pl.DataFrame, columns: str = "*"
) -> None:
    warehouse.register("given", table.to_arrow())
    warehouse.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {columns} FROM given")
    warehouse.unregister("given")


def compare(expected: pl.DataFrame, found: pl.DataFrame) -> Iterator[Difference]:
    """Cells of the expected rows that differ; rows that the example does not state are free.

    A row that does not name a breakdown and a category is the total.
    """
    for row in expected.iter_rows(named=True):
        scope_id, period_id = row.pop("scope_id"), row.pop("period_id")
        breakdown, category = row.pop("breakdown", "all"), row.pop("category", "all")
        match = found.filter(
            pl.col("scope_id") == scope_id,
            pl.col("period_id") == period_id,
            pl.col("breakdown") == breakdown,
            pl.col("category") == category,
        )
        where = period_id if breakdown == "all" else f"{period_id}, {breakdown} {category}"
        for column, text in row.items():
            value = match[column][0] if len(match) else "no such row"
            if not is_equal(text, value):
                yield Difference(scope_id, where, column, str(text), str(value))


def is_equal(text: str | None, value: object) -> bool:
    if text is None or value is None:
        return text is value
    if isinstance(value, int | float):
        return abs(float(text) - float(value)) < 1e-9
    return text == str(value)


def fill_given(warehouse: duckdb.DuckDBPyConnection, example: Example) -> None:
    """The tables of the example in the place of the world's; those that it leaves out stay.

    Raises ValueError for a table or a column that examples cannot give.
    """
    for name, text in example.given.items():
        kinds = column_types(warehouse, usual(name))
        if not kinds:
            raise ValueError(_("there is no table {table}").format(table=name))
        table = read_table(text)
        if unknown := set(table.columns) - set(kinds):
            raise ValueError(_("there is no column {column}").format(column=min(unknown)))
        omitted = defaults(name.partition(".")[2]) if name in FEED_TABLES else {}
        if name in FEED_TABLES:
            table = table.with_columns(clocks_of_paris(table, kinds))
        table = table.with_columns(
            pl.lit(omitted.get(column), pl.String).alias(column)
            for column in kinds
            if column not in table.columns
        )
        casts = ", ".join(f"CAST({column} AS {kind}) AS {column}" for column, kind in kinds.items())
        replace_table(warehouse, name, table, casts)


def clocks_of_paris(table: pl.DataFrame, kinds: Collection[str]) -> list[pl.Expr]:
    """What an example does not say of local times: that the place is where Paris has its hour."""
    instants = {name: name.replace("_local", "_at") for name in kinds if name.endswith("_local")}
    return [
        pl.col(instant).alias(name)
        for name, instant in instants.items()
        if name not in table.columns and instant in table.columns
    ]


def restore(warehouse: duckdb.DuckDBPyConnection, example: Example) -> None:
    """Put back what the example replaced, so that the next one finds the world as it was."""
    for name in example.given:
        if column_types(warehouse, usual(name)):
            warehouse.execute(f"CREATE OR REPLACE TABLE {name} AS FROM {usual(name)}")


def usual(name: str) -> str:
    """The table that has what the world says, without an example, in the place of `name`."""
    return f"usual.{name.replace('.', '_')}"


def column_types(warehouse: duckdb.DuckDBPyConnection, name: str) -> dict[str, str]:
    """Columns of a table with their types; none when there is no such table."""
    return dict(
        warehouse.execute(
            "SELECT column_name, data_type FROM duckdb_columns() "
            "WHERE schema_name || '.' || table_name = ? ORDER BY column_index",
            [name],
        ).fetchall()
    )


def full_proof() -> pl.DataFrame:
    """Every day up to the eve of `AS_OF` is proven by every tool of every open place."""
    days = pl.date_range(FIRST_DAY, AS_OF.date() - timedelta(1), eager=True)
    tables = [
        pl.DataFrame({"day": days}).with_columns(
            place_id=pl.lit(place.id),
            feed=pl.lit(source.feed),
            batch_id=pl.lit("batch"),
            source_id=pl.lit(source.id),
            is_recorded=pl.lit(True),
        )
        for place in world()
        for source in place.sources
        if place.opened_on
    ]
    return pl.concat(tables)


def defaults(feed: str) -> dict[str, str | None]:
    """Text of every column that an example may leave out."""
    texts: dict[str, str | None] = {"place_id": None, "source_id": "tool"}
    for name, column in stored_columns(CONTRACTS[feed]).items():
        default = (column.metadata or {})["default"]
        texts[name] = None if default is None else str(default)
    return texts


def read_table(text: str) -> pl.DataFrame:
    """A small text table, columns separated by `|`, as text; an empty cell is NULL."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    rows = [[cell.strip() or None for cell in line.split("|")] for line in lines]
    header = [str(name) for name in rows[0]]
    return pl.DataFrame(rows[1:], schema=dict.fromkeys(header, pl.String), orient="row")
