"""Contracts of one person at once, and those that have no hours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from flows.stages.build import build_warehouse
from flows.warehouse.promises import PROMISES
from tests.conftest import AS_OF

HEADER = "N°;Nature;Début;Fin;Durée;Nom;Né(e) le;SIRET"
SHEET = {
    "feed": "employment", "rhythm": "monthly", "coverage": "months",
    "columns": {"record_id": "N°", "contract_type": "Nature", "started_on": "Début",
                "ended_on": "Fin", "weekly_minutes": "Durée", "employer_siret": "SIRET"},
    "identity": {"last_name": "Nom", "birth_date": "Né(e) le"},
}  # fmt: skip


@pytest.fixture
def told(tmp_path: Path, settings, make_place, collect, read):
    """Load a sheet of contracts and compute; gives the answer to a question."""

    def ask(lines: list[str], sql: str) -> list[Any]:
        place = make_place(
            tmp_path, {"e.csv": "\n".join([HEADER, *lines])},
            place={"opened_on": "2026-09-01"}, **SHEET,
        )  # fmt: skip
        [report] = collect(place, settings)
        assert (report.loaded, report.refused, report.failed) == (len(lines), [], [])
        build_warehouse([place], settings, AS_OF, force=True)
        return read(settings, sql)

    return ask


AT_ONCE = next(p.exceptions for p in PROMISES if p.id == "temps_plein_au_plus")
FTE = """SELECT round(running, 3), persons FROM indicator.value WHERE indicator_id = 'direct_fte'
         AND scope_id = 'le-lieu' AND breakdown = 'all' AND period_id = '2026-10'"""


def test_an_amendment_beside_its_contract_is_at_most_full_time_and_is_said(told, read, settings):
    people = ["1;CDI;01/09/2026;;35;Abel;01/01/1991;", "2;CDI;01/10/2026;;28;Mme Abel;01/01/91;",
              "3;CDI;01/09/2026;;17,5;Bart;02/01/1991;", "4;CDD;01/10/2026;;10;Bart;02/01/1991;",
              "5;CDI;01/09/2026;;35;Carl;03/01/1991;", "6;CDI;01/09/2026;;39;;;"]  # fmt: skip
    [(fte, persons)] = told(people, FTE)
    assert (fte, persons) == (round(1 + 27.5 / 35 + 1 + 1, 3), 4)
    assert len(read(settings, AT_ONCE)) == 1


def test_a_company_director_has_a_job_and_no_hours_whatever_the_cell_says(told, read, settings):
    hours = ["", "35", "forfait", "-", "0", "218 jours"]
    lines = [f"{n};DIRIGEANT;01/09/2026;;{h};P{'abcdef'[n]};01/01/1991;"
             for n, h in enumerate(hours)]  # fmt: skip
    told([*lines, "9;CDI;01/09/2026;;17,5;Abel;01/01/1990;"], FTE)
    assert read(settings, FTE) == [(0.5, 1)]
    jobs = "SELECT running FROM indicator.value WHERE indicator_id = 'direct_jobs_eop' "
    assert read(settings, jobs + "AND scope_id = 'le-lieu' AND period_id = '2026-10' "
                "AND breakdown = 'all'") == [(7,)]  # fmt: skip
    assert read(settings, "SELECT count(weekly_minutes) FROM record.employment") == [(1,)]
