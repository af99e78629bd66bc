/*
label = { fr = "Emplois hébergés", en = "Hosted jobs" }
area = "economy"
unit = "jobs"
direction = "neutral"
definition.fr = "Nombre de personnes qui travaillent, le dernier jour de la période, pour une structure hébergée par le lieu, indépendants compris."
definition.en = "Number of people who, on the last day of the period, work for an organisation hosted by the place, self-employed included."
formula.fr = "Personnes distinctes ayant un emploi dans une structure hébergée, commencé au plus tard le dernier jour de la période et non fini avant ce jour."
formula.en = "Distinct people with a job in a hosted organisation that began on or before the period's last day and did not end before it."
source = "Commune Mesure (emplois des structures hébergées) ; IRIS+ OI8869 pour la date"
caveats.fr = [
    "Ces emplois existent là ; le lieu ne les a pas forcément créés.",
    "Une personne qui a deux contrats compte une fois.",
]
caveats.en = [
    "These jobs exist there; the place did not necessarily create them.",
    "A person with two contracts counts once.",
]
headline = true
only.relation = ["structure_hebergee"]
counts_people = true
breakdowns = ["contract_type"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two people work there on the last day of January, one of them independent"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type | started_on | ended_on
p1       | 1         | a          | structure_hebergee | INDEPENDANT   | 2025-01-01 |
p1       | 2         | b          | structure_hebergee | CDI           | 2026-01-31 |
p1       | 3         | c          | structure_hebergee | CDI           | 2025-01-01 | 2026-01-30
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 2         | 2     | ok
"""

[[examples]]
name = "nobody is hosted: zero"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
"""

[[examples]]
name = "two contracts of one person are one person; the last day of a contract still counts"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type | started_on | ended_on
p1       | 1         | a          | structure_hebergee | INDEPENDANT   | 2025-01-01 |
p1       | 2         | a          | structure_hebergee | DIRIGEANT     | 2025-01-01 |
p1       | 3         | b          | structure_hebergee | CDD           | 2025-01-01 | 2026-01-31
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 2         | 2
p1       | 2026-02   | 1         | 1
"""

[[examples]]
name = "who worked there all through the month but its last day is not there at its end; who began on it is"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type | started_on | ended_on
p1       | 1         | a          | structure_hebergee | CDD           | 2026-01-01 | 2026-01-30
p1       | 2         | b          | structure_hebergee | CDD           | 2026-01-31 | 2026-01-31
p1       | 3         | c          | structure_hebergee | CDI           | 2026-02-01 |
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
p1       | 2026-02   | 1
"""

[[examples]]
name = "volunteers and service civique are not jobs; a person hosted at two places is one of the territory"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type   | started_on
p1       | 1         | a          | structure_hebergee | CDI             | 2025-01-01
p1       | 2         | b          | structure_hebergee | BENEVOLE        | 2025-01-01
p1       | 3         | c          | structure_hebergee | SERVICE_CIVIQUE | 2025-01-01
p2       | 1         | a          | structure_hebergee | INDEPENDANT     | 2025-01-01
"""
expect = """
scope_id       | period_id | breakdown     | category    | numerator
p1             | 2026-01   | all           | all         | 1
departement:02 | 2026-01   | all           | all         | 1
departement:02 | 2026-01   | contract_type | INDEPENDANT | 1
"""
*/
SELECT
    s.scope_id,
    p.period_id,
    CASE WHEN grouping(j.contract_type) = 0 THEN 'contract_type' ELSE 'all' END AS breakdown,
    CASE
        WHEN grouping(j.contract_type) = 0 THEN CAST(j.contract_type AS VARCHAR) ELSE 'all'
    END AS category,
    count(DISTINCT j.worker) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    count(DISTINCT j.worker) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(DISTINCT j.number) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.job AS j
INNER JOIN core.period AS p
    ON
        j.started_on < p.ends_before
        AND coalesce(j.ended_before, p.ends_before) >= p.ends_before
INNER JOIN core.scope AS s ON s.place_id = j.place_id
WHERE j.relation = 'structure_hebergee'
GROUP BY GROUPING SETS (
    (s.scope_id, p.period_id),
    (s.scope_id, p.period_id, j.contract_type)
)
