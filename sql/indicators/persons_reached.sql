/*
label = { fr = "Personnes accueillies", en = "People reached" }
area = "cohesion"
unit = "persons"
direction = "up"
definition.fr = "Nombre de personnes différentes qui sont venues ou ont utilisé un service pendant la période."
definition.en = "Number of different people who came or used a service during the period."
formula.fr = "Pseudonymes distincts parmi les usagers présents et les usages de services de la période."
formula.en = "Distinct pseudonyms among the users present and the uses of services of the period."
source = "IRIS+ : clients uniques, comptés une fois"
caveats.fr = [
    "Ne s'additionne ni entre mois ni entre lieux : chaque période et chaque territoire est recompté.",
    "Les personnes anonymes (groupes, télémédecine, petite enfance) n'y sont pas.",
    "Avec une clé par lieu, une personne connue de deux lieux compte une fois dans chacun.",
]
caveats.en = [
    "Never adds up over months or places: each period and each territory is counted again.",
    "Anonymous people (groups, telemedicine, early childhood) are not in it.",
    "With one key per place, a person known at two places counts once at each.",
]
headline = true
counts_people = true
breakdowns = ["age_band", "gender", "social_status"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one person who came in two months is one person of the quarter"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 10:00
p1       | a          | 2026-02-05 10:00
p1       | b          | 2026-02-06 10:00
"""
expect = """
scope_id | period_id | numerator | persons | value
p1       | 2026-01   | 1         | 1       | 1
p1       | 2026-02   | 2         | 2       | 2
p1       | 2026-T1   | 2         | 2       | 2
"""

[[examples]]
name = "nobody came and nobody was helped: zero, because the feeds cover the month"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-02-05 10:00
"""
expect = """
scope_id | period_id | numerator | persons | value | status
p1       | 2026-01   | 0         | 0       | 0     | ok
"""

[[examples]]
name = "somebody who was only helped counts, somebody met in both ways counts once"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 10:00
"""
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2026-01-05 11:00 | france_services
p1       | b          | 2026-01-20 11:00 | mediation_numerique
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 2         | 2
"""

[[examples]]
name = "midnight in Paris parts two months"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-31 23:59
p1       | b          | 2026-02-01 00:00
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
p1       | 2026-02   | 1
"""

[[examples]]
name = "a group counted by heads has visits but no known person"
given."core.attendance" = """
place_id | person_key | checked_in_at    | headcount
p1       |            | 2026-01-05 10:00 | 25
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 0         | 0
"""
*/
SELECT
    p.scope_id,
    p.period_id,
    p.breakdown,
    p.category,
    p.persons AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    p.persons,
    p.observed_persons AS observed,
    p.persons_key AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.person_cell AS p
