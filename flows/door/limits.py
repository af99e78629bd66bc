"""How often somebody may knock: a bucket that fills again with time, one for each who knocks."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

KEPT_BUCKETS = 10_000


@dataclass
class Limit:
    """At most `burst` at once, and `per_minute` in the long run."""

    burst: int
    per_minute: int
    clock: Callable[[], float] = time.monotonic
    buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def left(self, who: str) -> float:
        now = self.clock()
        tokens, then = self.buckets.get(who, (float(self.burst), now))
        return min(self.burst, tokens + (now - then) * self.per_minute / 60)

    def spend(self, who: str) -> bool:
        """Take one; False when there is none."""
        tokens = self.left(who)
        if len(self.buckets) >= KEPT_BUCKETS:
            self.buckets.clear()
        self.buckets[who] = (max(0.0, tokens - 1), self.clock())
        return tokens >= 1
