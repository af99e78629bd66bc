/*
label = { fr = "ETP directs", en = "Direct FTE" }
area = "economy"
unit = "fte"
direction = "up"
definition.fr = "Équivalents temps plein de l'équipe du lieu, en moyenne sur la période."
definition.en = "Full-time equivalents of the team of the place, on average over the period."
formula.fr = "Pour chaque emploi de l'équipe : jours du contrat dans la période ÷ jours de la période × (durée hebdomadaire ÷ 35 h, au plus 1, ensemble aussi pour les contrats simultanés d'une personne chez un employeur) ; somme."
formula.en = "For each job of the team: days of the contract in the period ÷ days of the period × (weekly hours ÷ 35, at most 1, also together for contracts of one person with one employer at once); summed."
source = "IRIS+ (ETP au prorata du temps plein local) ; durée légale de 35 heures"
caveats.fr = [
    "Le service civique, les stages et le bénévolat ne sont jamais des emplois.",
    "Le dernier jour du contrat compte.",
    "Au-delà de 35 heures, un emploi compte pour un.",
    "Un avenant enregistré sans clore le contrat d'avant en fait deux à la fois : ils comptent au plus pour un temps plein, et la table qualite le dit.",
    "Un dirigeant a un emploi et pas d'heures : il n'est pas compté ici.",
]
caveats.en = [
    "Service civique, internships and volunteering are never jobs.",
    "The last day of the contract counts.",
    "Above 35 hours a job counts for one.",
    "An amendment that is written beside its contract makes two at once: they count for one full time at most, and the table qualite says so.",
    "A company director has a job and no hours: they do not count here.",
]
headline = true
counts_people = false
breakdowns = ["contract_type"]
looks_back_days = 0
looks_ahead_days = 0
version = 2

[[examples]]
name = "a full time and a half time all through the month"
given."core.employment" = """
place_id | record_id | relation | contract_type | started_on | ended_on | weekly_minutes
p1       | 1         | equipe   | CDI           | 2025-01-01 |          | 2100
p1       | 2         | equipe   | CDD           | 2025-06-01 |          | 1050
"""
expect = """
scope_id | period_id | value | persons | status
p1       | 2026-01   | 1.5   | 2       | ok
p1       | 2026-T1   | 1.5   | 2       | ok
"""

[[examples]]
name = "no contract in the month is zero, where the staff list covers it"
given."core.employment" = """
place_id | record_id | relation | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | equipe   | CDI           | 2025-01-01 | 2025-12-31 | 2100
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
"""

[[examples]]
name = "a contract that ends on the 7th of February worked a quarter of the month, its last day included"
given."core.employment" = """
place_id | record_id | relation | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | equipe   | CDI           | 2025-01-01 | 2026-02-07 | 2100
"""
expect = """
scope_id | period_id | value
p1       | 2026-02   | 0.25
"""

[[examples]]
name = "service civique is not a job, 39 hours are not more than one, hosted jobs are not the team's"
given."core.employment" = """
place_id | record_id | relation            | contract_type   | started_on | weekly_minutes
p1       | 1         | equipe              | SERVICE_CIVIQUE | 2025-01-01 | 1440
p1       | 2         | equipe              | CDI             | 2025-01-01 | 2340
p1       | 3         | structure_hebergee  | CDI             | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | value | persons
p1       | 2026-01   | 1     | 1
"""

[[examples]]
name = "73 days are a fifth of the year's full time, though a whole one in February; places add up"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDD           | 2025-01-01 | 2025-03-14 | 2100
p3       | 1         | b          | equipe   | CDI           | 2024-06-01 |            | 2100
"""
expect = """
scope_id | period_id | breakdown     | category | value | persons
p1       | 2025      | all           | all      | 0.2   | 1
p1       | 2025-02   | all           | all      | 1     | 1
network  | 2025      | all           | all      | 1.2   | 2
network  | 2025      | contract_type | CDI      | 1     | 1
"""

[[examples]]
name = "two contracts of one person at one employer are at most full time while both run; at two employers they are two"
given."core.employment" = """
place_id | record_id | person_key | relation | employer_siret | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | 55210055400013 | CDI           | 2025-01-01 |            | 2100
p1       | 2         | a          | equipe   |                | CDD           | 2026-02-01 | 2026-02-14 | 1400
p3       | 1         | b          | equipe   | 55210055400013 | CDI           | 2025-01-01 |            | 2100
p3       | 2         | b          | equipe   | 73282932000074 | CDI           | 2025-01-01 |            | 1050
"""
expect = """
scope_id | period_id | breakdown     | category | value | persons
p1       | 2026-01   | all           | all      | 1     | 1
p1       | 2026-02   | all           | all      | 1     | 1
p1       | 2026-02   | contract_type | CDI      | 0.8   | 1
p1       | 2026-02   | contract_type | CDD      | 0.2   | 1
p3       | 2026-02   | all           | all      | 1.5   | 1
"""

[[examples]]
name = "two part times add up to full time; a company director has no hours"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 2025-01-01 | 1050
p1       | 2         | a          | equipe   | CDD           | 2025-01-01 | 1050
p1       | 3         | b          | equipe   | DIRIGEANT     | 2025-01-01 |
p1       | 4         | c          | equipe   | DIRIGEANT     | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | value | persons
p1       | 2026-01   | 1     | 1
"""
*/
SELECT
    s.scope_id,
    p.period_id,
    CASE WHEN grouping(j.contract_type) = 0 THEN 'contract_type' ELSE 'all' END AS breakdown,
    CASE
        WHEN grouping(j.contract_type) = 0 THEN CAST(j.contract_type AS VARCHAR) ELSE 'all'
    END AS category,
    sum(
        date_diff(
            'day',
            greatest(j.started_on, p.starts_on),
            least(coalesce(j.ended_before, p.ends_before), p.ends_before)
        )
        * j.weekly_minutes
    ) AS numerator,
    max(p.days * f.value) AS denominator,
    count(DISTINCT j.worker) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(DISTINCT j.number) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.team_time AS j
INNER JOIN core.period AS p
    ON
        j.started_on < p.ends_before
        AND coalesce(j.ended_before, p.ends_before) > p.starts_on
INNER JOIN core.scope AS s ON s.place_id = j.place_id
INNER JOIN registry.coefficient AS f ON f.name = 'full_time_week_minutes'
GROUP BY GROUPING SETS (
    (s.scope_id, p.period_id),
    (s.scope_id, p.period_id, j.contract_type)
)
