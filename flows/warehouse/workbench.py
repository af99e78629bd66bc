"""Where figures are computed: in memory, beside the warehouse, until they are whole.

DuckDB takes what an open transaction wrote for one row, however much it is, and finds its plans by
that: a build within one transaction costs half as much again. Here each table is known before the
next is made from it, and the warehouse then receives all of them in one transaction, or none. What
tells of single people is gone with the memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from flows.settings import Settings
from flows.warehouse.models import CoreHeader, Model, read_core, read_values

COMPUTED = ("registry", "core", "indicator")
"""The schemas that a build makes anew."""
STORED = ("record", "ledger")
"""The schemas that it reads."""
KNOWN_OTHERWISE = "scope_type, period_type, starts_on, ends_before, is_ended"
"""What millions of figures would repeat of few scopes and periods: `kept_values.sql` joins it."""
MEMORY_LIMIT = "2GB"
"""Beyond, DuckDB goes on in the scratch folder."""


@contextmanager
def workbench(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> Iterator[None]:
    """While it lasts, what is computed is written and read here; records and ledger as ever."""
    [(limit,)] = warehouse.execute("SELECT current_setting('memory_limit')").fetchall()
    warehouse.execute("ATTACH ':memory:' AS workbench")
    try:
        for schema in COMPUTED:
            warehouse.execute(f"CREATE SCHEMA workbench.{schema}")
        stored = [f"{settings.warehouse.stem}.{schema}" for schema in STORED]
        path = ",".join([*(f"workbench.{schema}" for schema in COMPUTED), *stored])
        warehouse.execute(f"SET search_path = '{path}'")
        warehouse.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        yield
    finally:
        warehouse.execute("RESET search_path")
        warehouse.execute(f"SET memory_limit = '{limit}'")
        warehouse.execute("DETACH workbench")


def keep(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Put what was computed in the place of what was there; the caller holds the transaction."""
    name = settings.warehouse.stem
    for schema in COMPUTED:
        warehouse.execute(f"DROP SCHEMA IF EXISTS {name}.{schema} CASCADE")
        warehouse.execute(f"CREATE SCHEMA {name}.{schema}")
    computed, kept = read_values(settings.sql)
    warehouse.execute(figure_table(computed, f"{name}.indicator.figure"))
    registry = warehouse.execute(
        "SELECT table_name FROM duckdb_tables() "
        "WHERE database_name = 'workbench' AND schema_name = 'registry'"
    ).fetchall()
    for (table,) in registry:
        warehouse.execute(f"CREATE TABLE {name}.registry.{table} AS FROM registry.{table}")
    warehouse.execute("RESET search_path")  # a view that is kept is one of what is kept
    for model in [*read_core(settings.sql).values(), kept]:
        if isinstance(model.header, CoreHeader) and model.header.kept:
            is_view = model.header.kind == "view"
            source = model.select if is_view else f"FROM workbench.{model.name}"
            warehouse.execute(f"CREATE {model.header.kind} {model.name} AS {source}")


def figure_table(computed: Model, name: str) -> str:
    """The statement that keeps the figures."""
    return f"CREATE TABLE {name} AS {figure_select(computed)}"


def figure_select(computed: Model) -> str:
    """The figures as they are kept."""
    return f"SELECT * EXCLUDE ({KNOWN_OTHERWISE}) FROM ({computed.select}\n)"
