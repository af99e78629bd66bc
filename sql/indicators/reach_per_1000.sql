/*
label = { fr = "Taux de couverture", en = "Reach" }
area = "cohesion"
unit = "per_mille"
direction = "up"
definition.fr = "Nombre d'habitants des communes desservies qui ont été accueillis pendant la période, pour 1 000 habitants de ces communes."
definition.en = "How many inhabitants of the communes served were reached in the period, per 1,000 inhabitants of these communes."
formula.fr = "1 000 × personnes accueillies dont la dernière commune de résidence connue est dans une commune desservie ÷ population municipale de ces communes, chacune comptée une fois."
formula.en = "1,000 × people reached whose last known home commune is one of the communes served ÷ municipal population of these communes, each counted once."
source = "IRIS+ PI6686 (population de la zone desservie), rapportée par ce projet aux personnes accueillies"
caveats.fr = [
    "La zone desservie est celle que les lieux déclarent ; sans zone déclarée, il n'y a pas de taux.",
    "Le taux n'est pas donné quand la commune de résidence est connue pour moins de la moitié des personnes.",
    "Une partie de commune compte comme la commune entière ; un arrondissement est laissé de côté quand sa ville est aussi desservie.",
    "Une commune ancienne ou déléguée mène à la commune d'aujourd'hui, pour les habitants comme pour la zone.",
    "Les personnes anonymes n'y sont pas : le taux est un minimum.",
    "Ne s'additionne ni entre périodes ni entre lieux. Avec une clé par lieu, une personne connue de deux lieux compte une fois dans chacun.",
]
caveats.en = [
    "The area served is the one that places declare; without one there is no rate.",
    "The rate is not given where the home commune is known for fewer than half of the people.",
    "A part of a commune counts as the whole commune; an arrondissement is left out when its city is served too.",
    "A former or delegated commune leads to the commune of today, for inhabitants and for the area.",
    "Anonymous people are not in it: the rate is a minimum.",
    "Never adds up over periods or places. With one key per place, a person known at two places counts once at each.",
]
counts_people = true
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two inhabitants of the 1,000 who live in the area, and a visitor from elsewhere"
given."registry.commune" = """
commune_code | type    | current_commune_code | population | rank
02676        | commune | 02676                | 600        | 1
02720        | commune | 02720                | 400        | 2
80021        | commune | 80021                | 9000       | 3
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | home_commune | evidence
p1       | a          | 2026-01-05 10:00 | 02676        | seen
p1       | b          | 2026-01-05 10:00 | 02720        | booked
p1       | c          | 2026-01-05 10:00 | 80021        | seen
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 2000      | 1000        | 2       | 2     | ok     | 0.5
"""

[[examples]]
name = "nobody came: zero of a thousand; a place without a declared area has no rate"
given."registry.commune" = """
commune_code | type    | current_commune_code | population | rank
02676        | commune | 02676                | 600        | 1
02720        | commune | 02720                | 400        | 2
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 0         | 1000        | 0       | 0     | ok     |
p3       | 2026-01   | 0         |             | 0       |       | ok     |
"""

[[examples]]
name = "one person: the last known home tells, and midnight in Paris parts two months"
given."registry.commune" = """
commune_code | type    | current_commune_code | population | rank
02676        | commune | 02676                | 600        | 1
02720        | commune | 02720                | 400        | 2
80021        | commune | 80021                | 9000       | 3
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | home_commune
p1       | a          | 2026-01-05 10:00 | 02676
p1       | a          | 2026-01-31 23:59 |
p1       | a          | 2026-02-01 00:00 | 80021
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value
p1       | 2026-01   | 1000      | 1000        | 1       | 1
p1       | 2026-02   | 0         | 1000        | 0       | 0
p1       | 2026-T1   | 0         | 1000        | 0       | 0
"""

[[examples]]
name = "half of the homes known is enough, less is not"
given."registry.commune" = """
commune_code | type    | current_commune_code | population | rank
02676        | commune | 02676                | 600        | 1
02720        | commune | 02720                | 400        | 2
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | home_commune
p1       | a          | 2026-01-05 10:00 | 02676
p1       | b          | 2026-01-05 10:00 |
p1       | a          | 2026-02-05 10:00 | 02676
p1       | b          | 2026-02-05 10:00 |
p1       | c          | 2026-02-05 10:00 |
"""
expect = """
scope_id | period_id | numerator | persons | value
p1       | 2026-01   | 1000      | 1       | 1
p1       | 2026-02   |           | 1       |
"""

[[examples]]
name = "two places that serve the same communes share one population, and one person counts once"
given."registry.commune" = """
commune_code | type    | current_commune_code | population | rank
02676        | commune | 02676                | 600        | 1
02720        | commune | 02720                | 400        | 2
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | home_commune
p1       | a          | 2026-01-05 10:00 | 02676
p2       | a          | 2026-01-06 10:00 | 02676
p2       | b          | 2026-01-06 10:00 | 02676
"""
expect = """
scope_id       | period_id | numerator | denominator | persons | value
p1             | 2026-01   | 1000      | 1000        | 1       | 1
p2             | 2026-01   | 2000      | 1000        | 2       | 2
epci:240200576 | 2026-01   | 2000      | 1000        | 2       | 2
"""

[[examples]]
name = "a former commune is its commune of today; an arrondissement adds nothing to its city"
given."registry.commune" = """
commune_code | type             | current_commune_code | population | rank
69123        | commune          | 69123                | 900        | 1
69381        | arrondissement   | 69123                | 300        | 2
02676        | commune          | 02676                | 100        | 3
02999        | commune_ancienne | 02676                |            | 4
"""
given."registry.catchment" = """
place_id | commune_code
p1       | 69123
p1       | 69381
p1       | 02999
p2       | 69381
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | home_commune
p1       | a          | 2026-01-05 10:00 | 02676
p1       | b          | 2026-01-05 10:00 | 69381
p2       | c          | 2026-01-05 10:00 | 69381
"""
expect = """
scope_id | period_id | numerator | denominator | persons
p1       | 2026-01   | 2000      | 1000        | 2
p2       | 2026-01   | 1000      | 300         | 1
network  | 2026-01   | 3000      | 1000        | 3
"""
*/
SELECT
    r.scope_id,
    r.period_id,
    'all' AS breakdown,
    'all' AS category,
    CASE
        WHEN r.persons = 0 OR r.known >= (1 - u.value) * r.persons THEN 1000 * r.residents
    END AS numerator,
    r.population AS denominator,
    r.residents AS persons,
    CAST(r.population AS DOUBLE) * r.observed_residents / nullif(r.residents, 0) AS observed,
    r.residents_key AS numerator_key,
    r.residents_key AS base_key
FROM core.scope_reach AS r
INNER JOIN registry.coefficient AS u ON u.name = 'unknown_share_max'
