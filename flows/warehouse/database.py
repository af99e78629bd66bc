"""Opening the warehouse: alone to write, many to read; an older layout is upgraded first."""

import json
import logging
import os
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import filelock

from flows.errors import Busy, ConfigurationError, ImpactError
from flows.language import _
from flows.machine import refusal
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.migrations import keep_copy, refuse_newer, refuse_older, upgrade
from flows.warehouse.tables import WAREHOUSE_VERSION, prepare, warehouse_version

MEMORY_LIMIT = "1GB"
LOCK_WAIT_SECONDS = 600
READER_WAIT_SECONDS = 2
"""`impact status`, or the end of another run, reads for a moment: no reason to fail."""

logger = logging.getLogger("impact")


@contextmanager
def writer_lock(settings: Settings, wait_seconds: float = LOCK_WAIT_SECONDS) -> Iterator[None]:
    """Hold the home for writing; wait for another run, then say who holds it.

    Raises Busy when the other run is still there after `wait_seconds`.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    note = settings.lock.with_suffix(".json")
    lock = filelock.FileLock(settings.lock)
    try:
        lock.acquire(timeout=wait_seconds)
    except filelock.Timeout as fault:
        raise Busy(
            _("another run is writing: {holder}").format(holder=lock_holder(note)),
            where=str(settings.home),
            remedy=_("wait until it has ended, or end that process, and run again"),
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
        return _("process {process}, since {since}").format(**holder)
    except (OSError, ValueError, KeyError):
        return _("a process that has not said who it is")


@contextmanager
def open_warehouse(
    settings: Settings, *, read_only: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the warehouse, closed at the end so that others may open it.

    Raises ConfigurationError when there is nothing to read, or when the schema version is another
    than this program's; an older one is upgraded when it is opened for writing.
    """
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if read_only and not settings.warehouse.exists():
        raise ConfigurationError(
            _("there is no warehouse yet"),
            where=str(settings.warehouse),
            remedy=_("run `impact run`"),
        )
    connection = connect(settings, read_only=read_only)
    try:
        version = warehouse_version(connection)
        refuse_newer(version, settings.warehouse)
        if read_only:
            refuse_older(version, settings.warehouse)
        else:
            settings.warehouse.chmod(0o600)
            if version < WAREHOUSE_VERSION:
                connection.close()  # a copy of an open file may lack what is still in its log
                copy = keep_copy(settings, version)
                connection = connect(settings)
                with transaction(connection):
                    upgrade(connection, settings, version, copy)
                logger.warning(
                    _("The warehouse was upgraded from schema version {old} to {new}; "
                      "as it was: {copy}").format(old=version, new=WAREHOUSE_VERSION, copy=copy)
                )  # fmt: skip
            prepare(connection, settings)
        yield connection
    finally:
        connection.close()


@contextmanager
def open_to_load(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse, with as little memory as loading needs."""
    with open_warehouse(settings) as warehouse:
        # a page is small: a second thread would mostly wait, and waiting costs processor time
        warehouse.execute("SET threads = 1")
        # what is loaded waits on the disk for its commit, not in memory
        warehouse.execute("SET memory_limit = '300MB'")
        yield warehouse


@contextmanager
def open_in_memory(settings: Settings, scratch: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """An empty warehouse that nobody keeps; what memory cannot hold waits in `scratch`."""
    with closing(duckdb.connect(":memory:")) as connection:
        configure(connection, scratch)
        prepare(connection, settings)
        yield connection


def connect(settings: Settings, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """The file, open and configured; raises ImpactError when that is not possible."""
    if not read_only:
        settings.scratch.mkdir(parents=True, exist_ok=True, mode=0o700)
    until = time.monotonic() + READER_WAIT_SECONDS
    while True:
        try:
            connection = duckdb.connect(str(settings.warehouse), read_only=read_only)
            break
        except duckdb.IOException as fault:
            if "lock" not in str(fault):
                raise refusal(fault, settings.home) or ImpactError(
                    _("the warehouse cannot be opened"),
                    where=str(settings.warehouse),
                    remedy=_(
                        "check that this user may read and write it; when it is damaged, move "
                        "the home away and `impact restore` a backup"
                    ),
                ) from fault
            if time.monotonic() > until:
                raise ImpactError(
                    _("the warehouse is open in another program"),
                    where=str(settings.warehouse),
                    remedy=_("close it there and run again"),
                ) from fault
            time.sleep(0.05)
    configure(connection, settings.scratch)
    return connection


def configure(connection: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Local calendar, bounded memory, no extension fetched from anywhere."""
    connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
    connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
    connection.execute("SET autoinstall_known_extensions = false")
    connection.execute("SET preserve_insertion_order = false")
    connection.execute("SET temp_directory = ?", [str(scratch)])


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
