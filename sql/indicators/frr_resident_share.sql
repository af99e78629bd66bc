/*
label = { fr = "Usagers de communes FRR", en = "Users from FRR communes" }
area = "cohesion"
unit = "share"
direction = "neutral"
definition.fr = "Part des personnes accueillies qui habitent une commune classée France ruralités revitalisation (FRR)."
definition.en = "Share of the people reached who live in a commune classed France ruralités revitalisation (FRR)."
formula.fr = "Personnes accueillies dont la dernière commune de résidence connue est classée FRR ÷ personnes accueillies dont on sait si la commune l'est."
formula.en = "People reached whose last known home commune is FRR ÷ people reached of whose home commune it is known whether it is."
source = "data.inclusion (public « résidents QPV-FRR ») ; ce projet"
caveats.fr = [
    "Le classement FRR est fourni par le réseau (frr.csv) : sans lui, il n'y a pas de part.",
    "Une commune absente de ce fichier est inconnue ; elle n'est pas comptée comme non classée.",
    "Une personne qui déménage dans la période est comptée à sa dernière commune connue.",
    "Un quartier prioritaire (QPV) demande une adresse : il n'est pas déduit.",
]
caveats.en = [
    "The FRR list is supplied by the network (frr.csv): without it there is no share.",
    "A commune that this file does not name is unknown; it is not counted as outside.",
    "A person who moves within the period is counted at the last known commune.",
    "A priority neighbourhood (QPV) needs an address: it is not derived.",
]
counts_people = true
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one of two people lives in an FRR commune"
given."registry.commune" = """
commune_code | type    | current_commune_code | is_frr | rank
02676        | commune | 02676                | true   | 1
80021        | commune | 80021                | false  | 2
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | home_commune | evidence
p1       | a          | 2026-01-05 10:00 | 02676        | seen
p1       | b          | 2026-01-05 10:00 | 80021        | booked
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 1         | 2           | 2       | 0.5   | ok     | 0.5
"""

[[examples]]
name = "nobody came: no share, and that is not zero"
given."registry.commune" = """
commune_code | type    | current_commune_code | is_frr | rank
02676        | commune | 02676                | true   | 1
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2026-01   | 0         |             | 0       |       | ok
"""

[[examples]]
name = "a commune of which nobody said anything is on neither side, nor is an unknown home"
given."registry.commune" = """
commune_code | type    | current_commune_code | is_frr | rank
02676        | commune | 02676                | true   | 1
02720        | commune | 02720                |        | 2
80021        | commune | 80021                | false  | 3
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | home_commune
p1       | a          | 2026-01-05 10:00 | 02676
p1       | b          | 2026-01-05 10:00 | 02720
p1       | c          | 2026-01-05 10:00 |
p1       | d          | 2026-01-05 10:00 | 80021
p1       | b          | 2026-02-05 10:00 | 02720
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value
p1       | 2026-01   | 1         | 2           | 2       | 0.5
p1       | 2026-02   | 0         |             | 0       |
"""

[[examples]]
name = "one person who moves at midnight in Paris is counted where the last day says"
given."registry.commune" = """
commune_code | type    | current_commune_code | is_frr | rank
02676        | commune | 02676                | true   | 1
80021        | commune | 80021                | false  | 2
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | home_commune
p1       | a          | 2026-01-31 23:59 | 02676
p1       | a          | 2026-02-01 00:00 | 80021
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 1         | 1           | 1
p1       | 2026-02   | 0         | 1           | 0
p1       | 2026-T1   | 0         | 1           | 0
"""

[[examples]]
name = "people are counted, not visits; one person of two places is one of the network"
given."registry.commune" = """
commune_code | type    | current_commune_code | is_frr | rank
02676        | commune | 02676                | true   | 1
80021        | commune | 80021                | false  | 2
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | home_commune
p1       | a          | 2026-01-05 10:00 | 02676
p1       | a          | 2026-01-06 10:00 | 02676
p1       | a          | 2026-01-07 10:00 | 02676
p3       | a          | 2026-01-08 10:00 | 02676
p3       | b          | 2026-01-08 10:00 | 80021
"""
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | home_commune
p1       | c          | 2026-01-05 11:00 | france_services | 80021
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 1         | 2           | 0.5
p3       | 2026-01   | 1         | 2           | 0.5
network  | 2026-01   | 1         | 3           | 0.3333333333
"""
*/
SELECT
    g.scope_id,
    n.period_id,
    'all' AS breakdown,
    'all' AS category,
    sum(n.frr_persons) AS numerator,
    sum(n.persons) AS denominator,
    sum(n.persons) AS persons,
    sum(n.observed_persons) AS observed,
    sum(n.frr_key) AS numerator_key,
    sum(n.key) AS base_key
FROM (
    SELECT
        h.pool_id,
        h.period_id,
        sum(CASE WHEN c.is_frr THEN h.persons ELSE 0 END) AS frr_persons,
        sum(h.persons) AS persons,
        sum(h.observed_persons) AS observed_persons,
        sum(CASE WHEN c.is_frr THEN h.key END) AS frr_key,
        sum(h.key) AS key
    FROM core.person_home AS h
    INNER JOIN registry.commune AS c ON c.rank = h.home_rank
    WHERE c.is_frr IS NOT NULL
    GROUP BY h.pool_id, h.period_id
) AS n
INNER JOIN core.scope_pool AS g ON g.pool_id = n.pool_id
GROUP BY g.scope_id, n.period_id
