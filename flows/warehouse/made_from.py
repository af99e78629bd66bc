"""What the kept figures were made from: enough to know which places they no longer fit.

It is read from records and ledger as they are, not from what runs say of themselves: whatever
changed a place, a delivery, a correction, an erasure, what was kept long enough, or a restored
backup, its digest is another.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from zoneinfo import ZoneInfo

import duckdb

from flows.language import _
from flows.places import Place
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.registry_tables import first_day
from flows.warehouse.runner import definition_files
from flows.warehouse.source_tables import address_breaks
from schemas import FEEDS

TABLE = "registry.made_from"
REST, LOST = "/rest", "/lost"
"""What stands in the table beside the places: a place is never called so."""
MOST = 0.5
"""Of so many places a slice costs as much as the whole."""

DIGESTS = " UNION ALL ".join([
    *(
        f"SELECT '{feed}' AS part, place_id, count(*) AS rows, "
        "sum(hash(attempt_id, deleted)) AS digest "
        f"FROM record.{feed} GROUP BY place_id"
        for feed in FEEDS
    ),
    *(
        f"SELECT '{table}' AS part, t.place_id, count(*) AS rows, sum(hash(t)) AS digest "
        f"FROM {table} AS t GROUP BY t.place_id"
        for table in ("ledger.proof", "ledger.open_reject", "ledger.batch")
    ),
    "SELECT 'ledger.dated' AS part, b.place_id, count(*) AS rows, sum(hash(d)) AS digest "
    "FROM ledger.dated AS d INNER JOIN ledger.batch AS b ON b.batch_id = d.batch_id "
    "GROUP BY b.place_id",
])  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What is to be computed: these places, or everything and why."""

    state: dict[str, str]
    """What the figures will be made from: place, or one of the rest → digest."""
    places: tuple[str, ...] = ()
    why_all: str | None = None
    lost: str | None = None
    """Was a row lost at any place, when the kept figures were computed?"""


def change_since(
    warehouse: duckdb.DuckDBPyConnection,
    places: Sequence[Place],
    settings: Settings,
    as_of: datetime,
) -> Change:
    """What is other than when the kept figures were computed."""
    state = state_of(warehouse, places, settings, as_of)
    if settings.person_key != "place":
        return Change(state, why_all=_("people have one key in the whole network"))
    former = former_state(warehouse)
    if not former:
        return Change(state, why_all=_("nothing is known of what was computed before"))
    if former.get(REST) != state[REST]:
        return Change(state, why_all=_("the day, a definition, a place or the program is another"))
    known = (former.keys() | state.keys()) - {REST, LOST}
    changed = sorted(name for name in known if former.get(name) != state.get(name))
    if len(changed) > MOST * len(places):
        return Change(state, why_all=_("most places changed"))
    return Change(state, tuple(changed), lost=former.get(LOST))


def state_of(
    warehouse: duckdb.DuckDBPyConnection,
    places: Sequence[Place],
    settings: Settings,
    as_of: datetime,
) -> dict[str, str]:
    """A digest of what each place sent, and one of all that concerns every figure."""
    parts = warehouse.execute(
        f"SELECT place_id, string_agg(concat_ws(' ', part, rows, digest), ';' ORDER BY part) "
        f"FROM ({DIGESTS}) GROUP BY place_id"
    ).fetchall()
    state = {place_id: hashlib.sha256(text.encode()).hexdigest() for place_id, text in parts}
    return state | {REST: rest_of(warehouse, places, settings, as_of)}


def rest_of(
    warehouse: duckdb.DuckDBPyConnection,
    places: Sequence[Place],
    settings: Settings,
    as_of: datetime,
) -> str:
    """What the tables of `registry` are made from, and the program."""
    today = as_of.astimezone(ZoneInfo(TIME_ZONE)).date()
    digest = hashlib.sha256()
    for place in sorted(places, key=lambda p: p.id):
        digest.update(place.model_dump_json().encode())
    for file in definition_files(settings):
        digest.update(file.name.encode() + file.read_bytes())
    said = (
        version("impact-tiers-lieux"), duckdb.__version__, today, settings.person_key,
        first_day(warehouse, today), address_breaks(warehouse, today),
    )  # fmt: skip
    digest.update(repr(said).encode())
    return digest.hexdigest()


def former_state(warehouse: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What the kept figures were made from; nothing where no build wrote it down."""
    there = warehouse.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = current_database() "
        "AND schema_name || '.' || table_name = ?",
        [TABLE],
    ).fetchall()
    return dict(warehouse.execute(f"FROM {TABLE}").fetchall()) if there else {}


def write_state(warehouse: duckdb.DuckDBPyConnection, name: str, state: dict[str, str]) -> None:
    """Note it beside the figures; the caller holds the transaction."""
    warehouse.execute(
        f"CREATE OR REPLACE TABLE {name}.{TABLE} AS "
        "SELECT unnest($what) AS what, unnest($digest) AS digest",
        {"what": [*state], "digest": [*state.values()]},
    )


def is_lost(warehouse: duckdb.DuckDBPyConnection) -> str:
    """Was a row lost at any place? What is said of all the others depends on it."""
    return str(bool(warehouse.execute("SELECT 1 FROM core.lost LIMIT 1").fetchall()))
