"""The table at the end of a run: a month that has figures, and a width that a screen has."""

from __future__ import annotations

import io
from datetime import date

import pytest
from rich.console import Console

from flows.cli.terminal import show_headlines
from flows.stages.build import build_warehouse
from flows.warehouse.queries import SHOWN_PLACES, headline_rows
from tests.conftest import AS_OF

SEPTEMBER = "N°;Arrivée\n1;2026-09-01 09:00\n2;2026-09-30 10:00\n"
OPEN = {"opened_on": date(2026, 1, 1)}


@pytest.fixture
def network(tmp_path, settings, make_place, collect):
    """So many places with a register of September, computed on 2 November."""

    def build(count: int) -> None:
        places = []
        for number in range(count):
            folder = tmp_path / str(number)
            folder.mkdir()
            place = {"id": f"lieu-{number}", "name": f"Lieu {number}", **OPEN}
            files = {"e.csv": SEPTEMBER}
            places.append(make_place(folder, files, place=place, coverage="months"))
            collect(places[-1], settings)
        build_warehouse(places, settings, AS_OF, force=True)

    return build


def shown(rows) -> str:
    screen = Console(width=120, file=io.StringIO())
    show_headlines(screen, rows)
    return screen.file.getvalue()


def test_a_month_that_nobody_has_sent_gives_way_to_the_last_one_with_figures(
    network, settings
) -> None:
    network(1)
    rows = headline_rows(settings)
    assert set(rows["period_id"]) == {"2026-09"}
    visits = rows.filter(rows["indicator_id"] == "visits")
    assert visits["value"].to_list() == [2]
    text = shown(rows)
    assert "headline figures of 2026-09" in text
    assert "Lieu 0" in text


def test_many_places_are_one_column_of_the_network(network, settings) -> None:
    network(SHOWN_PLACES + 1)
    rows = headline_rows(settings)
    visits = rows.filter(rows["indicator_id"] == "visits")
    assert visits["value"].to_list() == [2 * (SHOWN_PLACES + 1)]
    text = shown(rows)
    assert "network" in text
    assert "Lieu 0" not in text
