/*
label = { fr = "Accompagnements", en = "Accompaniments" }
area = "cohesion"
unit = "acts"
direction = "up"
definition.fr = "Nombre d'accompagnements donnés : une personne aidée une fois, seule ou en groupe, fait un accompagnement."
definition.en = "Number of accompaniments given: one person helped once, alone or in a group, makes one."
formula.fr = "Somme des effectifs des usages de France services, de médiation numérique et d'incubation de la période."
formula.en = "Sum of the headcounts of the period's uses of France services, digital mediation and incubation."
source = "La Coop de la médiation numérique (accompagnement = activité × bénéficiaire) ; France services"
caveats.fr = [
    "Un atelier de six personnes fait six accompagnements.",
    "Les accompagnements hors les murs comptent.",
]
caveats.en = [
    "A workshop of six people makes six accompaniments.",
    "Accompaniments off site count.",
]
headline = true
counts_people = false
services = ["france_services", "mediation_numerique", "incubation"]
breakdowns = ["service", "operator", "theme", "mode", "location", "evidence"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one demand and a workshop of six make seven"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | headcount
p1       | a          | 2026-01-05 10:00 | france_services     | 1
p1       |            | 2026-01-06 14:00 | mediation_numerique | 6
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 7         | 7     | ok
"""

[[examples]]
name = "a place that offers the service and helped nobody has zero; one that does not offer it has no figure"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-02-05 10:00 | france_services
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
p2       | 2026-01   | 0         |       | not_applicable
"""

[[examples]]
name = "machine hours and coworking are not accompaniments"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-01-05 10:00 | fablab
p1       | b          | 2026-01-05 10:00 | coworking
p1       | c          | 2026-01-05 10:00 | incubation
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 1         | 1
"""

[[examples]]
name = "midnight in Paris parts two months; off site counts like on site"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | location
p1       | a          | 2026-01-31 23:59 | mediation_numerique | hors_les_murs
p1       | a          | 2026-02-01 00:00 | mediation_numerique | sur_place
"""
expect = """
scope_id | period_id | breakdown | category      | numerator
p1       | 2026-01   | all       | all           | 1
p1       | 2026-01   | location  | hors_les_murs | 1
p1       | 2026-02   | all       | all           | 1
p1       | 2026-T1   | all       | all           | 2
"""

[[examples]]
name = "one person helped three times is three accompaniments, and those of two places add up"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | mode       | evidence
p1       | a          | 2026-01-05 10:00 | france_services | individuel | seen
p1       | a          | 2026-01-05 10:30 | france_services | a_distance | seen
p1       | a          | 2026-01-12 10:00 | incubation      |            | declared
p2       | a          | 2026-01-12 10:00 | france_services | individuel | seen
"""
expect = """
scope_id       | period_id | breakdown | category        | numerator | observed_share
p1             | 2026-01   | all       | all             | 3         | 0.6666666667
p1             | 2026-01   | service   | france_services | 2         | 1
p1             | 2026-01   | mode      | non_communique  | 1         | 0
departement:02 | 2026-01   | all       | all             | 4         | 0.75
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    u.breakdown,
    u.category,
    sum(u.headcount) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    sum(u.observed_headcount) AS observed,
    sum(u.key) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM (
    SELECT a.place_id, a.month, a.service_code, a.breakdown, a.category, a.headcount,
        a.observed_headcount, a.key
    FROM core.usage_month AS a
    UNION ALL
    SELECT b.place_id, b.month, b.service_code, 'service' AS breakdown,
        CAST(b.service_code AS VARCHAR) AS category, b.headcount, b.observed_headcount,
        b.key
    FROM core.usage_month AS b
    WHERE b.breakdown = 'all'
) AS u
INNER JOIN core.period_month AS m ON m.month = u.month
INNER JOIN core.scope AS s ON s.place_id = u.place_id
WHERE u.service_code IN ('france_services', 'mediation_numerique', 'incubation')
GROUP BY s.scope_id, m.period_id, u.breakdown, u.category
