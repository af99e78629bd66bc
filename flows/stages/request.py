"""What a run was asked for, and which choices go together: form and command line refuse alike."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from flows.language import _

Again = Literal["landed", "recompute"]


@dataclass(frozen=True)
class Request:
    """What one run was asked for."""

    as_of: datetime
    first_day: date | None = None
    last_day: date | None = None
    again: Again | None = None
    feeds: tuple[str, ...] = ()
    """Only the sources of these feeds; of all when there is none."""
    is_brought: bool = False
    """Only what waits in landing: no source is asked."""

    @property
    def window(self) -> tuple[date | None, date | None]:
        return self.first_day, self.last_day


def contradiction(
    again: str | None,
    narrowed_to: Collection[str],
    first_day: date | None,
    last_day: date | None,
) -> str | None:
    """Why these choices do not go together, and what to do; None when they do.

    `narrowed_to` are the places and feeds that were chosen. A batch is loaded as it was received or
    not at all, and figures are computed all or none: a choice that would do nothing is refused.
    """
    has_days = first_day is not None or last_day is not None
    if first_day and last_day and last_day < first_day:
        return _("the last day is before the first")
    if again == "landed" and has_days:
        return _(
            "what was received is read again whole, whatever its days: leave the days out, or pull "
            "the source again for them"
        )
    if again == "recompute" and (has_days or narrowed_to):
        return _(
            "all figures are computed again, of all places, feeds and days: leave these out, or "
            "pull the source again for them"
        )
    return None
