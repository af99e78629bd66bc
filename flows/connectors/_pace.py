"""Asking no faster than a system allows."""

import time
from collections import deque
from collections.abc import Callable


class Pace:
    """So many requests a minute and no more."""

    def __init__(
        self,
        per_minute: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock, self.sleep = clock, sleep
        self.times: deque[float] = deque(maxlen=per_minute)

    def wait(self) -> None:
        if len(self.times) == self.times.maxlen:
            self.sleep(max(0.0, self.times[0] + 60 - self.clock()))
        self.times.append(self.clock())
