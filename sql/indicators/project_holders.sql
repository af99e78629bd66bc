/*
label = { fr = "Porteurs de projet accompagnés", en = "Project holders" }
area = "economy"
unit = "persons"
direction = "up"
definition.fr = "Nombre de personnes différentes accompagnées dans leur projet (incubation, programme Starter) pendant la période."
definition.en = "Number of different people helped with their project (incubation, Starter programme) during the period."
formula.fr = "Pseudonymes distincts parmi les usages du service incubation de la période."
formula.en = "Distinct pseudonyms among the period's uses of the incubation service."
source = "Ce projet, d'après le programme Starter de La Machinerie"
caveats.fr = [
    "Ne s'additionne ni entre mois ni entre lieux.",
    "Une séance collective sans identité ne donne pas de porteur de projet.",
]
caveats.en = [
    "Never adds up over months or places.",
    "A group session without identities gives no project holder.",
]
headline = true
counts_people = true
services = ["incubation"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two people, one of them seen twice"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-01-05 10:00 | incubation
p1       | a          | 2026-01-19 10:00 | incubation
p1       | b          | 2026-02-02 10:00 | incubation
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 1         | 1     | ok
p1       | 2026-T1   | 2         | 2     | ok
"""

[[examples]]
name = "nobody in the month: zero"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-02-05 10:00 | incubation
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
"""

[[examples]]
name = "a group session without identities and a coworker are not project holders"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | headcount
p1       |            | 2026-01-05 10:00 | incubation   | 8
p1       | c          | 2026-01-05 10:00 | coworking    | 1
p1       | d          | 2026-01-05 10:00 | incubation   | 1
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 1         | 1
"""

[[examples]]
name = "midnight in Paris begins February; the quarter counts a person of two months once"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-01-31 23:59 | incubation
p1       | a          | 2026-02-01 00:00 | incubation
p1       | b          | 2026-02-01 00:00 | incubation
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
p1       | 2026-02   | 2
p1       | 2026-T1   | 2
"""

[[examples]]
name = "a person followed by two places under one pseudonym is one of their territory"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | evidence
p1       | a          | 2026-01-05 10:00 | incubation   | declared
p2       | a          | 2026-01-06 10:00 | incubation   | seen
p2       | b          | 2026-01-06 10:00 | incubation   | declared
"""
expect = """
scope_id       | period_id | numerator | observed_share
p1             | 2026-01   | 1         | 0
departement:02 | 2026-01   | 2         | 0.5
network        | 2026-01   | 2         | 0.5
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(DISTINCT u.person_key) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    count(DISTINCT u.person_key) AS persons,
    count(DISTINCT CASE WHEN u.is_observed THEN u.person_key END) AS observed,
    sum(DISTINCT number_of(u.person_key)) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.usage AS u
INNER JOIN core.period_month AS m ON m.month = u.month
INNER JOIN core.scope AS s ON s.place_id = u.place_id
WHERE u.service_code = 'incubation'
GROUP BY s.scope_id, m.period_id
