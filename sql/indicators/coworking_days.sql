/*
label = { fr = "Journées de coworking", en = "Coworking days" }
area = "economy"
unit = "days"
direction = "up"
definition.fr = "Nombre de journées de coworking : une personne et un jour."
definition.en = "Number of coworking days: one person and one day."
formula.fr = "Couples distincts de personne et de jour local parmi les présences d'usagers identifiés en espace de coworking ; somme des lieux."
formula.en = "Distinct pairs of person and local day among the presences of identified users in a coworking space; summed over places."
source = "Cobot (journées de présence) ; ce projet"
caveats.fr = [
    "Une présence anonyme n'est pas comptée : on ne sait pas si c'est la même personne.",
    "Une réservation non honorée n'est pas une journée.",
    "Deux lieux le même jour font deux journées.",
]
caveats.en = [
    "An anonymous presence is not counted: it may be the same person.",
    "A booking that was not used is not a day.",
    "Two places on one day make two days.",
]
counts_people = true
services = ["coworking"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two people, one of them on two days"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | evidence
p1       | a          | 2026-01-05 09:00 | coworking  | checked_in
p1       | a          | 2026-01-06 09:00 | coworking  | checked_in
p1       | b          | 2026-01-05 09:00 | coworking  | booked
"""
expect = """
scope_id | period_id | numerator | value | status | observed_share
p1       | 2026-01   | 3         | 3     | ok     | 0.6666666667
"""

[[examples]]
name = "nobody came to the coworking: zero; a place without it has no figure"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code
p1       | a          | 2026-01-05 09:00 | fablab
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
p4       | 2026-01   | 0         |       | not_open
"""

[[examples]]
name = "morning and afternoon are one day; midnight in Paris parts two"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code
p1       | a          | 2026-01-05 09:00 | coworking
p1       | a          | 2026-01-05 14:00 | coworking
p1       | a          | 2026-01-31 23:59 | coworking
p1       | a          | 2026-02-01 00:00 | coworking
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 2
p1       | 2026-02   | 1
"""

[[examples]]
name = "anonymous presences and absences are no coworking day"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | attendance_status | headcount
p1       |            | 2026-01-05 09:00 | coworking  | present           | 4
p1       | a          | 2026-01-06 09:00 | coworking  | absent            | 1
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 0
"""

[[examples]]
name = "one person at two places on one day makes two coworking days of the network"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code
p1       | a          | 2026-01-05 09:00 | coworking
p2       | a          | 2026-01-05 14:00 | coworking
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
network  | 2026-01   | 2
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    'all' AS breakdown,
    'all' AS category,
    sum(d.days) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    sum(d.observed_days) AS observed,
    sum(d.key) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.coworking_month AS d
INNER JOIN core.period_month AS m ON m.month = d.month
INNER JOIN core.scope AS s ON s.place_id = d.place_id
GROUP BY s.scope_id, m.period_id
