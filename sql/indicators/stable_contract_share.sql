/*
label = { fr = "Part de contrats stables", en = "Permanent share" }
area = "economy"
unit = "share"
direction = "neutral"
definition.fr = "Part des salariés de l'équipe qui ont un CDI ou sont fonctionnaires, le dernier jour de la période."
definition.en = "Share of the team's employees with a permanent contract or tenure, on the last day of the period."
formula.fr = "Personnes de l'équipe en CDI ou fonctionnaires ÷ personnes salariées de l'équipe, le dernier jour de la période."
formula.en = "People of the team with a CDI or tenure ÷ salaried people of the team, on the last day of the period."
source = "Recensement France Tiers-Lieux (nature des contrats)"
caveats.fr = [
    "Les indépendants et les dirigeants ne sont pas salariés : ils n'entrent pas dans le calcul.",
    "Un CDD financé par une subvention n'est pas un mauvais emploi : le sens est neutre.",
]
caveats.en = [
    "The self-employed and directors are not salaried: they are left out.",
    "A fixed-term contract that a grant pays is not a bad job: the direction is neutral.",
]
only.relation = ["equipe"]
counts_people = false
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two of three employees are permanent"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 2025-01-01 | 2100
p1       | 2         | b          | equipe   | FONCTIONNAIRE | 2025-01-01 | 2100
p1       | 3         | c          | equipe   | CDD           | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value        | status
p1       | 2026-01   | 2         | 3           | 0.6666666667 | ok
"""

[[examples]]
name = "no employee: no share, and that is not zero"
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 0         |             |       | ok
"""

[[examples]]
name = "a contract that ends the day before the last day does not count, one that ends that day does"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 2025-01-01 | 2026-01-30 | 2100
p1       | 2         | b          | equipe   | CDD           | 2025-01-01 | 2026-01-31 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
"""

[[examples]]
name = "a director, an independent and a hosted employee are not salaried people of the team"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type | started_on | weekly_minutes
p1       | 1         | a          | equipe             | CDI           | 2025-01-01 | 2100
p1       | 2         | b          | equipe             | DIRIGEANT     | 2025-01-01 | 2100
p1       | 3         | c          | equipe             | INDEPENDANT   | 2025-01-01 | 2100
p1       | 4         | d          | structure_hebergee | CDD           | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 1         | 1           | 1
"""

[[examples]]
name = "somebody with a permanent and a fixed-term contract is one person, and permanent"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 2025-01-01 | 1050
p1       | 2         | a          | equipe   | CDD           | 2025-01-01 | 1050
p3       | 1         | b          | equipe   | CDD           | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 1         | 1
network  | 2026-01   | 1         | 2
"""
*/
SELECT
    s.scope_id,
    p.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(DISTINCT CASE WHEN j.contract_type IN ('CDI', 'FONCTIONNAIRE') THEN j.worker END)
        AS numerator,
    count(DISTINCT j.worker) AS denominator,
    count(DISTINCT j.worker) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(DISTINCT j.number)
        FILTER (WHERE j.contract_type IN ('CDI', 'FONCTIONNAIRE')) AS numerator_key,
    sum(DISTINCT j.number) AS base_key
FROM core.job AS j
INNER JOIN core.period AS p
    ON
        j.started_on < p.ends_before
        AND coalesce(j.ended_before, p.ends_before) >= p.ends_before
INNER JOIN core.scope AS s ON s.place_id = j.place_id
WHERE j.relation = 'equipe' AND j.contract_type NOT IN ('INDEPENDANT', 'DIRIGEANT')
GROUP BY s.scope_id, p.period_id
