"""Who is late: by the rhythm that the source declares, and only while something is expected."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from flows.operation.lateness import late_sources
from flows.stages.build import build_warehouse
from flows.warehouse.promises import PROMISES

TODAY = date(2026, 11, 23)
PROMISE = next(promise for promise in PROMISES if promise.id == "source_a_l_heure")


@pytest.mark.parametrize(
    ("rhythm", "age_days", "late_days"),
    [("daily", 3, 0), ("daily", 4, 1), ("weekly", 10, 0), ("weekly", 12, 2), ("monthly", 46, 1),
     ("occasional", 4000, 0)],
)  # fmt: skip
def test_a_source_is_late_when_its_last_day_is_older_than_its_rhythm_allows(
    tmp_path, make_place, rhythm: str, age_days: int, late_days: int
) -> None:
    place = make_place(tmp_path, {}, {"opened_on": date(2020, 1, 1)}, rhythm=rhythm)
    last = {("le-lieu", "registre"): TODAY - timedelta(days=age_days)}
    assert [one.late_days for one in late_sources([place], last, TODAY)] == [late_days][:late_days]


def test_what_never_came_is_as_old_as_the_place_or_its_own_first_day(tmp_path, make_place) -> None:
    opened = {"opened_on": TODAY - timedelta(days=20)}
    place = make_place(tmp_path, {}, opened, rhythm="weekly")
    [late] = late_sources([place], {}, TODAY)
    assert (late.late_days, late.last_day) == (10, None)
    assert "nothing has ever come" in late.why
    begins = {"from": TODAY - timedelta(days=5)}
    place = make_place(tmp_path, {}, opened, rhythm="weekly", **begins)
    assert late_sources([place], {}, TODAY) == []


@pytest.mark.parametrize(
    "place", [{}, {"opened_on": date(2020, 1, 1), "closed_on": TODAY - timedelta(days=1)},
              {"opened_on": TODAY + timedelta(days=1)}],
)  # fmt: skip
def test_a_place_that_is_not_open_is_not_late(tmp_path, make_place, place) -> None:
    assert late_sources([make_place(tmp_path, {}, place)], {}, TODAY) == []


def test_a_source_that_was_replaced_is_not_late(tmp_path, make_place) -> None:
    place = make_place(
        tmp_path, {}, {"opened_on": date(2020, 1, 1)}, until=TODAY - timedelta(days=30)
    )
    assert late_sources([place], {}, TODAY) == []


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


CASES: dict[str, tuple[dict[str, date], dict[str, date]]] = {
    "opened-yesterday": ({"opened_on": days_ago(1)}, {}),
    "opened-long-ago": ({"opened_on": days_ago(90)}, {}),
    "source-older-than-its-place": ({"opened_on": days_ago(1)}, {"from": days_ago(90)}),
    "source-begins-later": ({"opened_on": days_ago(90)}, {"from": days_ago(2)}),
    "source-to-come": ({"opened_on": days_ago(90)}, {"from": days_ago(-2)}),
    "source-over": ({"opened_on": days_ago(90)}, {"until": days_ago(2)}),
    "closed": ({"opened_on": days_ago(90), "closed_on": days_ago(2)}, {}),
    "not-open": ({"opened_on": days_ago(-2)}, {}),
}


def test_what_is_published_and_what_the_morning_says_is_the_same(
    tmp_path, make_place, settings, read
) -> None:
    places = [
        make_place(tmp_path, {}, {"id": name, **place}, rhythm="daily", **source)
        for name, (place, source) in CASES.items()
    ]
    build_warehouse(places, settings, datetime.combine(TODAY, time(3, 30), UTC), force=True)
    said = read(
        settings, "SELECT place_id, late_days FROM core.source_lateness WHERE late_days > 0"
    )
    morning = [(one.place_id, one.late_days) for one in late_sources(places, {}, TODAY)]
    assert sorted(said) == sorted(morning) == [("opened-long-ago", 87)]
    stays = read(settings, PROMISE.exceptions)
    assert stays == [("opened-long-ago", "registre")]
