"""Which figures need records of longer ago than a network keeps."""

from collections.abc import Mapping

from flows.warehouse.models import IndicatorHeader, Model

DAYS = {"month": 31, "quarter": 92, "year": 366}
"""The longest of each kind of period; a convention has days of its own."""
SETTLES_AFTER = 45
"""Days after a period until its last records are there."""
DAYS_OF_A_MONTH = 30


def beyond(indicators: Mapping[str, Model], months: int) -> list[str]:
    """`indicator (period, …)` of each that can never be computed from that many whole months."""
    kept = months * DAYS_OF_A_MONTH
    found = []
    for name, model in indicators.items():
        header = model.header
        assert isinstance(header, IndicatorHeader)
        lost = [kind for kind in header.periods if needs(header, kind) > kept]
        if lost:
            found.append(f"{name} ({', '.join(lost)})")
    return sorted(found)


def needs(header: IndicatorHeader, period: str) -> int:
    """Days of records, back from the day on which a period of this kind can be computed."""
    days, back = DAYS.get(period, 0), header.looks_back_days
    read = max(days, back) if header.looks_back_from == "end" else days + back
    return read + max(header.looks_ahead_days, SETTLES_AFTER)
