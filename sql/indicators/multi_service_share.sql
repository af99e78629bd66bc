/*
label = { fr = "Usagers multi-services", en = "Multi-service users" }
area = "cohesion"
unit = "share"
direction = "up"
definition.fr = "Part des usagers de services qui ont utilisé au moins deux services différents pendant la période."
definition.en = "Share of the service users who used at least two different services in the period."
formula.fr = "Personnes avec au moins deux codes de service différents parmi les usages de services de la période ÷ personnes avec au moins un usage."
formula.en = "People with at least two different service codes among the period's uses of services ÷ people with at least one use."
source = "Ce projet (hybridation des lieux)"
caveats.fr = [
    "Deux usages d'un même service n'en font pas deux.",
    "Seuls les usages de services comptent : une présence dans un espace n'en est pas un.",
    "Les services anonymes (télémédecine, petite enfance) n'y sont pas.",
    "Les outils qui ne reconnaissent pas la même personne la font paraître mono-service.",
    "Sur un territoire, les services de ses lieux se cumulent quand ils connaissent la personne par la même clé.",
]
caveats.en = [
    "Two uses of one service are not two services.",
    "Only uses of services count: a presence in a space is none.",
    "Anonymous services (telemedicine, early childhood) are not in it.",
    "Tools that do not recognise one person as the same make her look like a user of one service.",
    "In a territory the services of its places add up where they know the person by one key.",
]
counts_people = true
feeds = ["service_usage"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one of two people used two services"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | evidence
p1       | a          | 2026-01-05 10:00 | france_services     | seen
p1       | a          | 2026-01-06 10:00 | mediation_numerique | declared
p1       | b          | 2026-01-07 10:00 | france_services     | declared
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 1         | 2           | 2       | 0.5   | ok     | 0.5
"""

[[examples]]
name = "nobody used a service: no share, even though somebody came"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code
p1       | a          | 2026-01-05 10:00 | coworking
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2026-01   | 0         |             | 0       |       | ok
"""

[[examples]]
name = "one person, three uses of one service: one service; a presence elsewhere does not make two"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code
p1       | a          | 2026-01-05 10:00 | coworking
"""
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-01-05 10:00 | fablab
p1       | a          | 2026-01-06 10:00 | fablab
p1       | a          | 2026-01-07 10:00 | fablab
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
"""

[[examples]]
name = "midnight in Paris parts two months, and the quarter has both services"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-01-31 23:59 | restauration
p1       | a          | 2026-02-01 00:00 | velo_electrique
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
p1       | 2026-02   | 0         | 1           | 0
p1       | 2026-T1   | 1         | 1           | 1
"""

[[examples]]
name = "anonymous uses are on neither side; the first and the last service of the list count too"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | headcount
p1       | a          | 2026-01-05 10:00 | coworking    | 1
p1       | a          | 2026-01-05 12:00 | evenement    | 1
p1       |            | 2026-01-05 10:00 | telemedecine | 1
p1       |            | 2026-01-05 10:00 | evenement    | 40
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value
p1       | 2026-01   | 1         | 1           | 1       | 1
"""

[[examples]]
name = "one service at each of two places: two services of the territory"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-01-05 10:00 | incubation
p2       | a          | 2026-01-06 10:00 | coworking
"""
expect = """
scope_id       | period_id | numerator | denominator | value
p1             | 2026-01   | 0         | 1           | 0
p2             | 2026-01   | 0         | 1           | 0
epci:240200576 | 2026-01   | 1         | 1           | 1
network        | 2026-01   | 1         | 1           | 1
"""
*/
SELECT
    p.scope_id,
    p.period_id,
    'all' AS breakdown,
    'all' AS category,
    p.multi_service_users AS numerator,
    p.service_users AS denominator,
    p.service_users AS persons,
    p.observed_service_users AS observed,
    p.multi_service_key AS numerator_key,
    p.service_users_key AS base_key
FROM core.person_cell AS p
WHERE p.breakdown = 'all' AND p.service_users > 0
