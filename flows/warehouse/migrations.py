"""From an older layout of the warehouse to the one of today: numbered steps, one transaction.

A new layout raises `WAREHOUSE_VERSION`, adds a step here, and keeps the steps before it. The tests
upgrade a file that the program of the version before wrote (`tests/data/warehouse-N.duckdb.xz`).
"""

import logging
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from flows.errors import ConfigurationError, ImpactError, reason
from flows.language import _
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.names_step import names_in_names
from flows.warehouse.tables import WAREHOUSE_VERSION, prepare, record_columns, record_table
from flows.whole_files import written_whole
from schemas import CONTRACTS
from schemas.record import stored_columns
from schemas.rules import NOT_RECORDS

logger = logging.getLogger("impact")


def closed_lists_and_attempts(connection: duckdb.DuckDBPyConnection, _settings: Settings) -> None:
    """To version 2: attempts are UUIDs, codes are ENUMs; what was removed or corrected is known."""
    for table in ("attempt", "quarantine"):
        connection.execute(f"ALTER TABLE ledger.{table} ALTER attempt_id TYPE UUID")
    connection.execute("ALTER TABLE ledger.attempt ADD COLUMN removed BIGINT DEFAULT 0")
    connection.execute("ALTER TABLE ledger.quarantine ADD COLUMN record_id VARCHAR")
    connection.execute("ALTER TABLE ledger.quarantine ADD COLUMN closed_by UUID")
    fit_records(connection)


def figures_beside(_connection: duckdb.DuckDBPyConnection, _settings: Settings) -> None:
    """To version 3: what is computed lies otherwise, and the next build replaces all of it.

    Nothing is to be done but to tell older programs, which could not replace it in turn.
    """


def clocks_of_places(connection: duckdb.DuckDBPyConnection, _settings: Settings) -> None:
    """To version 4: beside each instant, what the clock of the place showed."""
    connection.execute("ALTER TABLE ledger.batch ADD COLUMN received_on DATE")
    connection.execute(
        f"UPDATE ledger.batch SET received_on = CAST(timezone('{TIME_ZONE}', received_at) AS DATE)"
    )
    fit_records(connection)


def days_of_lost_rows(connection: duckdb.DuckDBPyConnection, _settings: Settings) -> None:
    """To version 5: of a refused row its days and its hash, and whether it may be a record.

    Nothing is known of the days of rows that were refused before: they count on those that their
    delivery proves.
    """
    for table, column, kind in (
        ("attempt", "not_records", "BIGINT DEFAULT 0"),
        ("attempt", "not_asked", "BIGINT DEFAULT 0"),
        ("quarantine", "day", "DATE"),
        ("quarantine", "until_day", "DATE"),
        ("quarantine", "digest", "VARCHAR"),
        ("quarantine", "is_record", "BOOLEAN DEFAULT true"),
    ):
        connection.execute(f"ALTER TABLE ledger.{table} ADD COLUMN {column} {kind}")
    connection.execute(
        "UPDATE ledger.quarantine SET is_record = false WHERE list_contains(?, rule)",
        [NOT_RECORDS],
    )
    connection.execute(
        """
        UPDATE ledger.attempt AS a
        SET quarantined = a.quarantined - q.not_records, ignored = a.ignored + q.not_records,
            not_records = q.not_records
        FROM (
            SELECT attempt_id, count(DISTINCT (sheet, row_number)) AS not_records
            FROM ledger.quarantine WHERE NOT is_record GROUP BY attempt_id
        ) AS q
        WHERE q.attempt_id = a.attempt_id
        """
    )


def signs_of_columns(_connection: duckdb.DuckDBPyConnection, _settings: Settings) -> None:
    """To version 6: what the columns of a source show is remembered, from the next delivery on.

    The cells of those before are not kept: what they showed is learnt where they are read again.
    """


def values_once(_connection: duckdb.DuckDBPyConnection, _settings: Settings) -> None:
    """To version 8: published values are kept; those of the next release are the first.

    An older program would publish over them: it is told.
    """


STEPS: dict[int, Callable[[duckdb.DuckDBPyConnection, Settings], None]] = {
    2: closed_lists_and_attempts,
    3: figures_beside,
    4: clocks_of_places,
    5: days_of_lost_rows,
    6: signs_of_columns,
    7: names_in_names,
    8: values_once,
}
"""Version that a step leads to → the step, which starts from the version before."""


def fit_records(connection: duckdb.DuckDBPyConnection) -> None:
    """Give each table of records the columns, types and order of its contract of today.

    A column that the table lacks takes the default of the contract; one that the contract no
    longer has is left behind. A cell that the contract does not allow stops everything.
    """
    for feed, contract in CONTRACTS.items():
        before = {
            name
            for (name,) in connection.execute(
                "SELECT column_name FROM duckdb_columns() "
                "WHERE schema_name = 'record' AND table_name = ?",
                [feed],
            ).fetchall()
        }
        if not before:
            continue
        declared = stored_columns(contract)
        values = [
            f"CAST({name if name in before else made_of(name, declared[name])} AS {kind})"
            for name, kind in record_columns(contract).items()
        ]
        connection.execute(f"ALTER TABLE record.{feed} RENAME TO {feed}_before")
        connection.execute(record_table(feed, contract))
        connection.execute(
            f"INSERT INTO record.{feed} SELECT {', '.join(values)} FROM record.{feed}_before"
        )
        connection.execute(f"DROP TABLE record.{feed}_before")


def made_of(name: str, column: Any) -> str:
    """What a column holds of the rows of a table that lacked it.

    Until version 4 all clocks were those of Paris: a place overseas is read again from landing.
    """
    if column.metadata["kind"] == "local":
        return f"timezone('{TIME_ZONE}', {name.removesuffix('_local')}_at)"
    default = column.metadata["default"]
    return "NULL" if default is None else f"'{default}'"


def refuse_newer(version: int, file: Path) -> None:
    """Raises ConfigurationError for a layout that this program does not know."""
    if version > WAREHOUSE_VERSION:
        raise ConfigurationError(
            _("the warehouse has schema version {version}, and this program knows {known}").format(
                version=version, known=WAREHOUSE_VERSION
            ),
            where=str(file),
            remedy=_("install the newer version of the program"),
        )


def refuse_older(version: int, file: Path) -> None:
    """Raises ConfigurationError for a layout that has to be upgraded before it is read."""
    if version < WAREHOUSE_VERSION:
        raise ConfigurationError(
            _("the warehouse still has schema version {version} of an older program").format(
                version=version
            ),
            where=str(file),
            remedy=_("run `impact run`: it makes a copy, then upgrades it"),
        )


def keep_copy(settings: Settings, version: int) -> Path:
    """Copy the closed warehouse beside the home, readable by its owner alone."""
    moment = f"{datetime.now():%Y-%m-%dT%H%M%S}"
    copy = settings.home.with_name(f"{settings.home.name}.schema-{version}.{moment}.duckdb")
    try:
        with written_whole(copy) as unfinished:
            shutil.copyfile(settings.warehouse, unfinished)
    except OSError as fault:
        raise ImpactError(
            _("the warehouse cannot be copied before it is upgraded ({reason})").format(
                reason=reason(fault)
            ),
            where=str(copy),
            remedy=_("make room there, or give this user the right to write, and run again"),
        ) from fault
    return copy


def upgrade(
    connection: duckdb.DuckDBPyConnection, settings: Settings, version: int, copy: Path
) -> None:
    """Bring the warehouse to the layout of today, all or nothing; the caller holds the transaction.

    Raises ImpactError when a step fails, without the values that made it fail.
    """
    try:
        views = take_views(connection)
        for number in range(version + 1, WAREHOUSE_VERSION + 1):
            STEPS[number](connection, settings)
        for sql in views:
            connection.execute(sql)
        prepare(connection, settings)
    except duckdb.Error as fault:
        raise ImpactError(
            _(
                "schema version {version} could not be upgraded to {known} ({kind}); "
                "nothing was changed"
            ).format(version=version, known=WAREHOUSE_VERSION, kind=type(fault).__name__),
            where=str(settings.warehouse),
            remedy=_(
                "go on with the former version of the program, and report this line; a copy "
                "is in {copy}"
            ).format(copy=copy),
        ) from None


def take_views(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Drop all views, which remember the types of their tables; give what makes them again."""
    views = connection.execute(
        "SELECT schema_name || '.' || view_name, sql FROM duckdb_views() "
        "WHERE NOT internal ORDER BY view_oid"
    ).fetchall()
    for name, _sql in views:
        connection.execute(f"DROP VIEW {name}")
    return [sql for _name, sql in views]
