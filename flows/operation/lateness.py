"""Which source of which place is late by the rhythm that it declares. Pure: the day is given.

What is published says the same of the day of its build: `sql/core/source_lateness.sql`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from flows.language import _
from flows.places import Place
from flows.sources import LATE_AFTER_DAYS


@dataclass(frozen=True)
class Late:
    """A source of which something should have come."""

    place_id: str
    source_id: str
    feed: str
    rhythm: str
    last_day: date | None
    late_days: int

    @property
    def why(self) -> str:
        if self.last_day is None:
            return _("{place}, {source} ({feed}): nothing has ever come; {days} days late").format(
                place=self.place_id, source=self.source_id, feed=self.feed, days=self.late_days
            )
        return _(
            "{place}, {source} ({feed}): nothing since {last}; by its rhythm ({rhythm}), "
            "{days} days late"
        ).format(
            place=self.place_id, source=self.source_id, feed=self.feed, last=self.last_day,
            rhythm=self.rhythm, days=self.late_days,
        )  # fmt: skip


def late_sources(
    places: Iterable[Place], last_days: Mapping[tuple[str, str], date], today: date
) -> list[Late]:
    """The sources whose last proven day is older than their rhythm allows.

    A source that never delivered is as old as the place, or as its own first day. What is not
    open, not in use, or comes without a rhythm is never late.
    """
    found = []
    for place in places:
        if place.opened_on is None or (place.closed_on and place.closed_on < today):
            continue
        for source in place.sources:
            allowed_days = LATE_AFTER_DAYS[source.rhythm]
            if allowed_days is None or not place.is_in_use(source, today):
                continue
            last = last_days.get((place.id, source.id))
            since = last or max(place.opened_on, source.from_day or place.opened_on)
            late_days = (today - since).days - allowed_days
            if late_days > 0:
                found.append(Late(place.id, source.id, source.feed, source.rhythm, last, late_days))
    return found
