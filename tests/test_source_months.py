"""`couverture`: each month of each source against an oracle of calendars and sets of days."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import floor

import duckdb

from flows.publication.release import write_release
from flows.stages.build import build_warehouse
from tests.conftest import AS_OF

TODAY = AS_OF.date()
LATE_AFTER = {"daily": 3, "weekly": 10, "monthly": 45}
COLUMNS = {"record_id": "N°", "checked_in_at": "Arrivée", "headcount": "Têtes"}
ALL_DAYS = [date(2026, 1, 1) + timedelta(n) for n in range((TODAY - date(2026, 1, 1)).days)]
MONTHS = [date(2026, month, 1) for month in range(1, 11)]


def days(first: str, last: str, but: int = 0) -> list[date]:
    """From one to the other, without each day whose number `but` divides."""
    spoken = [d for d in ALL_DAYS if date.fromisoformat(first) <= d <= date.fromisoformat(last)]
    return [d for d in spoken if not but or d.day % but]


SOURCES = {
    "tout": {"rhythm": "daily", "days": days("2026-01-01", "2026-11-01")},
    "trous": {"rhythm": "daily", "days": days("2026-01-01", "2026-11-01", 4), "spoilt": 5},
    "rare": {"rhythm": "weekly", "days": [date(2026, 3, 9)]},
    "presque": {"rhythm": "weekly", "days": days("2026-01-01", "2026-11-01", 31)},
    "mensuel": {"rhythm": "monthly", "days": days("2026-01-01", "2026-09-14")},
    "hebdo": {"rhythm": "weekly", "days": days("2026-02-03", "2026-10-20")},
    "jour": {"rhythm": "daily", "days": days("2026-01-01", "2026-10-20")},
    "parti": {"rhythm": "daily", "days": days("2026-01-01", "2026-11-01"), "until": "2026-06-15"},
    "venu": {"rhythm": "daily", "days": days("2026-01-01", "2026-10-30"), "from": "2026-06-16"},
}
PLACES = {
    "ouvert": {"opened_on": "2025-05-01"},
    "ferme": {
        "opened_on": "2026-02-10", "closed_on": "2026-08-20",
        "closures": [{"first_day": "2026-04-01", "last_day": "2026-04-30"},
                     {"first_day": "2026-05-02", "last_day": "2026-05-20"}],
    },
    "jeudis": {"opened_on": "2026-01-01", "opening_hours": {"thursday": ["14:00-18:00"]}},
    "futur": {"opened_on": "2027-01-01"},
}  # fmt: skip


def spoilt(source: dict) -> set[date]:
    """Days whose only row is refused: it proves nothing."""
    every = source.get("spoilt", 0)
    return {day for n, day in enumerate(source["days"]) if every and n % every == 0}


def register(source: dict) -> str:
    """A row a day; of some the number of heads is none."""
    bad = spoilt(source)
    lines = [
        f"{n},{day} 10:00,{'beaucoup' if day in bad else 1}" for n, day in enumerate(source["days"])
    ]
    return "\n".join(["N°,Arrivée,Têtes", *lines]) + "\n"


def open_days(place: dict, source: dict) -> set[date]:
    closed = {
        date.fromisoformat(one["first_day"]) + timedelta(n)
        for one in place.get("closures", [])
        for n in range(31)
        if (date.fromisoformat(one["first_day"]) + timedelta(n)).isoformat() <= one["last_day"]
    }
    return {
        day for day in ALL_DAYS
        if place["opened_on"] <= day.isoformat() <= place.get("closed_on", "9999")
        and source.get("from", "") <= day.isoformat() <= source.get("until", "9999")
        and day not in closed
        and ("opening_hours" not in place or day.weekday() == 3)
    }  # fmt: skip


def last_of(month: date) -> date:
    return (month + timedelta(32)).replace(day=1) - timedelta(1)


def nearest(share: Fraction) -> float:
    """To 5 points, the half upwards."""
    return floor(share * 20 + Fraction(1, 2)) / 20


def oracle(
    place: dict, source: dict, month: date, today: date
) -> tuple[str, float | None, float | None]:
    first, last = month.isoformat(), last_of(month).isoformat()
    if place["opened_on"] > last:
        return "not_open", None, None
    if place.get("closed_on", "9999") < first:
        return "closed", None, None
    if source.get("from", "") > last or source.get("until", "9999") < first:
        return "not_used", None, None
    wanted = {day for day in open_days(place, source) if first <= day.isoformat() <= last}
    if not wanted:
        return "no_open_day", None, None
    spoken = {
        day for day in {*source["days"]} - spoilt(source)
        if source.get("from", "") <= day.isoformat() <= source.get("until", "9999")
    }  # fmt: skip
    came = Fraction(len(wanted & spoken), len(wanted))
    share = float(came) if came in (0, 1) else min(max(nearest(came), 0.05), 0.95)
    rows = {day for day in source["days"] if first <= day.isoformat() <= last}
    refused = nearest(Fraction(len(rows & spoilt(source)), len(rows))) if rows else 0.0
    if came == 1:
        return "ok", share, refused
    is_on_its_way = max(spoken) < last_of(month)
    if is_on_its_way and (today - last_of(month)).days <= LATE_AFTER[source["rhythm"]]:
        return "not_due", share, refused
    return "missing" if came == 0 else "partial", share, refused


def test_each_month_of_each_source_is_told_as_its_days_arrived(
    tmp_path, make_place, collect, settings
) -> None:
    places = []
    for name, place in PLACES.items():
        (tmp_path / name).mkdir()
        sources = [
            {
                "id": one, "path": f"{one}.csv", "coverage": "days", "rhythm": source["rhythm"],
                "columns": COLUMNS, **{k: source[k] for k in ("from", "until") if k in source},
            }
            for one, source in SOURCES.items()
        ]  # fmt: skip
        files = {f"{one}.csv": register(source) for one, source in SOURCES.items()}
        places.append(
            make_place(tmp_path / name, files, {"id": name, "name": name, **place}, sources)
        )
        assert all(report.failed == [] for report in collect(places[-1], settings))
    for as_of in (
        AS_OF + timedelta(1),
        AS_OF + timedelta(2),
    ):  # the last on which October is not late, if daily
        build_warehouse(places, settings, as_of, force=True)
        with duckdb.connect(str(write_release(settings, f"r{as_of.day}")), read_only=True) as file:
            told = file.execute(
                "SELECT lieu_id, source, mois, statut, CAST(completude AS DOUBLE), "
                "CAST(part_refusee AS DOUBLE) FROM couverture"
            ).fetchall()
        found = {(place, source, month): rest for place, source, month, *rest in told}
        due = {
            (name, one, month): [*oracle(place, source, month, as_of.date())]
            for name, place in PLACES.items()
            for one, source in SOURCES.items()
            for month in MONTHS
        }
        assert {key: rest for key, rest in found.items() if rest != due.get(key)} == {}
        assert found.keys() == due.keys()
    assert {status for status, *_shares in due.values()} == {
        "ok", "partial", "missing", "not_due", "not_open", "closed", "no_open_day", "not_used",
    }  # fmt: skip
    assert {0.05, 0.95} < {share for _status, share, _refused in due.values()}
