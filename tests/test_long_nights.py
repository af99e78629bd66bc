"""Months of whole networks, night after night: minutes of computing."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.network.place_files import read_places
from flows.samples import write_network, write_samples
from flows.settings import PROJECT, Settings
from tests.end_to_end.test_lost_share import spoil, spoil_answers
from tests.nights import Calendar, key


def network_in(folder: Path) -> Calendar:
    """The network whose places stand there, with what they had sent by November 2026."""
    settings = Settings(folder / "home", folder / "places", folder / "keys")
    return Calendar(settings, [*read_places(settings.places).values()], date(2026, 11, 2))


def due(first: date, last: date) -> list[date]:
    """The nights between these days on which a month, a quarter or a year is over for 45 days."""
    days = [first + timedelta(number) for number in range((last - first).days + 1)]
    return [day for day in days if (day - timedelta(45)).day == 1]


@pytest.mark.long
def test_eight_months_of_the_demonstration_publish_each_figure_once(tmp_path: Path) -> None:
    """One place has April at day 110, another one May at day 60; then nothing ever changes."""
    places = tmp_path / "places"
    places.mkdir()
    for file in (PROJECT / "data" / "places").glob("*.toml"):
        (places / file.name).write_bytes(file.read_bytes())
    for name in ("portfolios.toml", "grants.toml", "targets.toml"):
        (tmp_path / name).write_bytes((PROJECT / "data" / name).read_bytes())
    write_samples(tmp_path / "samples")
    calendar = network_in(tmp_path)
    calendar.collect()
    calendar.late("la-machinerie", 110, "2026-04-01", "2026-04-30")
    calendar.late("le-faitout-connecte", 60, "2026-05-01", "2026-05-31")
    first, last = date(2026, 3, 2), date(2026, 11, 2)
    weeks = {first + timedelta(7 * number) for number in range(36)}
    nights = sorted(weeks | {*due(first, last), date(2026, 7, 31), date(2026, 8, 19)})
    for night in nights:
        calendar.night(night)

    def published_on(place_id: str, month: str) -> date | None:
        row = calendar.published.get(key("visits", "lieu", place_id, month))
        return row[0] if row else None

    on_time = {f"2026-{month:02}": date(2026, month + 2, 15) for month in (2, 3)}
    for place_id in ("la-machinerie", "le-faitout-connecte"):
        for month, day in on_time.items():
            assert published_on(place_id, month) == next(n for n in nights if n >= day), month
    assert published_on("la-machinerie", "2026-04") == date(2026, 8, 19)
    assert published_on("le-faitout-connecte", "2026-04") == date(2026, 6, 15)
    assert published_on("le-faitout-connecte", "2026-05") == date(2026, 7, 31)
    assert published_on("la-machinerie", "2026-05") == date(2026, 7, 16)
    assert len(calendar.published) > 1000


PLACE_MONTHS = """
    niveau = 'lieu' AND granularite = 'mois' AND ventilation = 'ensemble'
    AND debut BETWEEN DATE '2026-02-01' AND DATE '2026-06-30'
    AND statut NOT IN ('not_open', 'closed', 'not_applicable')
"""


@pytest.mark.long
def test_with_lost_rows_and_a_late_place_nine_tenths_are_published_within_120_days(
    tmp_path: Path,
) -> None:
    """Twelve places, a hundredth of the rows unreadable, one place sixty days late."""
    write_network(tmp_path, 12)
    lost, _doubted = spoil(tmp_path / "exports")
    lost += spoil_answers(tmp_path / "exports")
    calendar = network_in(tmp_path)
    calendar.collect()
    calendar.late("demo-02", 60)
    for night in due(date(2026, 3, 1), date(2026, 10, 31)):
        calendar.night(night)
    values = calendar.shown(PLACE_MONTHS)
    # what too few people would be told by is hidden whatever comes, and was so before
    wanted = {k: row for k, row in values.items() if row[6] != "non_diffuse"}
    in_time = {k for k, row in wanted.items() if row[0] and row[0] <= row[-1] + timedelta(121)}
    late = {k for k in in_time if k[2] == "demo-02"}
    assert lost > 200 and len(late) > 20
    assert len(in_time) >= 0.9 * len(wanted), (len(in_time), len(wanted))
