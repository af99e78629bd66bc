"""Who is late: by the rhythm that the source declares, and only while something is expected."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from flows.operation.lateness import late_sources

TODAY = date(2026, 11, 23)


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
