/*
label = { fr = "Embauches", en = "Jobs started" }
area = "economy"
unit = "jobs"
direction = "up"
definition.fr = "Nombre d'emplois qui ont commencé pendant la période, dans l'équipe ou dans une structure hébergée."
definition.en = "Number of jobs that began during the period, in the team or in a hosted organisation."
formula.fr = "Suites de contrats d'une même personne chez un même employeur, dont le premier jour est dans la période ; un contrat qui suit un autre de 30 jours au plus continue le même emploi."
formula.en = "Runs of contracts of one person with one employer whose first day is in the period; a contract that follows another within 30 days continues the same job."
source = "IRIS+ (emplois créés) ; délai de 30 jours : ce projet"
caveats.fr = [
    "Un nombre brut : les départs ne sont pas déduits.",
    "Un renouvellement n'est pas une embauche.",
    "Un employeur sans SIRET est pris pour un seul et même employeur.",
]
caveats.en = [
    "A gross number: departures are not taken off.",
    "A renewal is not a hiring.",
    "Employers without a SIRET are taken for one and the same.",
]
counts_people = true
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "a first contract is a start, its renewal is not"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDD           | 2026-01-12 | 2026-02-28 | 2100
p1       | 2         | a          | equipe   | CDI           | 2026-03-01 |            | 2100
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 1         | 1     | ok
p1       | 2026-03   | 0         | 0     | ok
p1       | 2026-T1   | 1         | 1     | ok
"""

[[examples]]
name = "nobody was hired: zero"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | ended_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 2025-01-12 |          | 2100
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 0         | 0
"""

[[examples]]
name = "thirty days after the end is the same job, thirty-one is a new one"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDD           | 2025-06-01 | 2026-01-10 | 2100
p1       | 2         | a          | equipe   | CDD           | 2026-02-09 |            | 2100
p1       | 3         | b          | equipe   | CDD           | 2025-06-01 | 2026-01-10 | 2100
p1       | 4         | b          | equipe   | CDD           | 2026-02-10 |            | 2100
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-02   | 1
"""

[[examples]]
name = "a long contract covers a short one that began and ended inside it"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDD           | 2025-01-01 | 2026-02-28 | 1050
p1       | 2         | a          | equipe   | CDD           | 2025-03-01 | 2025-03-31 | 1050
p1       | 3         | a          | equipe   | CDI           | 2026-03-01 |            | 2100
"""
expect = """
scope_id | period_id | numerator
p1       | 2025-03   | 0
p1       | 2026-03   | 0
"""

[[examples]]
name = "another employer is another job; service civique is none"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type   | employer_siret | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | structure_hebergee | CDD             | 55210055400013 | 2025-06-01 | 2026-01-10 | 2100
p1       | 2         | a          | structure_hebergee | CDD             | 73282932000074 | 2026-01-12 |            | 2100
p1       | 3         | b          | equipe             | SERVICE_CIVIQUE |                | 2026-01-05 |            | 1440
"""
expect = """
scope_id | period_id | numerator | persons
p1       | 2026-01   | 1         | 1
network  | 2026-01   | 1         | 1
"""

[[examples]]
name = "two contracts signed on one day with one employer are one hiring"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDD           | 2026-01-12 | 1050
p1       | 2         | a          | equipe   | CDI           | 2026-01-12 | 1050
"""
expect = """
scope_id | period_id | numerator | persons
p1       | 2026-01   | 1         | 1
"""

[[examples]]
name = "after a change of tool both tools list the contract: it began once, with the tool that spoke then"
given."registry.source" = """
place_id | source_id | feed       | coverage | from_day   | until_day
p1       | tool      | employment | span     |            | 2026-01-31
p1       | new-tool  | employment | span     | 2026-02-01 |
"""
given."core.employment" = """
place_id | source_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes
p1       | tool      | 2         | a          | equipe   | CDI           | 2026-01-12 | 2100
p1       | new-tool  | 1         | a          | equipe   | CDI           | 2026-01-12 | 2100
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
    count(*) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    count(DISTINCT j.worker) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(number_of(concat_ws('/', j.worker, j.employer, j.started_on))) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.job_start AS j
INNER JOIN core.period AS p ON j.started_on >= p.starts_on AND j.started_on < p.ends_before
INNER JOIN core.scope AS s ON s.place_id = j.place_id
GROUP BY s.scope_id, p.period_id
