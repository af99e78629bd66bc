"""The permanent tables: those of `sql/warehouse.sql`, and one of records for each contract."""

import functools
import hashlib
from datetime import UTC, datetime

import duckdb
import polars as pl

from flows.settings import Settings
from schemas import CONTRACTS
from schemas.record import Record, codes_of, stored_columns

WAREHOUSE_VERSION = 8
"""Of the layout that this program writes; a new one needs a step in `migrations`."""

BOOKKEEPING = {"place_id": "VARCHAR", "source_id": "VARCHAR"}
VERSIONING = {"version_at": "TIMESTAMPTZ", "attempt_id": "UUID"}
"""When this version of the record became true, and the attempt that brought it."""
NUMBER = "VARCHAR USING COMPRESSION fsst"
"""All are different: there is no need to look for those that come again."""


def prepare(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make what is missing of the permanent tables, and note which layout they have.

    A note of what was made so spares to ask for each table again, which every opening would.
    """
    wanted = (settings.sql / "warehouse.sql").read_text(encoding="utf-8") + record_tables()
    made = hashlib.sha256(f"{WAREHOUSE_VERSION} {wanted}".encode()).hexdigest()
    known = connection.execute(
        "SELECT comment FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name = 'ledger' "
        "AND table_name = 'schema_version'"
    ).fetchone()
    if known == (made,):
        return
    connection.execute(wanted)
    connection.execute(
        "INSERT INTO ledger.schema_version "
        "SELECT ?, ? WHERE ? NOT IN (SELECT version FROM ledger.schema_version)",
        [WAREHOUSE_VERSION, datetime.now(UTC), WAREHOUSE_VERSION],
    )
    connection.execute(f"COMMENT ON TABLE ledger.schema_version IS '{made}'")


@functools.cache
def record_tables() -> str:
    return "".join(f"{record_table(feed, contract)};\n" for feed, contract in CONTRACTS.items())


def warehouse_version(connection: duckdb.DuckDBPyConnection) -> int:
    """The layout of an open warehouse; 1 had no note of it, and an empty file is as new."""
    tables = {
        name
        for (name,) in connection.execute(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'ledger'"
        ).fetchall()
    }
    if not tables:
        return WAREHOUSE_VERSION
    if "schema_version" not in tables:
        return 1
    [(version,)] = connection.execute("SELECT max(version) FROM ledger.schema_version").fetchall()
    return version or 1


def record_columns(contract: type[Record]) -> dict[str, str]:
    """Name and DuckDB type of everything that is kept of a record, in order."""
    return {**BOOKKEEPING, **sql_types(contract), **VERSIONING}


def record_table(feed: str, contract: type[Record]) -> str:
    """The CREATE TABLE statement that keeps the records of one feed."""
    kinds = {**record_columns(contract), "record_id": NUMBER}
    declared = ", ".join(f"{name} {kind}" for name, kind in kinds.items())
    return f"CREATE TABLE IF NOT EXISTS record.{feed} ({declared})"


def sql_types(contract: type[Record]) -> dict[str, str]:
    """DuckDB type of each stored column of a contract: closed lists of codes are ENUMs."""
    names: dict[str, str] = {
        str(pl.String()): "VARCHAR",
        str(pl.Int64()): "BIGINT",
        str(pl.Float64()): "DOUBLE",
        str(pl.Boolean()): "BOOLEAN",
        str(pl.Date()): "DATE",
        str(pl.Datetime("us", "UTC")): "TIMESTAMPTZ",
        str(pl.Datetime("us")): "TIMESTAMP",
    }
    return {
        name: enum(codes) if (codes := codes_of(column)) else names[str(column.dtype)]
        for name, column in stored_columns(contract).items()
    }


def enum(codes: list[str]) -> str:
    quoted = ", ".join(f"'{code}'" for code in codes)
    return f"ENUM ({quoted})"
