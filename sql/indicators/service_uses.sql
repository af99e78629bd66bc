/*
label = { fr = "Usages des services", en = "Service uses" }
area = "economy"
unit = "acts"
direction = "up"
definition.fr = "Nombre de fois où un service du lieu a été rendu à une personne, tous services confondus."
definition.en = "Number of times that a service of the place was given to a person, over all services."
formula.fr = "Somme des effectifs de tous les usages de services de la période."
formula.en = "Sum of the headcounts of all the period's uses of services."
source = "Ce projet"
caveats.fr = [
    "Un repas, un trajet et un accompagnement d'une heure comptent chacun pour un : à lire par service.",
    "Les présences ne sont pas des usages : le coworking n'y figure que si un outil l'y inscrit.",
    "Télémédecine et petite enfance sont comptées, toujours sans identité.",
]
caveats.en = [
    "A meal, a trip and an hour's accompaniment each count for one: to be read by service.",
    "Presences are not uses: coworking is there only where a tool writes it down as a use.",
    "Telemedicine and early childhood are counted, always without identity.",
]
counts_people = false
breakdowns = ["service", "mode", "location", "evidence"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "a meal, a bicycle and a room of twelve make fourteen uses"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | headcount | evidence
p1       | a          | 2026-01-05 12:00 | restauration    | 1         | ticketed
p1       | a          | 2026-01-05 13:00 | velo_electrique | 1         | booked
p1       |            | 2026-01-06 14:00 | salle           | 12        | declared
"""
expect = """
scope_id | period_id | breakdown | category | numerator | value | status | observed_share
p1       | 2026-01   | all       | all      | 14        | 14    | ok     | 0.0714285714
p1       | 2026-01   | service   | salle    | 12        | 12    | ok     | 0
p1       | 2026-01   | evidence  | ticketed | 1         | 1     | ok     | 1
"""

[[examples]]
name = "no use at all: zero; a place that is not open has no figure"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-02-05 10:00 | salle
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
p4       | 2026-01   | 0         |       | not_open
"""

[[examples]]
name = "one person who uses three services on one day makes three uses"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | mode
p1       | a          | 2026-01-05 10:00 | france_services | individuel
p1       | a          | 2026-01-05 11:00 | fablab          |
p1       | a          | 2026-01-05 12:00 | restauration    |
"""
expect = """
scope_id | period_id | breakdown | category       | numerator
p1       | 2026-01   | all       | all            | 3
p1       | 2026-01   | mode      | individuel     | 1
p1       | 2026-01   | mode      | non_communique | 2
"""

[[examples]]
name = "a trip at midnight in Paris is of the next month, also for the territory"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | location
p1       |            | 2026-01-31 23:59 | autostop     | hors_les_murs
p1       |            | 2026-02-01 00:00 | autostop     | hors_les_murs
p3       |            | 2026-01-31 23:59 | fablab       | sur_place
"""
expect = """
scope_id       | period_id | breakdown | category      | numerator
p1             | 2026-01   | all       | all           | 1
p1             | 2026-02   | all       | all           | 1
departement:02 | 2026-01   | location  | hors_les_murs | 1
network        | 2026-01   | all       | all           | 2
"""

[[examples]]
name = "somebody who is present in the coworking used no service that was written down"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code
p1       | a          | 2026-01-05 09:00 | coworking
"""
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | headcount
p1       |            | 2026-01-05 09:30 | telemedecine | 1
p1       |            | 2026-01-05 09:30 | petite_enfance | 8
"""
expect = """
scope_id | period_id | breakdown | category       | numerator
p1       | 2026-01   | all       | all            | 9
p1       | 2026-01   | service   | petite_enfance | 8
"""

[[examples]]
name = "a service of which a place has no use in the month has no line: only the total is zero"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-02-05 10:00 | autostop
"""
expect = """
scope_id | period_id | breakdown | category | numerator | value
p1       | 2026-01   | all       | all      | 0         | 0
p1       | 2026-02   | service   | autostop | 1         | 1
"""

[[examples]]
name = "a use is of the month that the clock of its place shows, as in La Réunion"
given."core.service_usage" = """
place_id | occurred_at      | occurred_local   | service_code
p1       | 2026-01-31 22:00 | 2026-02-01 01:00 | restauration
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 0
p1       | 2026-02   | 1
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
    SELECT
        a.place_id,
        a.month,
        a.breakdown,
        a.category,
        sum(a.headcount) AS headcount,
        sum(a.observed_headcount) AS observed_headcount,
        sum(a.key) AS key
    FROM core.usage_month AS a
    WHERE a.breakdown IN ('all', 'mode', 'location', 'evidence')
    GROUP BY a.place_id, a.month, a.breakdown, a.category
    UNION ALL
    SELECT b.place_id, b.month, 'service' AS breakdown,
        CAST(b.service_code AS VARCHAR) AS category, b.headcount, b.observed_headcount,
        b.key
    FROM core.usage_month AS b
    WHERE b.breakdown = 'all'
) AS u
INNER JOIN core.period_month AS m ON m.month = u.month
INNER JOIN core.scope AS s ON s.place_id = u.place_id
GROUP BY s.scope_id, m.period_id, u.breakdown, u.category
