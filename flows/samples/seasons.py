"""When a place is open, and how much each season draws people to it."""

from dataclasses import dataclass
from datetime import date, timedelta

from flows.places import WEEKDAYS, Place

FIRST_DAY = date(2024, 9, 1)
LAST_DAY = date(2026, 10, 31)
SAMPLES_AS_OF = "2026-11-02T03:30:00+01:00"
"""The night in which the exports are found."""

HOLIDAYS = frozenset(
    date.fromisoformat(day)
    for day in (
        "2024-11-01", "2024-11-11", "2024-12-25",
        "2025-01-01", "2025-04-21", "2025-05-01", "2025-05-08", "2025-05-29", "2025-06-09",
        "2025-07-14", "2025-08-15", "2025-11-01", "2025-11-11", "2025-12-25",
        "2026-01-01", "2026-04-06", "2026-05-01", "2026-05-08", "2026-05-14", "2026-05-25",
        "2026-07-14", "2026-08-15",
    )
)  # fmt: skip
MONTH_PULL = (0.95, 0.95, 1.05, 0.95, 0.9, 1.0, 0.75, 0.45, 1.1, 1.15, 1.1, 0.9)
CHRISTMAS_PULL = 0.35
GROWTH = 0.2
"""How much more people come at the end of the period than at its beginning."""

ALL_DAY = ((9 * 60, 18 * 60),)


@dataclass(frozen=True)
class OpenDay:
    """A day of a place: opening ranges in minutes after midnight, and its pull around 1."""

    day: date
    hours: tuple[tuple[int, int], ...]
    pull: float


def open_days(place: Place) -> list[OpenDay]:
    """The days of the period on which the place is open, public holidays left out."""
    return [
        OpenDay(day, hours_on(place, day), pull(day))
        for day in place.expected_days(FIRST_DAY, LAST_DAY)
        if day not in HOLIDAYS
    ]


def hours_on(place: Place, day: date) -> tuple[tuple[int, int], ...]:
    """Opening ranges of a day in minutes after midnight; office hours where none are declared."""
    declared = {str(weekday): ranges for weekday, ranges in place.opening_hours.items()}
    ranges = [text.partition("-") for text in declared.get(WEEKDAYS[day.weekday()], [])]
    return tuple((minute(opens), minute(closes)) for opens, _, closes in ranges) or ALL_DAY


def minute(clock: str) -> int:
    """`09:30` as minutes after midnight."""
    return int(clock[:2]) * 60 + int(clock[3:5])


def pull(day: date) -> float:
    """August and Christmas are quiet, autumn is busy, and the place grows slowly."""
    if (day.month, day.day) >= (12, 20) or (day.month, day.day) <= (1, 3):
        return CHRISTMAS_PULL
    progress = (day - FIRST_DAY) / (LAST_DAY - FIRST_DAY)
    return MONTH_PULL[day.month - 1] * (1 - GROWTH / 2 + GROWTH * progress)


def months() -> list[date]:
    """The first day of each month of the period."""
    found = []
    day = FIRST_DAY
    while day <= LAST_DAY:
        found.append(day)
        day = (day + timedelta(days=32)).replace(day=1)
    return found
