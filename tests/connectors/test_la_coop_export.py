"""La Coop's XLSX export: accompagnements as rows, activités as records."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

from flows.connectors import la_coop_export
from flows.errors import BatchRefused
from flows.network.place_files import read_place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from tests.conftest import AS_OF
from tests.connectors.conftest import PLACE

TOML = """
id = "coop"
feed = "service_usage"
connector = "la_coop_export"
path = "coop-*.xlsx"
rhythm = "monthly"
coverage = "days"
"""
HEADERS = ["Date", "Enregistré le", "Dernière modification le", "Type", "Participants",
           "Nom du lieu", "Code Insee", "Durée (min)", "Thématique(s) d'accompagnement", "ID CRA"]  # fmt: skip


def row(day: str, kind: str, participants: str, activity: str) -> list[str]:
    return [
        day,
        "",
        "05/10/2026 à 16:00",
        kind,
        participants,
        "Le Lieu",
        "80021",
        "90",
        "",
        activity,
    ]


def export(rows: list[list[str]], sheet: str = "Activités") -> bytes:
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content)
    workbook.add_worksheet("Filtres").write(0, 0, "Export du 05/10/2026")
    page = workbook.add_worksheet(sheet)
    for at, cells in enumerate([HEADERS, *rows]):
        page.write_row(at, 0, cells)
    workbook.close()
    return content.getvalue()


@pytest.fixture
def source(tmp_path: Path) -> Any:
    (tmp_path / "le-lieu.toml").write_text(PLACE + TOML, encoding="utf-8")
    return read_place(tmp_path / "le-lieu.toml").sources[0]


def test_the_rows_of_a_workshop_are_one_use_by_as_many_heads(
    tmp_path: Path, source: Any, settings: Settings, read: Any
) -> None:
    workshop = [row("05/10/2026", "Collectif", f"{n}/3", "c1") for n in (1, 2, 3)]
    (tmp_path / "coop-2026-10.xlsx").write_bytes(
        export([workshop[0], row("06/10/2026", "Individuel", "1", "c2"), *workshop[1:]])
    )
    place = read_place(tmp_path / "le-lieu.toml")
    [report] = collect_place(place, settings, Request(AS_OF))
    assert (report.received, report.loaded, report.quarantined) == (4, 2, 0)
    assert read(
        settings, "SELECT record_id, headcount, mode, duration_minutes, person_key "
        "FROM record.service_usage ORDER BY record_id",
    ) == [("c1", 3, "collectif", 90, None), ("c2", 1, "individuel", 90, None)]  # fmt: skip


def test_rows_without_a_number_are_not_one_activity(source: Any) -> None:
    rows = [row("05/10/2026", "Individuel", "1", "") for _ in range(2)]
    [page] = la_coop_export.parse(io.BytesIO(export(rows)), "coop.xlsx", source)
    assert page.rows["Participants"].to_list() == ["1", "1"]


def test_another_workbook_is_refused(source: Any) -> None:
    with pytest.raises(BatchRefused, match="no sheet 'Activités'"):
        list(la_coop_export.parse(io.BytesIO(export([], "Feuil1")), "coop.xlsx", source))


def test_the_sample_is_two_activities(source: Any) -> None:
    [page] = la_coop_export.parse(io.BytesIO(la_coop_export.SAMPLE), "sample.csv", source)
    assert page.rows["Participants"].to_list() == ["2", "1"]
    assert page.records == len(page.rows) + len(page.broken) + page.ignored
