/*
label = { fr = "Heures machine", en = "Machine hours" }
area = "economy"
unit = "hours"
direction = "up"
definition.fr = "Nombre d'heures d'utilisation des machines du FabLab, du makerspace et de l'atelier partagé."
definition.en = "Number of hours for which the machines of the fab lab, the makerspace and the shared workshop were used."
formula.fr = "Somme des quantités, en heures, des usages de FabLab, de makerspace et d'atelier partagé de la période."
formula.en = "Sum of the quantities given in hours of the period's uses of fab lab, makerspace and shared workshop."
source = "Fab-manager (heures réservées) ; Manufactures de proximité (machines partagées)"
caveats.fr = [
    "Une heure réservée et non annulée compte, même si personne n'est venu : la part observée le dit.",
    "La durée de l'usage n'est pas une heure machine : sans quantité en heures, rien n'est compté.",
    "Deux machines pendant une heure font deux heures ; deux personnes sur une machine en font une.",
]
caveats.en = [
    "An hour booked and not cancelled counts even if nobody came: the observed share says so.",
    "The length of a use is no machine hour: without a quantity in hours, nothing is counted.",
    "Two machines for one hour make two hours; two people at one machine make one.",
]
counts_people = false
services = ["fablab", "makerspace", "atelier_partage"]
breakdowns = ["service"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two hours in the fab lab, half an hour in the makerspace"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | quantity | unit  | evidence
p1       | a          | 2026-01-05 10:00 | fablab       | 2        | heure | booked
p1       | b          | 2026-01-06 10:00 | makerspace   | 0.5      | heure | seen
"""
expect = """
scope_id | period_id | breakdown | category   | numerator | value | status | observed_share
p1       | 2026-01   | all       | all        | 2.5       | 2.5   | ok     | 0.2
p1       | 2026-01   | service   | fablab     | 2         | 2     | ok     | 0
p1       | 2026-01   | service   | makerspace | 0.5       | 0.5   | ok     | 1
"""

[[examples]]
name = "nobody used a machine: zero; a place without machines has no figure"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | quantity | unit
p1       | a          | 2026-02-05 10:00 | fablab       | 1        | heure
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
p2       | 2026-01   | 0         |       | not_applicable
p4       | 2026-01   | 0         |       | not_open
"""

[[examples]]
name = "the month is that of the beginning in Paris: at midnight February begins"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | quantity | unit
p1       | a          | 2026-01-31 23:59 | atelier_partage | 3        | heure
p1       | a          | 2026-02-01 00:00 | atelier_partage | 1        | heure
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 3
p1       | 2026-02   | 1
p1       | 2026-T1   | 4
"""

[[examples]]
name = "a use of two hours that gives no quantity, or one in days, is no machine hour"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | duration_minutes | quantity | unit
p1       | a          | 2026-01-05 10:00 | fablab       | 120              |          |
p1       | b          | 2026-01-06 10:00 | fablab       | 60               | 2        | jour
p1       | c          | 2026-01-07 10:00 | fablab       | 60               | 1        | heure
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 1         | 1
"""

[[examples]]
name = "a group of six at one machine for two hours makes two hours, not twelve"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | headcount | quantity | unit
p1       |            | 2026-01-05 10:00 | makerspace   | 6         | 2        | heure
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 2
"""

[[examples]]
name = "hours of a room are not machine hours; the hours of two places add up in the network"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | quantity | unit
p1       |            | 2026-01-05 10:00 | salle        | 7        | heure
p1       | a          | 2026-01-05 10:00 | fablab       | 2        | heure
p3       | b          | 2026-01-05 10:00 | fablab       | 1        | heure
"""
expect = """
scope_id       | period_id | numerator
p1             | 2026-01   | 2
departement:80 | 2026-01   | 1
network        | 2026-01   | 3
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    CASE WHEN grouping(u.service_code) = 0 THEN 'service' ELSE 'all' END AS breakdown,
    CASE
        WHEN grouping(u.service_code) = 0 THEN CAST(u.service_code AS VARCHAR) ELSE 'all'
    END AS category,
    sum(u.hours_used) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    sum(u.observed_hours_used) AS observed,
    sum(u.hours_key) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.usage_month AS u
INNER JOIN core.period_month AS m ON m.month = u.month
INNER JOIN core.scope AS s ON s.place_id = u.place_id
WHERE
    u.breakdown = 'all'
    AND u.service_code IN ('fablab', 'makerspace', 'atelier_partage')
    AND u.hours_used IS NOT NULL
GROUP BY GROUPING SETS (
    (s.scope_id, m.period_id),
    (s.scope_id, m.period_id, u.service_code)
)
