/*
label = { fr = "Volontaires en service civique", en = "Service civique volunteers" }
area = "economy"
unit = "persons"
direction = "neutral"
definition.fr = "Nombre de personnes différentes en service civique au lieu pendant au moins un jour de la période."
definition.en = "Number of different people in service civique at the place on at least one day of the period."
formula.fr = "Personnes distinctes ayant un contrat de service civique en cours au moins un jour de la période."
formula.en = "Distinct people with a service civique contract running on at least one day of the period."
source = "Agence du service civique (contrats d'engagement)"
caveats.fr = [
    "Un volontaire n'est jamais un emploi : voir direct_fte.",
    "Ne s'additionne ni entre mois ni entre lieux.",
]
caveats.en = [
    "A volunteer is never a job: see direct_fte.",
    "Never adds up over months or places.",
]
only.contract_type = ["SERVICE_CIVIQUE"]
counts_people = true
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two volunteers, one of them with two contracts"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type   | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | SERVICE_CIVIQUE | 2025-09-01 | 2026-01-10 | 1440
p1       | 2         | a          | equipe   | SERVICE_CIVIQUE | 2026-01-15 | 2026-06-30 | 1440
p1       | 3         | b          | equipe   | SERVICE_CIVIQUE | 2025-11-01 | 2026-05-31 | 1440
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 2         | 2     | ok
p1       | 2026-T1   | 2         | 2     | ok
"""

[[examples]]
name = "nobody: zero"
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
"""

[[examples]]
name = "the last day of the contract counts"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type   | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | SERVICE_CIVIQUE | 2025-09-01 | 2026-02-01 | 1440
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-02   | 1
p1       | 2026-03   | 0
"""

[[examples]]
name = "an employee and an intern are no service civique"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 2025-09-01 | 2100
p1       | 2         | b          | equipe   | STAGE         | 2025-09-01 | 2100
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 0
"""

[[examples]]
name = "a volunteer hosted by an association of the place counts too, and once in the network"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type   | started_on | weekly_minutes
p1       | 1         | a          | structure_hebergee | SERVICE_CIVIQUE | 2025-09-01 | 1440
p2       | 1         | a          | equipe             | SERVICE_CIVIQUE | 2025-09-01 | 1440
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
network  | 2026-01   | 1
"""

[[examples]]
name = "a commitment counts on the days for which its source speaks"
given."registry.source" = """
place_id | source_id | feed       | coverage | until_day
p1       | tool      | employment | span     | 2026-01-31
"""
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type   | started_on | weekly_minutes
p1       | 1         | a          | equipe   | SERVICE_CIVIQUE | 2025-09-01 | 1440
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
p1       | 2026-02   | 0
"""
*/
SELECT
    s.scope_id,
    p.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(DISTINCT e.worker) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    count(DISTINCT e.worker) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(DISTINCT e.number) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.contract AS e
INNER JOIN core.period AS p
    ON
        e.started_on < p.ends_before
        AND coalesce(e.ended_before, p.ends_before) > p.starts_on
INNER JOIN core.scope AS s ON s.place_id = e.place_id
WHERE e.contract_type = 'SERVICE_CIVIQUE'
GROUP BY s.scope_id, p.period_id
