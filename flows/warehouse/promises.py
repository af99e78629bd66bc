"""What must be true of the warehouse before anything is published: one sentence, one query each.

A query gives the exceptions; a promise is kept when there is none. *critical* stops the release
and leaves the last one; *warning* travels with it in the table `qualite`.
"""

from dataclasses import dataclass
from typing import Literal

from flows.language import N_
from schemas import CONTRACTS

Severity = Literal["critical", "warning"]


@dataclass(frozen=True)
class Promise:
    id: str
    severity: Severity
    sentence: str
    exceptions: str


RECORDS = "({})".format(
    " UNION ALL ".join(
        f"SELECT place_id, source_id, record_id, attempt_id, home_commune FROM record.{feed}"
        for feed in CONTRACTS
    )
)

PROMISES = [
    Promise(
        "lieu_connu",
        "critical",
        N_("Every record comes from a declared place."),
        f"""SELECT r.place_id FROM {RECORDS} AS r
            ANTI JOIN registry.place AS p ON p.place_id = r.place_id""",
    ),
    Promise(
        "commune_connue",
        "critical",
        N_("Every commune, of a place or of residence, exists in the official geographic code."),
        f"""SELECT x.code FROM (
               SELECT commune_code AS code FROM registry.place
               UNION SELECT commune_code FROM registry.catchment
               UNION SELECT home_commune FROM {RECORDS}
           ) AS x
           ANTI JOIN registry.commune AS c ON c.commune_code = x.code
           WHERE x.code IS NOT NULL""",
    ),
    Promise(
        "comptes_justes",
        "critical",
        N_("Every row received is counted once: loaded, unchanged, superseded, refused…"),
        """SELECT attempt_id FROM ledger.attempt
           WHERE outcome = 'accepted' AND rows_in <> loaded + unchanged + superseded + duplicates
               + tombstoned + quarantined + ignored""",
    ),
    Promise(
        "lot_connu",
        "critical",
        N_("Every record goes back to an accepted batch."),
        f"""SELECT r.attempt_id FROM {RECORDS} AS r
            ANTI JOIN (SELECT attempt_id FROM ledger.attempt WHERE outcome = 'accepted') AS a
                ON a.attempt_id = r.attempt_id""",
    ),
    Promise(
        "identifiant_unique",
        "critical",
        N_("A record exists only once in its source."),
        f"""SELECT place_id, source_id, record_id FROM {RECORDS}
            GROUP BY place_id, source_id, record_id HAVING count(*) > 1""",
    ),
    Promise(
        "part_entre_0_et_1",
        "critical",
        N_("A share lies between 0 and 1."),
        """SELECT v.indicator_id FROM indicator.value AS v
           INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
           WHERE i.unit = 'share' AND v.running NOT BETWEEN 0 AND 1
               -- people without a seat are for the next promise
               AND (v.running < 0 OR v.indicator_id <> 'coworking_occupancy_rate')""",
    ),
    Promise(
        "places_suffisantes",
        "warning",
        N_("No coworking is fuller than the seats that it declares."),
        """SELECT v.scope_id, v.period_id FROM indicator.value AS v
           WHERE v.indicator_id = 'coworking_occupancy_rate' AND v.running > 1""",
    ),
    Promise(
        "personnes_distinctes",
        "critical",
        N_("Different people: month ≤ quarter ≤ year ≤ sum of the months."),
        """WITH people AS (
               SELECT v.indicator_id, v.scope_id, v.period_type, v.starts_on, v.ends_before,
                      v.running
               FROM indicator.value AS v
               INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
               WHERE i.unit = 'persons' AND v.breakdown = 'all'
           )
           SELECT l.indicator_id, l.scope_id, l.starts_on
           FROM people AS l
           INNER JOIN people AS s
               ON s.indicator_id = l.indicator_id AND s.scope_id = l.scope_id
               AND s.starts_on >= l.starts_on AND s.ends_before <= l.ends_before
           WHERE s.period_type = 'month' AND l.period_type IN ('quarter', 'year')
               OR s.period_type = 'quarter' AND l.period_type = 'year'
           GROUP BY l.indicator_id, l.scope_id, l.starts_on, l.period_type, s.period_type, l.running
           -- months begin with the first that is proven: a year may know somebody from before
           HAVING max(s.running) > l.running
               OR sum(s.running) < l.running AND min(s.starts_on) = l.starts_on""",
    ),
    Promise(
        "service_civique_hors_emploi",
        "critical",
        N_("Service civique, internships and volunteering are not counted as jobs."),
        """SELECT contract_type FROM core.job
           WHERE contract_type IN ('SERVICE_CIVIQUE', 'STAGE', 'BENEVOLE')""",
    ),
    Promise(
        "temps_plein_au_plus",
        "warning",
        N_("Nobody has contracts of more than full time together with one employer."),
        """SELECT DISTINCT place_id, worker FROM core.team_time WHERE is_more_than_full_time""",
    ),
    Promise(
        "lieu_ferme_sans_zero",
        "critical",
        N_("A place that is not open has no figure, not even zero."),
        """SELECT v.scope_id FROM indicator.value AS v
           INNER JOIN registry.place AS p ON p.place_id = v.scope_id
           WHERE v.value IS NOT NULL AND (p.opened_on IS NULL OR p.opened_on >= v.ends_before)""",
    ),
    Promise(
        "source_a_l_heure",
        "warning",
        N_("Every source has arrived at its declared rhythm."),
        """SELECT t.place_id, t.source_id FROM core.source_lateness AS t
           WHERE t.late_days > 0""",
    ),
    Promise(
        "chaque_vide_explique",
        "critical",
        N_("A missing figure always has a reason."),
        """SELECT v.indicator_id FROM indicator.value AS v
           INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
           WHERE v.value IS NULL AND v.status IN ('ok', 'identified_per_source')
               AND NOT i.is_ratio""",
    ),
]
