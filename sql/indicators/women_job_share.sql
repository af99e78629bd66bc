/*
label = { fr = "Femmes dans l'emploi direct", en = "Women in direct jobs" }
area = "economy"
unit = "share"
direction = "neutral"
definition.fr = "Part des femmes parmi les personnes employées dans l'équipe du lieu le dernier jour de la période."
definition.en = "Share of women among the people employed in the team of the place on the last day of the period."
formula.fr = "Femmes ayant un emploi de l'équipe le dernier jour de la période ÷ personnes de genre connu ayant un tel emploi."
formula.en = "Women with a job of the team on the period's last day ÷ people of known gender with such a job."
source = "Recensement France Tiers-Lieux (70 % de femmes dans l'emploi direct)"
caveats.fr = [
    "Un genre non communiqué n'entre pas dans le calcul.",
    "Si les contrats d'une personne ne s'accordent pas, le plus récent l'emporte.",
]
caveats.en = [
    "A gender that was not given is left out.",
    "Where the contracts of a person disagree, the latest one wins.",
]
only.relation = ["equipe"]
counts_people = false
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one woman of two people"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | gender   | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | feminin  | 2025-01-01 | 2100
p1       | 2         | b          | equipe   | CDI           | masculin | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 1         | 2           | 0.5   | ok
"""

[[examples]]
name = "nobody of known gender: no share"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | gender         | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           |                | 2025-01-01 | 2100
p1       | 2         | b          | equipe   | CDI           | non_communique | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 0         |             |       | ok
"""

[[examples]]
name = "who left before the last day of the month is not counted at its end"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | gender   | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | feminin  | 2025-01-01 | 2026-01-30 | 2100
p1       | 2         | b          | equipe   | CDI           | masculin | 2025-01-01 | 2026-01-31 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
"""

[[examples]]
name = "two contracts of one woman are one woman, and the latest contract tells"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | gender   | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | masculin | 2024-01-01 | 1050
p1       | 2         | a          | equipe   | CDD           | feminin  | 2025-01-01 | 1050
p1       | 3         | b          | equipe   | CDI           | masculin | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 1         | 2           | 0.5
"""

[[examples]]
name = "hosted jobs and service civique are not direct jobs"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type   | gender   | started_on | weekly_minutes
p1       | 1         | a          | structure_hebergee | CDI             | feminin  | 2025-01-01 | 2100
p1       | 2         | b          | equipe             | SERVICE_CIVIQUE | feminin  | 2025-01-01 | 1440
p1       | 3         | c          | equipe             | CDI             | masculin | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
network  | 2026-T1   | 0         | 1           | 0
"""

[[examples]]
name = "the latest contract is the one that began last, not the one that a new tool told first"
given."registry.source" = """
place_id | source_id | feed       | coverage | from_day
p1       | tool      | employment | span     | 2025-07-01
"""
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | gender   | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | masculin | 2024-01-01 | 1050
p1       | 2         | a          | equipe   | CDD           | feminin  | 2025-01-01 | 1050
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 1         | 1
"""
*/
SELECT
    w.scope_id,
    w.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(*) FILTER (WHERE w.gender_rank = f.rank) AS numerator,
    count(*) AS denominator,
    count(*) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(number_of(w.worker)) FILTER (WHERE w.gender_rank = f.rank) AS numerator_key,
    sum(number_of(w.worker)) AS base_key
FROM (
    SELECT
        s.scope_id,
        p.period_id,
        j.worker,
        -- the contract that began last tells: the day, then the rank of the code
        max(date_diff('day', DATE '1900-01-01', j.signed_on) * 16 + g.rank) % 16 AS gender_rank
    FROM core.job AS j
    INNER JOIN registry.code AS g ON g.list = 'gender' AND g.code = j.gender AND g.rank > 0
    INNER JOIN core.period AS p
        ON
            j.started_on < p.ends_before
            AND coalesce(j.ended_before, p.ends_before) >= p.ends_before
    INNER JOIN core.scope AS s ON s.place_id = j.place_id
    WHERE j.relation = 'equipe'
    GROUP BY s.scope_id, p.period_id, j.worker
) AS w
INNER JOIN registry.code AS f ON f.list = 'gender' AND f.code = 'feminin'
GROUP BY w.scope_id, w.period_id
