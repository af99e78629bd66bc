"""What is not an answer is asked for again, with waits in between, and not for ever."""

from collections.abc import Callable

import httpx
import stamina
import stamina.instrumentation

from flows.connectors._journal import Answer

stamina.instrumentation.set_on_retry_hooks([])  # its own words are not for the terminal

ATTEMPTS, FIRST_WAIT, LONGEST_WAIT, JITTER = 5, 1.0, 30.0, 1.0
PATIENCE = 900.0
MOST_SILENCES = 2
"""Of one request: a server that is dead costs its source a minute, not the night."""


class AskAgain(Exception):
    """Not an answer, and worth another try; `after` is how many seconds the system asks for."""

    def __init__(self, what: str, after: float | None = None) -> None:
        self.what, self.after = what, after
        super().__init__(what)


def patiently(ask: Callable[[], Answer]) -> Answer:
    """The first answer; raises AskAgain or httpx.TransportError, whichever was the last."""
    silences = 0

    def wait_before_again(fault: Exception) -> bool | float:
        nonlocal silences
        if isinstance(fault, AskAgain):
            return True if fault.after is None else fault.after
        silences += isinstance(fault, httpx.TimeoutException)
        is_worth_it = silences < MOST_SILENCES and not is_certificate_fault(fault)
        return isinstance(fault, httpx.TransportError) and is_worth_it

    for attempt in stamina.retry_context(
        on=wait_before_again, attempts=ATTEMPTS, timeout=PATIENCE,
        wait_initial=FIRST_WAIT, wait_max=LONGEST_WAIT, wait_jitter=JITTER,
    ):  # fmt: skip
        with attempt:
            return ask()
    raise AssertionError("stamina asks at least once")


def is_certificate_fault(fault: Exception) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(fault)
