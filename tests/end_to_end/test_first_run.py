"""What a newcomer sees, and what a second run must not change."""

import csv
import json
from pathlib import Path

import duckdb
import pytest

from flows.samples import CANARIES, PLANTED_FAULTS, SAMPLES_AS_OF, SHARED_EMAIL


def rows(network, sql):
    with duckdb.connect(str(network.settings.current_release.resolve()), read_only=True) as release:
        return release.execute(sql).fetchall()


def exact(network, sql):
    with duckdb.connect(str(network.settings.warehouse), read_only=True) as warehouse:
        return warehouse.execute(sql).fetchall()


def test_the_first_run_ends_well_and_shows_places_figures_and_release(first_run):
    assert first_run.returncode == 0, first_run.stdout + first_run.stderr
    text = first_run.stdout
    for word in ("la-machinerie", "cobot", "received", "loaded", "quarantined", "duplicates"):
        assert word in text
    for word in ("persons_reached", "direct_fte", "Le Quai Numérique", "not_open", "2026-10"):
        assert word in text
    assert "current.duckdb" in text
    assert "impact query" in text
    assert first_run.stderr == ""


def test_every_planted_fault_is_in_quarantine_and_nothing_else(published):
    text = (published.folder / "samples" / PLANTED_FAULTS).read_text(encoding="utf-8")
    accepted = {"duplicate", "corrected later", "corrected in the next file", "time that was twice"}
    costs_a_cell = {"departure before arrival", "unknown commune", "unknown operator"}
    kinds = {
        (Path(file).name, int(line)): kind
        for file, line, kind in csv.reader(text.splitlines()[2:], delimiter=";")
    }
    planted = {at for at, kind in kinds.items() if kind not in accepted | costs_a_cell}
    # what costs a visit its departure costs the use of a machine its length, and that is the use
    doubtful = {a for a, k in kinds.items() if k in costs_a_cell and a[0].endswith(".pages")}
    assert len(planted) > 50
    found = exact(published, "SELECT DISTINCT file_name, row_number FROM ledger.quarantine")
    assert planted <= set(found) <= planted | doubtful
    [(cells,)] = exact(published, "SELECT sum(cells) FROM ledger.doubt")
    assert cells > 20


def test_every_service_that_a_place_offers_has_uses_and_partners_and_volunteers_came(published):
    unused = exact(
        published,
        "SELECT o.place_id, o.service_code FROM registry.offer AS o ANTI JOIN indicator.value AS r "
        "ON r.indicator_id = 'service_uses' AND r.breakdown = 'service' AND r.numerator > 0 "
        "AND r.scope_id = o.place_id AND r.category = o.service_code",
    )
    assert unused == []
    [(sessions, hours)] = exact(
        published,
        "SELECT max(value) FILTER (WHERE indicator_id = 'partner_sessions'), "
        "max(value) FILTER (WHERE indicator_id = 'volunteer_hours') FROM indicator.value "
        "WHERE scope_id = 'le-faitout-connecte' AND period_id = '2025'",
    )
    assert sessions > 100
    assert hours > 10


def test_every_attempt_accounts_for_every_row(published):
    assert exact(published, "SELECT count(*) FROM ledger.attempt")[0][0] >= 9
    unbalanced = exact(
        published,
        "SELECT * FROM ledger.attempt WHERE rows_in <> loaded + unchanged + superseded "
        "+ duplicates + tombstoned + quarantined + ignored",
    )
    assert unbalanced == []


def test_a_second_run_finds_nothing_new_and_changes_no_value(published):
    before = rows(published, "FROM valeurs")
    counted = exact(published, "SELECT count(*) FROM record.attendance")
    release = published.settings.current_release.resolve()
    again = published.impact("run", "--as-of", SAMPLES_AS_OF)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Nothing new" in again.stdout
    assert published.settings.current_release.resolve() == release
    assert rows(published, "FROM valeurs") == before
    assert exact(published, "SELECT count(*) FROM record.attendance") == counted


def test_no_canary_leaves_the_landing(published):
    searched = 0
    for file in published.settings.home.rglob("*"):
        if file.is_file() and published.settings.landing not in file.parents:
            content = file.read_bytes()
            searched += 1
            for canary in CANARIES:
                assert canary.encode() not in content, f"{canary} in {file.name}"
    assert searched >= 4


def test_the_canaries_are_really_in_the_landing(published):
    landed = b"".join(f.read_bytes() for f in published.settings.landing.rglob("payload.*"))
    assert any(canary.encode() in landed for canary in CANARIES)


def test_one_person_known_to_two_tools_counts_once(published):
    [(people,)] = exact(
        published,
        "SELECT count(*) FROM (SELECT person_key FROM record.attendance "
        "WHERE place_id = 'la-machinerie' AND source_id IN ('fab-manager', 'cobot') "
        "GROUP BY person_key HAVING count(DISTINCT source_id) = 2)",
    )
    assert people >= 1
    [(reached,)] = exact(
        published,
        "SELECT running FROM indicator.value WHERE indicator_id = 'persons_reached' "
        "AND scope_id = 'la-machinerie' AND period_id = '2026-10' AND breakdown = 'all'",
    )
    [(distinct,)] = exact(
        published,
        """SELECT count(DISTINCT person_key) FROM (
            SELECT person_key, checked_in_at AS instant FROM core.attendance
            WHERE place_id = 'la-machinerie' AND role = 'usager' AND attendance_status = 'present'
            UNION ALL SELECT person_key, occurred_at FROM core.service_usage
            WHERE place_id = 'la-machinerie')
           WHERE instant >= '2026-10-01 00:00:00+02' AND instant < '2026-11-01 00:00:00+01'""",
    )
    assert reached == distinct
    assert "@" in SHARED_EMAIL


def test_the_place_that_is_not_open_has_no_figure_and_no_zero(published):
    found = rows(
        published,
        "SELECT DISTINCT valeur, statut, motif FROM valeurs WHERE territoire_id = "
        "'le-quai-numerique'",
    )
    assert found == [(None, "not_open", "Le lieu n'était pas encore ouvert.")]
    assert rows(published, "SELECT statut FROM lieux WHERE lieu_id = 'le-quai-numerique'") == [
        ("not_open",)
    ]


def test_sensitive_services_keep_nobody(published):
    assert exact(
        published,
        "SELECT count(*) > 0, count(person_key), count(age_band), count(gender), "
        "count(home_commune), count(social_status) FROM record.service_usage "
        "WHERE service_code IN ('telemedecine', 'petite_enfance')",
    ) == [(True, 0, 0, 0, 0, 0)]


@pytest.mark.parametrize("command", ["status", "rejects"])
def test_operators_commands_speak_json(published, command):
    answer = published.impact(command, "--json")
    assert answer.returncode == 0
    assert json.loads(answer.stdout)[0]["place_id"] == "la-machinerie"


def test_query_answers_on_the_release_in_three_forms(published):
    sql = "SELECT count(*) AS n FROM lieux"
    assert json.loads(published.impact("query", sql, "--format", "json").stdout) == [{"n": 3}]
    assert published.impact("query", sql, "--format", "csv").stdout == "n\n3\n"
    assert "3" in published.impact("query", sql).stdout


@pytest.mark.parametrize(
    "sql", ["CREATE TABLE t (i INT)", "COPY lieux TO 'x.csv'", "FROM read_text('/etc/passwd')"]
)
def test_query_can_neither_write_nor_leave_the_release(published, sql):
    answer = published.impact("query", sql)
    assert answer.returncode == 2
    assert "Traceback" not in answer.stderr
