/*
label = { fr = "Emplois directs en fin de période", en = "Direct jobs" }
area = "economy"
unit = "jobs"
direction = "up"
definition.fr = "Nombre de personnes qui ont un emploi dans l'équipe du lieu le dernier jour de la période."
definition.en = "Number of people who have a job in the team of the place on the last day of the period."
formula.fr = "Personnes distinctes ayant un emploi de l'équipe commencé au plus tard le dernier jour de la période et non fini avant ce jour."
formula.en = "Distinct people with a job of the team that began on or before the period's last day and did not end before it."
source = "IRIS+ OI8869 (salariés permanents en fin de période) ; recensement France Tiers-Lieux (emplois directs)"
caveats.fr = [
    "Des têtes, pas des équivalents temps plein : voir direct_fte.",
    "Le service civique, les stages et le bénévolat ne sont jamais des emplois.",
    "Une personne qui a deux contrats compte une fois au total, et une fois dans chaque type de contrat.", "Si les contrats d'une personne ne s'accordent pas sur son genre, le plus récent qui le dit l'emporte.",
]
caveats.en = [
    "Heads, not full-time equivalents: see direct_fte.",
    "Service civique, internships and volunteering are never jobs.",
    "A person with two contracts counts once in all, and once in each kind of contract.", "Where the contracts of a person disagree on gender, the latest one that says it wins.",
]
only.relation = ["equipe"]
counts_people = true
breakdowns = ["contract_type", "gender"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two people are employed on the last day of January, the one who left the day before is not"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | gender   | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | feminin  | 2025-01-01 |            | 2100
p1       | 2         | b          | equipe   | CDD           |          | 2026-01-31 |            | 1050
p1       | 3         | c          | equipe   | CDD           | masculin | 2025-01-01 | 2026-01-30 | 2100
"""
expect = """
scope_id | period_id | breakdown     | category       | numerator | value | status
p1       | 2026-01   | all           | all            | 2         | 2     | ok
p1       | 2026-01   | contract_type | CDI            | 1         | 1     | ok
p1       | 2026-01   | gender        | non_communique | 1         | 1     | ok
"""

[[examples]]
name = "nobody is employed: zero, where the staff list covers the month"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 2025-01-01 | 2025-12-31 | 2100
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
"""

[[examples]]
name = "the last day of a contract is worked: it counts at the end of its month, not of the next"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDD           | 2025-01-01 | 2026-01-31 | 2100
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 1         | 1
p1       | 2026-02   | 0         | 0
"""

[[examples]]
name = "one person with two contracts is one job holder, seen under both kinds"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 2025-01-01 | 1050
p1       | 2         | a          | equipe   | CDD           | 2025-01-01 | 1050
"""
expect = """
scope_id | period_id | breakdown     | category | numerator
p1       | 2026-01   | all           | all      | 1
p1       | 2026-01   | contract_type | CDI      | 1
p1       | 2026-01   | contract_type | CDD      | 1
"""

[[examples]]
name = "service civique, internship and a hosted job are not direct jobs; a contract without identity is one person"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type   | started_on | weekly_minutes
p1       | 1         | a          | equipe             | SERVICE_CIVIQUE | 2025-01-01 | 1440
p1       | 2         | b          | equipe             | STAGE           | 2025-01-01 | 2100
p1       | 3         | c          | structure_hebergee | CDI             | 2025-01-01 | 2100
p1       | 4         |            | equipe             | CDI             | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
network  | 2026-T1   | 1
"""

[[examples]]
name = "whose contracts disagree has the gender that the latest one says; not given and empty are one category"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | gender         | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | masculin       | 2024-01-01 | 1050
p1       | 2         | a          | equipe   | CDD           | feminin        | 2025-01-01 | 1050
p1       | 3         | b          | equipe   | CDI           |                | 2025-01-01 | 2100
p1       | 4         | c          | equipe   | CDI           | non_communique | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | breakdown | category       | numerator
p1       | 2026-01   | gender    | feminin        | 1
p1       | 2026-01   | gender    | non_communique | 2
"""

[[examples]]
name = "contracts without identity are two people at two places, also where their numbers are the same"
given."core.employment" = """
place_id | record_id | relation | contract_type | started_on | weekly_minutes
p1       | 1         | equipe   | CDI           | 2025-01-01 | 2100
p3       | 1         | equipe   | CDI           | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator
network  | 2026-01   | 2
"""
*/
SELECT
    w.scope_id,
    w.period_id,
    CASE
        WHEN grouping(w.contract_type) = 0 THEN 'contract_type'
        WHEN grouping(w.gender) = 0 THEN 'gender'
        ELSE 'all'
    END AS breakdown,
    CASE
        WHEN grouping(w.contract_type) = 0 THEN w.contract_type
        WHEN grouping(w.gender) = 0 THEN w.gender
        ELSE 'all'
    END AS category,
    count(DISTINCT w.worker) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    count(DISTINCT w.worker) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(DISTINCT w.number) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM (
    SELECT
        s.scope_id,
        p.period_id,
        j.worker,
        j.number,
        CAST(j.contract_type AS VARCHAR) AS contract_type,
        -- of what contracts say, what the one that began last says
        coalesce(
            first_value(g.code) OVER (
                PARTITION BY s.scope_id, p.period_id, j.worker
                ORDER BY
                    CASE WHEN g.code IS NULL THEN 0 ELSE 1 END DESC, j.signed_on DESC, g.rank DESC
            ),
            'non_communique'
        ) AS gender
    FROM core.job AS j
    INNER JOIN core.period AS p
        ON
            j.started_on < p.ends_before
            AND coalesce(j.ended_before, p.ends_before) >= p.ends_before
    INNER JOIN core.scope AS s ON s.place_id = j.place_id
    LEFT JOIN registry.code AS g ON g.list = 'gender' AND g.code = j.gender AND g.rank > 0
    WHERE j.relation = 'equipe'
) AS w
GROUP BY GROUPING SETS (
    (w.scope_id, w.period_id),
    (w.scope_id, w.period_id, w.contract_type),
    (w.scope_id, w.period_id, w.gender)
)
