"""What a flow knows of its run: the id, how it becomes the only writer, how it ends in words."""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import ParamSpec

from prefect.client.schemas.objects import State
from prefect.concurrency.sync import concurrency
from prefect.exceptions import FailedRun
from prefect.runtime import flow_run
from prefect.states import Failed

from flows.errors import Busy, ImpactError, unexpected
from flows.language import _
from flows.machine import refusal
from flows.settings import Settings, read_settings
from flows.warehouse.database import LOCK_WAIT_SECONDS, writer_lock

WRITER = "tiers-lieux-warehouse"
"""Name of the concurrency limit, as the Prefect UI shows it."""
LEASE_SECONDS = 60
"""How long the limit stays taken when its run was killed."""
WRITER_SECONDS = 2 * 3600
"""How long a run waits for another that writes; the time that a flow has is longer."""

P = ParamSpec("P")


def run_id() -> str:
    return str(flow_run.id or "")


def is_served() -> bool:
    """Is there a server that others look at, beside the one of this process?"""
    return bool(os.environ.get("PREFECT_API_URL"))


@contextmanager
def only_writer(settings: Settings, seconds: float = WRITER_SECONDS) -> Iterator[None]:
    """Prefect's limit, where one sees who waits, and the lock of the system, which holds.

    Raises Busy when another run has them for longer than these seconds.
    """
    with ExitStack() as held:
        if is_served():
            limit = concurrency(
                WRITER, occupy=1, timeout_seconds=seconds, lease_duration=LEASE_SECONDS
            )
            try:
                held.enter_context(limit)
            except TimeoutError as fault:
                raise Busy(
                    _("another run is writing"),
                    remedy=_("look at the runs that are going on, and run again"),
                ) from fault
        held.enter_context(writer_lock(settings, patience(seconds)))
        yield


def patience(seconds: float = WRITER_SECONDS) -> float:
    """Somebody at a terminal is told soon who holds the lock; what runs by itself has time."""
    return seconds if is_served() else LOCK_WAIT_SECONDS


@contextmanager
def without_values() -> Iterator[None]:
    """A fault of a library may quote a record: what Prefect keeps of it is its kind and place."""
    try:
        yield
    except ImpactError:
        raise
    except Exception as fault:
        refused = refusal(fault, read_settings().home)
        raise refused or ImpactError(unexpected(fault)) from None


def is_news(record: logging.LogRecord) -> bool:
    """Not that a run failed: its state says so and why; Prefect adds a traceback of its own."""
    return not (record.exc_info and isinstance(record.exc_info[1], FailedRun))


def in_a_sentence(record: logging.LogRecord) -> bool:
    """What can be acted on is said without the traceback that Prefect adds."""
    fault = record.exc_info[1] if record.exc_info else None
    if isinstance(fault, ImpactError):
        record.msg, record.args, record.exc_info = "%s", (str(fault),), None
    return True


logging.getLogger("prefect.task_runs").addFilter(in_a_sentence)
for name in ("prefect.flow_runs", "prefect.engine"):
    logging.getLogger(name).addFilter(is_news)


def in_words(run: Callable[P, State[None]]) -> Callable[P, State[None]]:
    """A flow that ends as failed, with a sentence, where it would have shown a traceback."""

    @wraps(run)
    def told(*args: P.args, **kwargs: P.kwargs) -> State[None]:
        try:
            return run(*args, **kwargs)
        except ImpactError as fault:
            return Failed(message=str(fault))
        except OSError as fault:
            refused = refusal(fault, read_settings().home)
            return Failed(message=str(refused or unexpected(fault)))

    return told
