"""Compute what figures are made of: core tables, then the rows of every indicator."""

import hashlib
import logging
import re
from collections.abc import Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

from flows.errors import ConfigurationError
from flows.language import _
from flows.places import Place
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.commitment_files import commitment_files
from flows.warehouse.faults import line_with
from flows.warehouse.models import (
    RESULT_COLUMNS,
    CoreHeader,
    IndicatorHeader,
    Model,
    read_core,
    read_indicators,
)
from flows.warehouse.policy import policy_files
from flows.warehouse.reference_tables import reference_files
from flows.warehouse.registry_tables import fill_registry

logger = logging.getLogger("impact")

NUMBER_OF = "CREATE OR REPLACE TEMP MACRO number_of(text) AS md5_number_lower(text)"
"""What stands for a person or a record in the key of a set, which is the sum of such numbers: 64
bits that every DuckDB, and every other engine that has MD5, finds alike. It hides nothing: what it
is made from is a pseudonym already, and no key leaves."""


def compute(
    warehouse: duckdb.DuckDBPyConnection,
    places: Sequence[Place],
    settings: Settings,
    as_of: datetime,
) -> None:
    """Fill `registry`, `core` and `indicator.result` of a workbench."""
    core, indicators = read_core(settings.sql), read_indicators(settings.sql)
    fill_registry(warehouse, places, core, indicators, settings, as_of)
    run_core(warehouse, core)
    run_indicators(warehouse, indicators)


def run_core(warehouse: duckdb.DuckDBPyConnection, core: dict[str, Model]) -> None:
    warehouse.execute(NUMBER_OF)
    for model in core.values():
        header = model.header
        kind = header.kind.upper() if isinstance(header, CoreHeader) else "TABLE"
        logger.info("calcul · %s", model.name)
        execute_model(warehouse, model, f"CREATE OR REPLACE {kind} {model.name} AS {model.select}")


def run_indicators(warehouse: duckdb.DuckDBPyConnection, indicators: dict[str, Model]) -> None:
    """Every indicator's rows into one table, `indicator.result`."""
    create_results(warehouse)
    wanted = ", ".join(RESULT_COLUMNS)
    for model in indicators.values():
        logger.info("calcul · %s", model.id)
        execute_model(
            warehouse,
            model,
            f"INSERT INTO indicator.result SELECT '{model.id}', {wanted} FROM ({model.select}\n)",
        )
    check_breakdowns(warehouse, indicators)


def create_results(warehouse: duckdb.DuckDBPyConnection) -> None:
    declared = ", ".join(f"{name} {kind}" for name, kind in RESULT_COLUMNS.items())
    warehouse.execute(
        f"CREATE OR REPLACE TABLE indicator.result (indicator_id VARCHAR, {declared})"
    )


def check_breakdowns(warehouse: duckdb.DuckDBPyConnection, indicators: dict[str, Model]) -> None:
    """Raises ConfigurationError for rows of a breakdown that the header does not declare."""
    given = warehouse.execute(
        "SELECT DISTINCT indicator_id, breakdown FROM indicator.result WHERE breakdown <> 'all' "
        "ORDER BY ALL"
    ).fetchall()
    for indicator_id, breakdown in given:
        model = indicators[indicator_id]
        header = model.header
        if isinstance(header, IndicatorHeader) and breakdown not in header.breakdowns:
            raise ConfigurationError(
                _(
                    "the SELECT gives the breakdown {breakdown!r}, which the header does not "
                    "declare"
                ).format(breakdown=breakdown),
                where=model.at_line(line_with(model.select, f"'{re.escape(breakdown)}'")),
                remedy=_("add it to breakdowns in the header, or leave its rows out"),
            )


def execute_model(warehouse: duckdb.DuckDBPyConnection, model: Model, statement: str) -> None:
    """Run one model, whose SELECT begins on the first line of the statement.

    A fault names file and line, not a traceback.
    """
    try:
        warehouse.execute(statement)
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as fault:
        line = re.search(r"^LINE (\d+):", str(fault), re.MULTILINE)
        raise ConfigurationError(
            str(fault).splitlines()[0],
            where=model.at_line(int(line[1]) if line else None),
            remedy=_("correct the SQL"),
        ) from fault


def build_fingerprint(
    warehouse: duckdb.DuckDBPyConnection,
    places: Sequence[Place],
    settings: Settings,
    as_of: datetime,
) -> str:
    """All that a release depends on, in one hash: records, definitions, places, revisions, day."""
    digest = hashlib.sha256()
    attempts = warehouse.execute(
        "SELECT attempt_id FROM ledger.attempt WHERE outcome = 'accepted' AND "
        "loaded + tombstoned + quarantined > 0 ORDER BY attempt_id"
    ).fetchall()
    proofs = warehouse.execute("SELECT count(*), min(day), max(day) FROM ledger.proof").fetchall()
    lost = warehouse.execute(
        "SELECT attempt_id, count(*) FROM ledger.open_reject GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    revised = warehouse.execute(
        "SELECT count(*), max(publiee_le) FROM ledger.published_value WHERE revision > 0"
    ).fetchall()
    digest.update(repr((attempts, proofs, lost, revised)).encode())
    for place in sorted(places, key=lambda p: p.id):
        digest.update(place.model_dump_json().encode())
    for file in definition_files(settings):
        digest.update(file.name.encode() + file.read_bytes())
    digest.update(version("impact-tiers-lieux").encode())
    digest.update(as_of.astimezone(ZoneInfo(TIME_ZONE)).date().isoformat().encode())
    return digest.hexdigest()


def definition_files(settings: Settings) -> list[Path]:
    """The files that define the figures."""
    return [
        *sorted(settings.sql.rglob("*.sql")),
        *policy_files(settings),
        *reference_files(settings),
        *commitment_files(settings),
    ]
