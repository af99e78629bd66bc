"""Each promise is broken once; a broken critical one keeps the last release."""

import shutil
import sys

import duckdb
import pytest

from flows.samples import SAMPLES_AS_OF
from flows.warehouse import audit
from flows.warehouse.audit import audit_warehouse, load_when_used
from flows.warehouse.promises import PROMISES, Promise

BREAKS = {
    "lieu_connu": "UPDATE record.employment SET place_id = 'ailleurs' WHERE rowid = 0",
    "commune_connue": "UPDATE record.attendance SET home_commune = '99999' WHERE rowid = 0",
    "comptes_justes": "UPDATE ledger.attempt SET rows_in = rows_in + 1 WHERE rowid = 0",
    "lot_connu": "UPDATE record.employment SET attempt_id = gen_random_uuid() WHERE rowid = 0",
    "identifiant_unique": "INSERT INTO record.attendance FROM record.attendance LIMIT 1",
    "part_entre_0_et_1": "UPDATE indicator.figure SET running = 1.5 "
    "WHERE indicator_id = 'returning_share' AND scope_id = 'network' AND period_id = '2026-10'",
    "places_suffisantes": "UPDATE indicator.figure SET running = 1.5 "
    "WHERE indicator_id = 'coworking_occupancy_rate' AND scope_id = 'la-machinerie' "
    "AND period_id = '2026-10'",
    "personnes_distinctes": "UPDATE indicator.figure SET running = 100000 "
    "WHERE indicator_id = 'persons_reached' AND scope_id = 'network' AND period_id = '2025-03'",
    "service_civique_hors_emploi": "UPDATE core.job SET contract_type = 'SERVICE_CIVIQUE' "
    "WHERE rowid = 0",
    "temps_plein_au_plus": "UPDATE core.team_time SET is_more_than_full_time = true "
    "WHERE rowid = 0",
    "lieu_ferme_sans_zero": "UPDATE indicator.figure SET value = 0 WHERE scope_id = "
    "'le-quai-numerique' AND indicator_id = 'visits' AND period_id = '2026-10'",
    "source_a_l_heure": "UPDATE core.source_lateness SET late_days = 1 WHERE source_id = 'cobot'",
    "chaque_vide_explique": "UPDATE indicator.figure SET value = NULL WHERE status = 'ok' "
    "AND indicator_id = 'visits' AND scope_id = 'la-machinerie' AND period_id = '2026-10'",
}


LIMITED = Promise(
    "limited", "warning", "An exception where memory is bounded, as that of every connection here.",
    "SELECT name FROM duckdb_settings() WHERE name = 'memory_limit' AND value = '953.6 MiB'",
)  # fmt: skip


@pytest.fixture
def copy(published, tmp_path):
    """The demonstration's warehouse, to be spoilt."""
    return shutil.copy(published.settings.warehouse, tmp_path / "warehouse.duckdb")


def test_every_promise_is_kept_on_the_demonstration(copy):
    assert [v.promise.id for v in audit_warehouse(copy) if not v.is_kept] == []


def test_what_no_promise_asks_for_is_loaded_when_it_is_used_and_not_before(tmp_path, monkeypatch):
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "__init__.py").touch()
    (tmp_path / "library" / "statistics.py").write_text("import sys\nsys.loaded = True\nmean = 3\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "loaded", False, raising=False)
    load_when_used("library.statistics")
    from library import statistics

    assert not sys.loaded
    assert statistics.mean == 3
    assert sys.loaded


def test_there_is_a_way_to_break_each_promise():
    assert set(BREAKS) == {promise.id for promise in PROMISES}
    assert len(PROMISES) >= 8


@pytest.mark.parametrize("promise_id", BREAKS)
def test_a_broken_promise_is_seen(promise_id, copy):
    with duckdb.connect(str(copy)) as warehouse:
        warehouse.execute(BREAKS[promise_id])
    verdicts = audit_warehouse(copy)
    assert verdicts == audit_warehouse(copy, is_shown_alone=True)
    broken = [v for v in verdicts if not v.is_kept]
    assert promise_id in {v.promise.id for v in broken}
    assert all(v.exceptions > 0 for v in broken)


def test_what_is_shown_alone_is_judged_without_the_library_and_in_bounded_memory(copy, monkeypatch):
    monkeypatch.setattr(audit, "import_library", lambda: pytest.fail("it was imported"))
    [verdict] = audit_warehouse(copy, [LIMITED], is_shown_alone=True)
    assert verdict.exceptions == 1


def test_the_library_reads_in_bounded_memory(copy):
    [verdict] = audit_warehouse(copy, [LIMITED])
    assert verdict.exceptions == 1


def test_people_without_a_seat_are_told_and_stop_no_release(copy):
    with duckdb.connect(str(copy)) as warehouse:
        warehouse.execute(BREAKS["places_suffisantes"])
    broken = [v for v in audit_warehouse(copy) if not v.is_kept]
    assert [v.promise.id for v in broken] == ["places_suffisantes"]
    assert not broken[0].stops_release


def test_a_broken_critical_promise_keeps_the_last_release(published, tmp_path, monkeypatch):
    home = tmp_path / "home"
    shutil.copytree(published.settings.home, home, symlinks=True)
    before = (home / "published" / "current.duckdb").resolve().name
    with duckdb.connect(str(home / "warehouse.duckdb")) as warehouse:
        # the attempt claims one row more than it accounts for
        warehouse.execute("UPDATE ledger.attempt SET rows_in = rows_in + 1 WHERE rowid = 0")
    network = type(published)(published.folder)
    environment = {**network.environment(), "IMPACT_HOME": str(home)}
    monkeypatch.setattr(network, "environment", lambda: environment)
    run = network.impact("run", "--as-of", SAMPLES_AS_OF, "--again", "recompute")
    assert run.returncode == 1, run.stdout + run.stderr
    assert "critical: Every row received" in run.stdout
    assert (home / "published" / "current.duckdb").resolve().name == before


def test_a_warning_travels_with_the_release(published):
    with duckdb.connect(str(published.settings.current_release.resolve()), read_only=True) as file:
        found = file.execute(
            "SELECT gravite, respecte FROM qualite WHERE controle = 'source_a_l_heure'"
        ).fetchall()
    assert found == [("warning", True)]
