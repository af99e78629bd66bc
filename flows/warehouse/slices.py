"""Figures of what changed alone: of places whose records are other than when they were computed.

Where each place has a key of its own, nobody is known at two places, and what is kept of a place is
made from its own records. So a slice has two halves, by the SQL files as they are. First, tables
that have a `key` in their header are computed from the records of the changed places alone, to take
the place of the former rows. Then the scopes that hold such a place are computed from them and from
what is kept of all other places. `core.scope` is what narrows the second half: every figure of a
scope reaches its places through it.
"""

from collections.abc import Iterable, Sequence

import duckdb

from flows.settings import Settings
from flows.warehouse.models import CoreHeader, Model, read_core, read_indicators, read_values
from flows.warehouse.runner import run_core, run_indicators
from flows.warehouse.workbench import COMPUTED, STORED, figure_select
from schemas import FEEDS

SCOPE, LOST = "core.scope", "core.lost"
COMPUTED_AFTER = "registry.computed_after"
"""One row per scope that the last build computed, and the release whose figures stand for all
others; without it, all were computed. The preview reads it."""
PART = "part"
"""The schema of the workbench with what was computed of the changed places."""


def compute_places(
    warehouse: duckdb.DuckDBPyConnection, settings: Settings, changed: Sequence[str]
) -> None:
    """Compute what is kept of these places, on an open workbench."""
    core = read_core(settings.sql)
    look_at_what_is_kept(warehouse, settings)
    lost = computed_for([LOST], core, set())  # of all places: whether it is empty concerns all
    run_core(warehouse, only(core, lost))
    narrow_to_places(warehouse, settings.warehouse.stem, changed)
    run_core(warehouse, only(core, computed_for(keyed(core), core, set()) - lost))


def compute_scopes(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Compute the scopes that hold one of the places that were computed before."""
    core, indicators = read_core(settings.sql), read_indicators(settings.sql)
    last, _kept = read_values(settings.sql)
    keys = keyed(core)
    set_apart(warehouse, keys)
    find_in_both(warehouse, settings.warehouse.stem)  # a schema that was dropped left the path
    merge(warehouse, settings.warehouse.stem, keys)
    narrow_to_scopes(warehouse, settings.warehouse.stem)
    asked = {name for model in (*indicators.values(), last) for name in model.dependencies}
    run_core(warehouse, only(core, computed_for(asked, core, {*keys, SCOPE})))
    run_indicators(warehouse, indicators)


def look_at_what_is_kept(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """What is not in the workbench is read from the warehouse: records, registry, kept tables."""
    for schema in (*STORED, PART):
        warehouse.execute(f"CREATE SCHEMA workbench.{schema}")
    find_in_both(warehouse, settings.warehouse.stem)


def find_in_both(warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    path = [f"workbench.{schema}" for schema in (*COMPUTED, *STORED)]
    path += [f"{name}.{schema}" for schema in (*COMPUTED, *STORED)]
    warehouse.execute(f"SET search_path = '{','.join(path)}'")


def narrow_to_places(
    warehouse: duckdb.DuckDBPyConnection, name: str, changed: Sequence[str]
) -> None:
    """Let the models see the records of these places alone, and these places alone."""
    warehouse.execute(
        f"CREATE TABLE workbench.{PART}.changed AS SELECT unnest(CAST(? AS VARCHAR[])) AS place_id",
        [[*changed]],
    )
    records = (f"record.{feed}" for feed in FEEDS)
    for table in (*records, "ledger.proof", "registry.place", "registry.open_day"):
        warehouse.execute(
            f"CREATE VIEW workbench.{table} AS SELECT * FROM {name}.{table} WHERE {of_changed()}"
        )


def of_changed(key: str = "place_id", word: str = "IN") -> str:
    return f"{key} {word} (SELECT c.place_id FROM workbench.{PART}.changed AS c)"


def set_apart(warehouse: duckdb.DuckDBPyConnection, keys: dict[str, str]) -> None:
    """Take what was computed of the changed places out of the way, and what narrowed it."""
    for name, key in keys.items():
        warehouse.execute(
            f"CREATE TABLE workbench.{part_of(name)} AS FROM workbench.{name} "
            f"WHERE {of_changed(key)}"
        )
    for schema in (*COMPUTED, *STORED):
        warehouse.execute(f"DROP SCHEMA workbench.{schema} CASCADE")
        warehouse.execute(f"CREATE SCHEMA workbench.{schema}")


def merge(warehouse: duckdb.DuckDBPyConnection, name: str, keys: dict[str, str]) -> None:
    """Let the models see every place: the changed ones as they are now, the others as kept."""
    for table, key in keys.items():
        warehouse.execute(
            f"CREATE VIEW workbench.{table} AS SELECT * FROM {name}.{table} "
            f"WHERE {of_changed(key, 'NOT IN')} UNION ALL FROM workbench.{part_of(table)}"
        )


def narrow_to_scopes(warehouse: duckdb.DuckDBPyConnection, name: str) -> None:
    warehouse.execute(
        f"CREATE TABLE workbench.{SCOPE} AS SELECT s.* FROM {name}.{SCOPE} AS s "
        f"WHERE s.scope_id IN (SELECT t.scope_id FROM {name}.{SCOPE} AS t "
        f"WHERE {of_changed('t.place_id')})"
    )


def keep_slice(warehouse: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Put what was computed in the place of what was there of it; the caller holds the
    transaction.
    """
    name = settings.warehouse.stem
    warehouse.execute(
        f"CREATE OR REPLACE TABLE {name}.{COMPUTED_AFTER} AS SELECT DISTINCT "
        f"p.publication_id, s.scope_id FROM workbench.{SCOPE} AS s "
        f"CROSS JOIN {name}.registry.publication AS p"
    )
    for table, key in keyed(read_core(settings.sql)).items():
        warehouse.execute(f"DELETE FROM {name}.{table} WHERE {of_changed(key)}")
        warehouse.execute(f"INSERT INTO {name}.{table} FROM workbench.{part_of(table)}")
    computed, _kept = read_values(settings.sql)
    warehouse.execute(
        f"DELETE FROM {name}.indicator.figure "
        f"WHERE scope_id IN (SELECT s.scope_id FROM workbench.{SCOPE} AS s)"
    )
    warehouse.execute(f"INSERT INTO {name}.indicator.figure {figure_select(computed)}")


def keyed(core: dict[str, Model]) -> dict[str, str]:
    """The tables that are kept of each place → the column that names it."""
    return {
        name: model.header.key
        for name, model in core.items()
        if isinstance(model.header, CoreHeader) and model.header.key
    }


def computed_for(asked: Iterable[str], core: dict[str, Model], there: set[str]) -> set[str]:
    """The models that have to run so that the asked ones are there: not what is kept as it is."""
    found: set[str] = set()
    waiting = set(asked)
    while waiting:
        name = waiting.pop()
        if name in core and name not in found | there and not stays(core[name]):
            found.add(name)
            waiting |= core[name].dependencies
    return found


def stays(model: Model) -> bool:
    """Is it a kept table that no record is in?"""
    header = model.header
    return isinstance(header, CoreHeader) and (
        header.kept and header.kind == "table" and header.key is None
    )


def only(core: dict[str, Model], wanted: set[str]) -> dict[str, Model]:
    return {name: model for name, model in core.items() if name in wanted}


def part_of(name: str) -> str:
    return f"{PART}.{name.partition('.')[2]}"
