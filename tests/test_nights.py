"""Night after night: each figure is published once, when its turn has come, and stands from then on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from flows.places import Place
from flows.settings import Settings
from tests.conftest import Read
from tests.nights import Calendar, Rows, few_tables, key
from tests.test_moved import copied_sql, register

IDS = ("a-l-heure", "en-retard", "tres-en-retard", "trop-tard")
MARCH = ("2026-03-01", "2026-03-31")
BIG = 40


def four_places(folder: Path, make_place: Callable[..., Place]) -> list[Place]:
    """Registers in which forty people come every third day from February to May."""
    days = [date(2026, 2, 2) + timedelta(3 * number) for number in range(39)]
    text = register(**{f"d{day:%Y_%m_%d}": BIG for day in days})
    return [
        make_place(
            folder,
            {f"{place_id}.csv": text},
            place={"id": place_id, "opened_on": "2026-03-01"},
            coverage="months",
        )
        for place_id in IDS
    ]


def of_march(rows: Rows) -> dict[str, object]:
    """Of the people who came in March: territory → what is published of them, or why not."""
    return {
        row_key[2]: row[2] if row[2] is not None else row[6]
        for row_key, row in rows.items()
        if row_key == key("visits", row_key[1], row_key[2], "2026-03")
    }


def test_a_month_is_published_at_each_place_when_it_has_it_and_in_its_network_after_120_days(
    tmp_path: Path, settings: Settings, make_place: Callable[..., Place]
) -> None:
    """On time, after 60 days, after 110, and too late for the network: once each."""
    settings = replace(settings, sql=few_tables(copied_sql(tmp_path / "network" / "sql")))
    calendar = Calendar(settings, four_places(tmp_path, make_place), date(2026, 6, 2))
    calendar.collect()
    for place_id, days in zip(IDS[1:], (60, 110, 130), strict=True):
        calendar.late(place_id, days, *MARCH)
    nights: Sequence[tuple[date, dict[str, object]]] = (
        (date(2026, 5, 16), {"a-l-heure": 440.0}),
        (date(2026, 5, 31), {"en-retard": 440.0}),
        (date(2026, 7, 20), {"tres-en-retard": 440.0}),
        (date(2026, 7, 30), {"80": 1320.0, "reseau": 1320.0}),
        (date(2026, 8, 9), {"trop-tard": 440.0}),
    )
    for night, expected in nights:
        assert of_march(calendar.night(night)) == expected, night
    [network] = [row for row_key, row in calendar.published.items()
                 if row_key == key("visits", "reseau", "reseau", "2026-03")]  # fmt: skip
    assert network[0] == date(2026, 7, 30)
    assert (network[13], network[14]) == (3, 4), "so many of so many places"


def test_that_there_are_too_few_is_decided_once_as_a_value_is(
    tmp_path: Path, settings: Settings, make_place: Callable[..., Place], read: Read
) -> None:
    """Forty people are too few for a share. Twenty more come late: that it appears would say so."""
    settings = replace(
        settings, sql=few_tables(copied_sql(tmp_path / "network" / "sql", ("women_share",)))
    )
    lines = [
        f"{n};{3 + n % 5:02}/08/2026 10:00;p{n}@exemple.test;{('feminin', 'masculin')[n % 2]}\n"
        for n in range(60)
    ]
    columns = {"record_id": "N°", "checked_in_at": "Arrivée", "gender": "Genre"}
    place = make_place(
        tmp_path,
        {"e.csv": "N°;Arrivée;Mail;Genre\n" + "".join(lines)},
        place={"opened_on": "2026-08-01"},
        coverage="months",
        columns=columns,
        identity={"email": "Mail"},
    )
    calendar = Calendar(settings, [place], date(2026, 9, 2))
    calendar.collect()
    people = read(
        settings, "SELECT DISTINCT place_id, person_key FROM record.attendance ORDER BY ALL"
    )
    share = key("women_share", "lieu", "le-lieu", "2026-08")
    first = calendar.night(date(2026, 10, 16), absent=people[:20])[share]
    assert (first[2], first[6]) == (None, "non_diffuse")
    assert calendar.night(date(2026, 10, 17)) == {}
    assert calendar.published[share] == first
    # of all sixty at once it is there
    whole = Calendar(replace(settings, home=tmp_path / "whole"), [place], date(2026, 9, 2))
    whole.collect()
    assert whole.night(date(2026, 10, 16))[share][2] == 0.5
