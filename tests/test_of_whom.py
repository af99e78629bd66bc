"""Of whom a source speaks: its days prove that there was nobody only of those it can tell of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.connectors._headers import check_headers
from flows.errors import BatchRefused, ConfigurationError
from flows.onboarding import dsn
from flows.settings import Settings
from flows.sources import Source
from flows.stages.build import build_warehouse
from flows.warehouse.models import CoreHeader, IndicatorHeader, read_indicators, read_model
from schemas.template import PAYROLL
from tests.conftest import AS_OF

DESK = "N°;Arrivée;Qualité\n1;05/01/2025 10:00;usager\n2;06/10/2026 10:00;usager\n"
CONTRACTS = (
    "N°;Nature;Début;Fin;Lien\n1;CDI;01/01/2025;;equipe\n2;CDD;01/02/2025;30/06/2025;equipe\n"
)
STAFF = {
    "feed": "employment", "path": "rh-2025-01-01-2026-10-31.csv", "coverage": "until_file_date",
    "columns": {"record_id": "N°", "contract_type": "Nature", "started_on": "Début",
                "ended_on": "Fin"},
    "constants": {"weekly_minutes": "35"},
}  # fmt: skip
DESKS: dict[str, Any] = {
    "id": "agenda", "path": "desk.csv", "coverage": "days", "constants": {"role": "intervenant"},
}  # fmt: skip
REGISTER: dict[str, Any] = {"path": "desk.csv", "coverage": "months"}
USES: dict[str, Any] = {
    "feed": "service_usage", "path": "desk.csv", "coverage": "months",
    "columns": {"record_id": "N°", "occurred_at": "Arrivée"},
}  # fmt: skip
ROLE = {"columns": {"record_id": "N°", "checked_in_at": "Arrivée", "role": "Qualité"}}


def with_column(name: str, header: str) -> dict[str, Any]:
    return {**STAFF, "columns": {**STAFF["columns"], name: header}}


def with_constant(name: str, code: str) -> dict[str, Any]:
    return {**STAFF, "constants": {**STAFF["constants"], name: code}}


PLACES: dict[str, list[dict[str, Any]]] = {
    "team": [STAFF],
    "hosting": [with_column("relation", "Lien")],
    "hosted-alone": [with_constant("relation", "structure_hebergee")],
    "insertion": [with_constant("is_insertion", "oui")],
    "no-insertion": [with_constant("is_insertion", "non")],
    "desk": [REGISTER],
    "desk-with-roles": [{**REGISTER, **ROLE}],
    "desk-and-calendar": [REGISTER, DESKS],
    "calendar": [DESKS],
    "machines": [{**USES, "constants": {"service_code": "fablab"}}],
    "lessons": [{**USES, "constants": {"service_code": "formation"}}],
    "any-use": [
        {
            **USES,
            "columns": {**USES["columns"], "service_code": "Qualité"},
            "values": {"service_code": {"usager": "evenement"}},
        }
    ],
    "coworking": [{**REGISTER, "constants": {"space_code": "coworking"}}],
    "volunteers": [{**REGISTER, "constants": {"role": "benevole"}}],
}


@pytest.fixture(scope="module")
def status(tmp_path_factory, make_place, collect, read) -> Callable[..., dict[str, Any]]:
    """Indicator → status and value of a place in October, or in another period."""
    folder = tmp_path_factory.mktemp("whom")
    settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")
    places = []
    for name, sources in PLACES.items():
        files = {"desk.csv": DESK, "rh-2025-01-01-2026-10-31.csv": CONTRACTS}
        services = ["coworking", "fablab", "formation"]
        declared = {"id": name, "opened_on": "2025-01-01", "services": services}
        place = make_place(folder, files, declared, sources)
        for report in collect(place, settings):
            assert (report.refused, report.failed) == ([], [])
        places.append(place)
    build_warehouse(places, settings, AS_OF, force=True)

    def found(place: str, period: str = "2026-10") -> dict[str, Any]:
        rows = read(
            settings,
            "SELECT indicator_id, status, value FROM indicator.value WHERE breakdown = 'all' "
            f"AND scope_id = '{place}' AND period_id = '{period}'",
        )
        return {indicator: (status, value) for indicator, status, value in rows}

    return found


NOT = ("not_applicable", None)


def test_a_list_of_the_team_proves_nothing_of_whom_the_place_hosts(status) -> None:
    assert [status("team")[i] for i in ("direct_jobs_eop", "hosted_jobs_eop")] == [("ok", 1), NOT]
    assert [status("hosting")[i] for i in ("direct_jobs_eop", "hosted_jobs_eop")] == [
        ("ok", 1), ("ok", 0)
    ]  # fmt: skip
    alone = status("hosted-alone")
    assert [alone[i] for i in ("direct_jobs_eop", "direct_fte", "hosted_jobs_eop")] == [
        NOT, NOT, ("ok", 1)
    ]  # fmt: skip


def test_exits_from_insertion_are_told_by_a_source_that_can_say_insertion_alone(status) -> None:
    exits = {name: status(name, "2025")["dynamic_exit_rate"] for name in PLACES}
    assert exits.pop("insertion") == ("ok", 0)
    assert {*exits.values()} == {NOT}


def test_a_calendar_of_partners_neither_proves_nor_doubts_the_visits(status) -> None:
    both = status("desk-and-calendar")
    assert (both["visits"], both["partner_sessions"][0]) == (("ok", 1), "partial")
    assert status("calendar")["visits"] == NOT
    assert status("desk")["partner_sessions"] == NOT


def test_who_never_writes_down_volunteers_has_no_hours_of_them(status) -> None:
    hours = {name: status(name)["volunteer_hours"] for name in ("desk", "desk-with-roles")}
    assert hours == {"desk": NOT, "desk-with-roles": ("ok", 0)}
    assert status("volunteers")["visits"] == NOT


def test_uses_that_are_all_of_one_service_prove_nothing_of_another(status) -> None:
    asked = ("machine_hours", "training_hours")
    assert [status("machines")[i] for i in asked] == [("ok", 0), NOT]
    assert [status("lessons")[i] for i in asked] == [NOT, ("ok", 0)]
    assert [status("any-use")[i] for i in asked] == [("ok", 0)] * 2
    assert status("machines")["service_uses"] == ("ok", 1), "what is of every service is known"
    avoided = {name: status(name)["co2_avoided_kg"] for name in ("coworking", "desk")}
    assert avoided == {"coworking": ("ok", 0), "desk": NOT}


def test_the_sheet_of_the_payroll_speaks_of_the_paid_team(settings) -> None:
    source = Source.model_validate(
        {"id": "paie", "feed": "employment", "connector": "file", "path": "e.csv",
         "rhythm": "monthly", "coverage": "until_file_date", "template": "paie"}
    )  # fmt: skip
    headers = {
        id: model.header for id, model in read_indicators(settings.sql).items()
        if isinstance(model.header, IndicatorHeader)
    }  # fmt: skip
    told = {
        id: all(source.may_say(*asked) for asked in headers[id].only.items())
        for id in ("direct_jobs_eop", "hosted_jobs_eop", "service_civique_volunteers")
    }
    assert told == {
        "direct_jobs_eop": True, "hosted_jobs_eop": False, "service_civique_volunteers": False
    }  # fmt: skip
    assert not source.may_say("is_insertion", ["true"])
    assert "relation" not in PAYROLL.headers()


def test_the_sheet_of_the_payroll_is_not_taken_for_a_list_of_everybody() -> None:
    said = {"id": "paie", "feed": "employment", "connector": "file", "path": "e.csv",
            "rhythm": "monthly", "coverage": "until_file_date"}  # fmt: skip
    payroll, everybody = (
        Source.model_validate({**said, "template": name}) for name in ("paie", "emplois")
    )
    headers = [*dsn.HEADERS.values()]
    assert check_headers(headers, "e.csv", payroll)
    with pytest.raises(BatchRefused, match="lists its team alone") as refused:
        check_headers(headers, "e.csv", everybody)
    assert 'template = "paie"' in str(refused.value)
    assert check_headers([h for h in headers if h != "Fin déduite"], "e.csv", everybody)


def test_a_condition_that_no_record_can_meet_is_refused(settings, tmp_path: Path) -> None:
    for old, new in (('["benevole"]', '["bénévole"]'), ("only.role", "only.rolle")):
        text = (settings.sql / "core" / "volunteer_month.sql").read_text(encoding="utf-8")
        file = tmp_path / "volunteer_month.sql"
        file.write_text(text.replace(old, new), encoding="utf-8")
        with pytest.raises(ConfigurationError, match="no record has"):
            read_model(file, "core", CoreHeader)
