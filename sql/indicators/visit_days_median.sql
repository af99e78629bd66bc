/*
label = { fr = "Jours de venue médians", en = "Median visit-days" }
area = "cohesion"
unit = "median_days"
direction = "neutral"
definition.fr = "La moitié des usagers de la période sont venus ce nombre de jours ou moins, l'autre moitié ce nombre ou plus."
definition.en = "Half of the period's users came on this many days or fewer, the other half on this many or more."
formula.fr = "Médiane, sur les usagers identifiés de la période, du nombre de jours locaux distincts de présence ; pour un nombre pair d'usagers, la moyenne des deux du milieu."
formula.en = "Median over the period's identified users of their distinct local days of presence; for an even number of users, the mean of the middle two."
source = "Cobot (journées de présence) ; médiane de ce projet"
caveats.fr = [
    "La médiane ne se compare qu'entre périodes de même longueur : un an en a plus qu'un mois.",
    "Elle ne se recalcule pas à partir de celles des lieux ou des mois.",
    "Deux lieux le même jour font deux jours de venue.",
    "Les usagers anonymes et les usages de services n'y sont pas.",
]
caveats.en = [
    "Compare periods of one length only: a year has more days than a month.",
    "It cannot be made from those of places or months.",
    "Two places on one day make two visit-days.",
    "Anonymous users and uses of services are not in it.",
]
counts_people = true
feeds = ["attendance"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "three users came on 1, 2 and 5 days: the middle one tells"
given."core.attendance" = """
place_id | person_key | checked_in_at    | evidence
p1       | a          | 2026-01-05 10:00 | seen
p1       | b          | 2026-01-05 10:00 | seen
p1       | b          | 2026-01-06 10:00 | booked
p1       | c          | 2026-01-05 10:00 | booked
p1       | c          | 2026-01-06 10:00 | booked
p1       | c          | 2026-01-07 10:00 | booked
p1       | c          | 2026-01-08 10:00 | booked
p1       | c          | 2026-01-09 10:00 | booked
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 2         | 1           | 3       | 2     | ok     | 0.6666666667
"""

[[examples]]
name = "nobody came: there is no median, and it is not zero"
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2026-01   | 0         |             | 0       |       | ok
"""

[[examples]]
name = "of two users, the mean of both"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 10:00
p1       | b          | 2026-01-05 10:00
p1       | b          | 2026-01-06 10:00
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 1.5       | 1.5
"""

[[examples]]
name = "one person, twice on one day and once a minute after midnight in Paris: two days"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 09:00
p1       | a          | 2026-01-05 23:59
p1       | a          | 2026-01-06 00:00
"""
expect = """
scope_id | period_id | numerator | persons
p1       | 2026-01   | 2         | 1
"""

[[examples]]
name = "a user of a service who never came is not in it, nor is a group; months do not average"
given."core.attendance" = """
place_id | person_key | checked_in_at    | headcount
p1       | a          | 2026-01-05 10:00 | 1
p1       | a          | 2026-02-05 10:00 | 1
p1       | a          | 2026-03-05 10:00 | 1
p1       |            | 2026-01-05 10:00 | 30
"""
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | b          | 2026-01-05 11:00 | france_services
"""
expect = """
scope_id | period_id | numerator | persons
p1       | 2026-01   | 1         | 1
p1       | 2026-T1   | 3         | 1
"""

[[examples]]
name = "two places on one day are two visit-days of the territory"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 09:00
p2       | a          | 2026-01-05 14:00
"""
expect = """
scope_id       | period_id | numerator | persons
p1             | 2026-01   | 1         | 1
epci:240200576 | 2026-01   | 2         | 1
"""
*/
SELECT
    d.scope_id,
    d.period_id,
    'all' AS breakdown,
    'all' AS category,
    -- the first number of days that half of the people keep to, and the first that more than half do
    CAST(
        min(CASE WHEN 2 * d.persons_up_to >= d.persons THEN d.visit_days END)
        + min(CASE WHEN 2 * d.persons_up_to > d.persons THEN d.visit_days END) AS DOUBLE
    ) / 2 AS numerator,
    1 AS denominator,
    max(d.persons) AS persons,
    CAST(sum(d.observed_of_days) AS DOUBLE) / nullif(max(d.persons), 0) AS observed,
    CAST(NULL AS BIGINT) AS numerator_key,
    sum(d.key) AS base_key
FROM (
    SELECT
        c.scope_id,
        c.period_id,
        c.visit_days,
        c.observed_of_days,
        c.key,
        sum(c.of_days) OVER (PARTITION BY c.scope_id, c.period_id) AS persons,
        sum(c.of_days) OVER (
            PARTITION BY c.scope_id, c.period_id
            ORDER BY c.visit_days
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS persons_up_to
    FROM (
        SELECT
            g.scope_id,
            n.period_id,
            n.visit_days,
            CAST(sum(n.persons) AS BIGINT) AS of_days,
            sum(n.observed_persons) AS observed_of_days,
            sum(n.key) AS key
        FROM core.pool_days AS n
        INNER JOIN core.scope_pool AS g ON g.pool_id = n.pool_id
        GROUP BY g.scope_id, n.period_id, n.visit_days
    ) AS c
) AS d
GROUP BY d.scope_id, d.period_id
