"""Worked examples of an indicator, run on a small world where everything is known.

The world: places `p1` (France services, mediation, incubation, coworking) and `p2` (coworking) in
one EPCI of département 02, `p3` in 80, and `closed`, which is not open yet. Every feed of the open
places covers every day from January 2024 to the end of June 2026, unless the example says what is
proven.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.places import Place
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.models import Example, Model, read_core
from flows.warehouse.runner import fill_registry, run_core, run_indicators
from schemas import CONTRACTS
from schemas.record import stored_columns

AS_OF = datetime(2026, 7, 1, 3, 30, tzinfo=ZoneInfo(TIME_ZONE))
FIRST_DAY = date(2024, 1, 1)
FEEDS = ("attendance", "employment", "service_usage")


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
    services = ["france_services", "mediation_numerique", "incubation", "coworking"]
    declared: list[dict[str, Any]] = [
        {"id": "p1", "commune_code": "02676", "opened_on": "2020-01-01", "services": services},
        {"id": "p2", "commune_code": "02676", "opened_on": "2020-01-01", "services": ["coworking"]},
        {"id": "p3", "commune_code": "80021", "opened_on": "2020-01-01", "services": ["coworking"]},
        {"id": "closed", "commune_code": "02173", "services": services},
    ]
    return [
        Place.model_validate({**p, "name": p["id"], "sources": tools(p["id"])}) for p in declared
    ]


def tools(place_id: str) -> list[dict[str, Any]]:
    """One tool for each feed; the attendance tool is called `<place>-tool`."""
    names = {"attendance": f"{place_id}-tool", "employment": f"{place_id}-hr"}
    return [
        dict(
            id=names.get(feed, f"{place_id}-desk"), feed=feed, connector="file", path="none.csv",
            rhythm="daily", coverage="span", identity={"source_id": "id"},
        )
        for feed in FEEDS
    ]  # fmt: skip


def differences(
    model: Model, example: Example, indicators: dict[str, Model], settings: Settings
) -> list[Difference]:
    """Run one example; what it states and the indicator does not give."""
    with duckdb.connect(":memory:") as warehouse:
        warehouse.execute(f"SET TimeZone = '{TIME_ZONE}'")
        warehouse.execute((settings.sql / "warehouse.sql").read_text(encoding="utf-8"))
        core = read_core(settings.sql)
        fill_given(warehouse, example)
        fill_registry(warehouse, world(), core, indicators, settings, AS_OF)
        run_core(warehouse, {n: m for n, m in core.items() if n.partition(".")[2] not in FEEDS})
        run_indicators(warehouse, {model.id: model})
        values = (settings.sql / "values.sql").read_text(encoding="utf-8")
        found = warehouse.execute(
            f"SELECT * FROM ({values}) WHERE indicator_id = ?", [model.id]
        ).pl()
    return list(compare(read_table(example.expect), found))


def compare(expected: pl.DataFrame, found: pl.DataFrame) -> Iterator[Difference]:
    """Cells of the expected rows that differ; rows that the example does not state are free."""
    for row in expected.iter_rows(named=True):
        scope_id, period_id = row.pop("scope_id"), row.pop("period_id")
        match = found.filter((pl.col("scope_id") == scope_id) & (pl.col("period_id") == period_id))
        for column, text in row.items():
            value = match[column][0] if len(match) else "no such row"
            if not is_equal(text, value):
                yield Difference(scope_id, period_id, column, str(text), str(value))


def is_equal(text: str | None, value: object) -> bool:
    if text is None or value is None:
        return text is value
    if isinstance(value, int | float):
        return abs(float(text) - float(value)) < 1e-9
    return text == str(value)


def fill_given(warehouse: duckdb.DuckDBPyConnection, example: Example) -> None:
    """The tables of the example; a feed that it leaves out is empty, proofs left out are full."""
    for feed in FEEDS:
        table = read_table(example.given.get(f"core.{feed}", "record_id"))
        rows = table.with_columns(
            pl.lit(value).alias(name)
            for name, value in defaults(feed).items()
            if name not in table.columns
        )
        types = {"place_id": "VARCHAR", "source_id": "VARCHAR", **declared_types(feed)}
        casts = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in types.items())
        warehouse.register("given", rows.to_arrow())
        warehouse.execute(f"CREATE TABLE core.{feed} AS SELECT {casts} FROM given")
        warehouse.unregister("given")
    proofs = example.given.get("ledger.proof")
    table = read_table(proofs) if proofs else full_proof()
    warehouse.register("given", table.to_arrow())
    warehouse.execute(
        "INSERT INTO ledger.proof SELECT 'batch', place_id, feed, source_id, CAST(day AS DATE), "
        "CAST(is_recorded AS BOOLEAN) FROM given"
    )
    warehouse.unregister("given")


def full_proof() -> pl.DataFrame:
    """Every day up to the eve of `AS_OF` is proven by every tool of every open place."""
    days = pl.date_range(FIRST_DAY, AS_OF.date() - timedelta(1), eager=True)
    tables = [
        pl.DataFrame({"day": days}).with_columns(
            place_id=pl.lit(place.id),
            feed=pl.lit(source.feed),
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


def declared_types(feed: str) -> dict[str, str]:
    from flows.warehouse.tables import sql_types

    return sql_types(CONTRACTS[feed])


def read_table(text: str) -> pl.DataFrame:
    """A small text table, columns separated by `|`, as text; an empty cell is NULL."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    rows = [[cell.strip() or None for cell in line.split("|")] for line in lines]
    header = [str(name) for name in rows[0]]
    return pl.DataFrame(rows[1:], schema=dict.fromkeys(header, pl.String), orient="row")
