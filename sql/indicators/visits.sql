/*
label = { fr = "Passages", en = "Visits" }
area = "cohesion"
unit = "visits"
direction = "neutral"
definition.fr = "Nombre de fois où un usager est venu. Une même personne qui vient trois fois compte trois passages."
definition.en = "How many times a user came. One person who comes three times makes three visits."
formula.fr = "Somme des effectifs des présences d'usagers dont l'arrivée tombe dans la période (une personne identifiée compte 1)."
formula.en = "Sum of the headcounts of users' presences whose arrival falls in the period (an identified person counts 1)."
source = "Recensement de France Tiers-Lieux (fréquentation) ; unité précisée par ce projet"
caveats.fr = [
    "Les absences, les annulations et l'équipe ne comptent pas.",
    "Une réservation non annulée compte comme un passage quand l'outil ne sait rien de la présence ; la caractéristique preuve le dit.",
]
caveats.en = [
    "Absences, cancellations and staff do not count.",
    "A booking that was not cancelled counts as a visit where the tool knows nothing of presence; the breakdown evidence says so.",
]
headline = true
counts_people = false
breakdowns = ["service", "evidence"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "three visits of one person and a group of twelve make fifteen"
given."core.attendance" = """
place_id | person_key | checked_in_at    | headcount
p1       | a          | 2026-01-05 10:00 | 1
p1       | a          | 2026-01-05 16:00 | 1
p1       | a          | 2026-01-31 23:59 | 1
p1       |            | 2026-01-12 18:00 | 12
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 15        | 15    | ok
network  | 2026-T1   | 15        | 15    | ok
"""

[[examples]]
name = "an open month without a visit is zero; a place that is not open has no figure"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-02-01 00:00
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
p1       | 2026-02   | 1         | 1     | ok
p4       | 2026-01   | 0         |       | not_open
"""

[[examples]]
name = "absences, cancellations and staff are not visits"
given."core.attendance" = """
place_id | person_key | checked_in_at    | role   | attendance_status
p1       | a          | 2026-01-05 10:00 | usager | absent
p1       | b          | 2026-01-05 10:00 | usager | annule
p1       | c          | 2026-01-05 10:00 | equipe | present
p1       | d          | 2026-01-05 10:00 | usager | present
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 1         | 1
"""

[[examples]]
name = "days that no delivery proves make the month partial, not small"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 10:00
"""
given."ledger.proof" = """
place_id | feed       | source_id     | day        | is_recorded
p1       | attendance | p1-attendance | 2026-01-05 | true
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 1         |       | partial
p1       | 2026-02   | 0         |       | missing
"""

[[examples]]
name = "one person at two places is a visit of each, and two of their territory"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 10:00
p2       | a          | 2026-01-05 14:00
p3       | a          | 2026-01-06 10:00
"""
expect = """
scope_id       | period_id | numerator | value
p1             | 2026-01   | 1         | 1
epci:240200576 | 2026-01   | 2         | 2
network        | 2026-01   | 3         | 3
"""

[[examples]]
name = "a booking that was not cancelled is a visit, and no observed one; the space tells where"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | evidence
p1       | a          | 2026-01-05 10:00 | fablab     | booked
p1       | b          | 2026-01-05 10:00 |            | seen
"""
expect = """
scope_id | period_id | breakdown | category       | numerator | observed_share
p1       | 2026-01   | all       | all            | 2         | 0.5
p1       | 2026-01   | service   | fablab         | 1         | 0
p1       | 2026-01   | service   | non_communique | 1         | 1
p1       | 2026-01   | evidence  | booked         | 1         | 0
"""

[[examples]]
name = "a quarter of which only the last month was ever looked at is partial"
given."registry.period" = """
period_id | period_type | starts_on  | ends_before
2026-03   | month       | 2026-03-01 | 2026-04-01
2026-T1   | quarter     | 2026-01-01 | 2026-04-01
"""
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-03-05 10:00
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-03   | 1         | 1     | ok
p1       | 2026-T1   | 1         |       | partial
"""

[[examples]]
name = "a day is one of the place: La Réunion has February, Guadeloupe still January"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_in_local
p1       | a          | 2026-01-31 22:00 | 2026-02-01 01:00
p3       | b          | 2026-02-01 02:00 | 2026-01-31 21:00
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 0
p1       | 2026-02   | 1
p3       | 2026-01   | 1
p3       | 2026-02   | 0
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    v.breakdown,
    v.category,
    sum(v.headcount) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    sum(v.observed_headcount) AS observed,
    sum(v.key) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.visit_month AS v
INNER JOIN core.period_month AS m ON m.month = v.month
INNER JOIN core.scope AS s ON s.place_id = v.place_id
GROUP BY s.scope_id, m.period_id, v.breakdown, v.category
