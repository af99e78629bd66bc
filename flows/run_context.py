"""What a flow knows of the run that it is in: its id, and how it becomes the only writer."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from prefect.concurrency.sync import concurrency
from prefect.runtime import flow_run

from flows.errors import ImpactError, unexpected
from flows.settings import Settings
from flows.warehouse.database import LOCK_WAIT_SECONDS, writer_lock

WRITER = "tiers-lieux-warehouse"
"""Name of the concurrency limit, as the Prefect UI shows it."""
LEASE_SECONDS = 60
"""How long the limit stays taken when its run was killed."""
WAIT_SECONDS = 2 * 3600


def run_id() -> str:
    return str(flow_run.id or "")


def is_served() -> bool:
    """Is there a server that others look at, beside the one of this process?"""
    return bool(os.environ.get("PREFECT_API_URL"))


@contextmanager
def only_writer(settings: Settings) -> Iterator[None]:
    """Prefect's limit, where one sees who waits, and the lock of the system, which holds."""
    limit = (
        concurrency(WRITER, occupy=1, timeout_seconds=WAIT_SECONDS, lease_duration=LEASE_SECONDS)
        if is_served()
        else nullcontext()
    )
    with limit, writer_lock(settings, wait_seconds()):
        yield


def wait_seconds() -> float:
    """Somebody at a terminal is told soon who holds the lock; what runs by itself has time."""
    return WAIT_SECONDS if is_served() else LOCK_WAIT_SECONDS


@contextmanager
def without_values() -> Iterator[None]:
    """A fault of a library may quote a record: what Prefect keeps of it is its kind and place."""
    try:
        yield
    except ImpactError:
        raise
    except Exception as fault:
        raise ImpactError(unexpected(fault)) from None
