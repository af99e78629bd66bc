"""Opening the warehouse: alone to write, many to read; its tables come from the contracts."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import filelock
import polars as pl

from flows.errors import ConfigurationError, ImpactError
from flows.settings import TIME_ZONE, Settings
from schemas import CONTRACTS
from schemas.record import Record, codes_of, stored_columns

MEMORY_LIMIT = "1GB"
LOCK_WAIT_SECONDS = 600

BOOKKEEPING = {"place_id": "VARCHAR", "source_id": "VARCHAR"}
VERSIONING = {"version_at": "TIMESTAMPTZ", "attempt_id": "UUID"}
"""When this version of the record became true, and the attempt that brought it."""


@contextmanager
def writer_lock(settings: Settings, wait_seconds: float = LOCK_WAIT_SECONDS) -> Iterator[None]:
    """Hold the home for writing; wait for another run, then say who holds it.

    Raises ImpactError when the other run is still there after `wait_seconds`.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    note = settings.lock.with_suffix(".json")
    lock = filelock.FileLock(settings.lock)
    try:
        lock.acquire(timeout=wait_seconds)
    except filelock.Timeout as fault:
        raise ImpactError(
            f"another run is writing: {lock_holder(note)}",
            where=str(settings.home),
            remedy="wait until it has ended, or end that process, and run again",
        ) from fault
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        note.write_text(json.dumps({"process": os.getpid(), "since": since}))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def lock_holder(note: Path) -> str:
    """Who holds the lock, as that run wrote it down."""
    try:
        holder = json.loads(note.read_text())
        return f"process {holder['process']}, since {holder['since']}"
    except (OSError, ValueError, KeyError):
        return "a process that has not said who it is"


@contextmanager
def open_warehouse(
    settings: Settings, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse, closed at the end so that others may open it."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if read_only and not settings.warehouse.exists():
        raise ConfigurationError(
            "there is no warehouse yet", where=str(settings.warehouse), remedy="run `impact run`"
        )
    settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        connection = duckdb.connect(str(settings.warehouse), read_only=read_only)
    except duckdb.IOException as fault:
        raise ImpactError(
            "the warehouse is open in another program",
            where=str(settings.warehouse),
            remedy="close it there and run again",
        ) from fault
    try:
        configure(connection, settings.scratch)
        if not read_only:
            settings.warehouse.chmod(0o600)
            prepare(connection, settings)
        yield connection
    finally:
        connection.close()


def configure(connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Local calendar, bounded memory, no extension fetched from anywhere."""
    connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET temp_directory = ?", [str(scratch)])


def prepare(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """Make what is missing of the permanent tables."""
    connection.execute((settings.sql / "warehouse.sql").read_text(encoding="utf-8"))
    for feed, contract in CONTRACTS.items():
        connection.execute(record_table(feed, contract))


def record_table(feed: str, contract: type[Record]) -> str:
    """The CREATE TABLE statement that keeps the records of one feed."""
    columns = {**BOOKKEEPING, **sql_types(contract), **VERSIONING}
    declared = ", ".join(f"{name} {kind}" for name, kind in columns.items())
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
    }
    return {
        name: enum(codes) if (codes := codes_of(column)) else names[str(column.dtype)]
        for name, column in stored_columns(contract).items()
    }


def enum(codes: list[str]) -> str:
    quoted = ", ".join(f"'{code}'" for code in codes)
    return f"ENUM ({quoted})"


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All or nothing."""
    connection.execute("BEGIN TRANSACTION")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")
