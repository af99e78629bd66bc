/*
label = { fr = "Part des accompagnements collectifs", en = "Share of group accompaniments" }
area = "cohesion"
unit = "share"
direction = "neutral"
definition.fr = "Part des accompagnements donnés en groupe, parmi ceux dont on sait s'ils étaient individuels, collectifs ou à distance."
definition.en = "Share of the accompaniments given in a group, among those known to be individual, in a group or remote."
formula.fr = "Somme des effectifs des usages collectifs de France services, de médiation numérique et d'incubation ÷ somme des effectifs de ceux de mode connu."
formula.en = "Sum of the headcounts of group uses of France services, digital mediation and incubation ÷ sum of the headcounts of those of a known mode."
source = "La Coop de la médiation numérique (accompagnements individuels et collectifs)"
caveats.fr = [
    "Compte des accompagnements, non des séances : un atelier de six pèse six fois une demande.",
    "Un accompagnement de mode inconnu n'entre pas dans le calcul.",
    "Ni plus haut ni plus bas n'est mieux : cela dit comment le lieu travaille.",
]
caveats.en = [
    "Accompaniments are counted, not sessions: a workshop of six weighs six times a demand.",
    "An accompaniment of unknown mode is left out.",
    "Neither higher nor lower is better: it says how the place works.",
]
counts_people = false
services = ["france_services", "mediation_numerique", "incubation"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "a workshop of six and two single demands: six of eight, not one of three"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | headcount | mode       | evidence
p1       |            | 2026-01-05 14:00 | mediation_numerique | 6         | collectif  | declared
p1       | a          | 2026-01-06 10:00 | france_services     | 1         | individuel | seen
p1       | b          | 2026-01-07 10:00 | incubation          | 1         | a_distance | seen
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 6         | 8           |         | 0.75  | ok     | 0.25
"""

[[examples]]
name = "one person alone: a share of zero"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | mode
p1       | a          | 2026-01-05 10:00 | france_services | individuel
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
"""

[[examples]]
name = "nobody was helped: no share, and that is not zero"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | mode
p1       | a          | 2026-02-05 10:00 | france_services | individuel
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 0         |             |       | ok
p2       | 2026-01   | 0         |             |       | not_applicable
"""

[[examples]]
name = "an unknown mode counts on neither side, even with a group of ten"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | headcount | mode
p1       |            | 2026-01-05 14:00 | mediation_numerique | 10        |
p1       |            | 2026-01-06 14:00 | mediation_numerique | 3         | collectif
p1       | a          | 2026-01-07 14:00 | mediation_numerique | 1         | individuel
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 3         | 4           | 0.75
"""

[[examples]]
name = "a room and a training for groups are no accompaniments"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | headcount | mode
p1       |            | 2026-01-05 14:00 | salle           | 30        | collectif
p1       |            | 2026-01-05 14:00 | formation       | 12        | collectif
p1       | a          | 2026-01-05 14:00 | france_services | 1         | individuel
"""
expect = """
scope_id       | period_id | numerator | denominator | value
p1             | 2026-01   | 0         | 1           | 0
departement:02 | 2026-01   | 0         | 1           | 0
"""

[[examples]]
name = "midnight in Paris parts two months; the quarter is their sum, not the mean of their shares"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | headcount | mode
p1       |            | 2026-01-31 23:59 | mediation_numerique | 9         | collectif
p1       | a          | 2026-02-01 00:00 | mediation_numerique | 1         | individuel
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 9         | 9           | 1
p1       | 2026-02   | 0         | 1           | 0
p1       | 2026-T1   | 9         | 10          | 0.9
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    'all' AS breakdown,
    'all' AS category,
    sum(CASE WHEN u.category = 'collectif' THEN u.headcount ELSE 0 END) AS numerator,
    sum(u.headcount) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    sum(u.observed_headcount) AS observed,
    sum(CASE WHEN u.category = 'collectif' THEN u.key END) AS numerator_key,
    sum(u.key) AS base_key
FROM core.usage_month AS u
INNER JOIN core.period_month AS m ON m.month = u.month
INNER JOIN core.scope AS s ON s.place_id = u.place_id
WHERE
    u.service_code IN ('france_services', 'mediation_numerique', 'incubation')
    AND u.breakdown = 'mode'
    AND u.category <> 'non_communique'
GROUP BY s.scope_id, m.period_id
