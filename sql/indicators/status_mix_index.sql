/*
label = { fr = "Mixité de statut", en = "Status mix" }
area = "cohesion"
unit = "index"
direction = "up"
definition.fr = "Probabilité que deux personnes accueillies prises au hasard soient de statuts sociaux différents, rapportée à son maximum."
definition.en = "Probability that two people reached, drawn at random, are of different social statuses, compared to its maximum."
formula.fr = "Indice de Blau 1 − Σp² des statuts sociaux connus ÷ (1 − 1/4), son maximum pour quatre statuts ; p est la part d'un statut parmi les personnes de statut connu."
formula.en = "Blau's index 1 − Σp² of the known social statuses ÷ (1 − 1/4), its maximum for four statuses; p is the share of a status among people of known status."
source = "Indice de Blau, rapporté à son maximum ; statuts sociaux de La Coop de la médiation numérique"
caveats.fr = [
    "L'indice n'est pas donné quand le statut est connu pour moins de la moitié des personnes.",
    "Il dit qui vient, pas si les personnes se rencontrent : voir le ratio de liens mixtes.",
    "Quatre statuts seulement : il ne dit rien des revenus ni des métiers.",
    "Le dernier statut connu de la période compte.",
]
caveats.en = [
    "The index is not given where the status is known for fewer than half of the people.",
    "It says who comes, not whether people meet: see the bridging ratio.",
    "Four statuses only: it says nothing of income or trades.",
    "The last known status of the period counts.",
]
counts_people = true
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two statuses, one person in each: a half of three quarters"
given."core.attendance" = """
place_id | person_key | checked_in_at    | social_status | evidence
p1       | a          | 2026-01-05 10:00 | en_emploi     | seen
p1       | b          | 2026-01-05 10:00 | retraite      | booked
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value        | status | observed_share
p1       | 2026-01   | 0.5       | 0.75        | 2       | 0.6666666667 | ok     | 0.5
"""

[[examples]]
name = "nobody came: no index, and that is not zero"
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2026-01   | 0         |             | 0       |       | ok
"""

[[examples]]
name = "one person: no mix; midnight in Paris parts two months, and the last status tells for the quarter"
given."core.attendance" = """
place_id | person_key | checked_in_at    | social_status
p1       | a          | 2026-01-31 23:59 | scolarise
p1       | a          | 2026-02-01 00:00 | en_emploi
p1       | b          | 2026-02-05 10:00 | scolarise
"""
expect = """
scope_id | period_id | numerator | persons | value
p1       | 2026-01   | 0         | 1       | 0
p1       | 2026-02   | 0.5       | 2       | 0.6666666667
p1       | 2026-T1   | 0.5       | 2       | 0.6666666667
"""

[[examples]]
name = "four statuses, equally many: the whole mix"
given."core.attendance" = """
place_id | person_key | checked_in_at    | social_status
p1       | a          | 2026-01-05 10:00 | scolarise
p1       | b          | 2026-01-05 10:00 | sans_emploi
p1       | c          | 2026-01-05 10:00 | en_emploi
p1       | d          | 2026-01-05 10:00 | retraite
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0.75      | 0.75        | 1
"""

[[examples]]
name = "an unknown status is no status; half of them known is enough, less is not"
given."core.attendance" = """
place_id | person_key | checked_in_at    | social_status
p1       | a          | 2026-01-05 10:00 | scolarise
p1       | b          | 2026-01-05 10:00 | retraite
p1       | c          | 2026-01-05 10:00 | non_communique
p1       | d          | 2026-01-05 10:00 |
p1       | a          | 2026-02-05 10:00 | scolarise
p1       | c          | 2026-02-05 10:00 | non_communique
p1       | d          | 2026-02-05 10:00 |
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value
p1       | 2026-01   | 0.5       | 0.75        | 2       | 0.6666666667
p1       | 2026-02   |           | 0.75        | 1       |
"""

[[examples]]
name = "two places without any mix make a mixed network; a use of a service counts as much as a visit"
given."core.attendance" = """
place_id | person_key | checked_in_at    | social_status
p1       | a          | 2026-01-05 10:00 | en_emploi
p1       | a          | 2026-01-06 10:00 | en_emploi
"""
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | social_status
p3       | b          | 2026-01-05 11:00 | fablab       | sans_emploi
"""
expect = """
scope_id | period_id | value
p1       | 2026-01   | 0
p3       | 2026-01   | 0
network  | 2026-01   | 0.6666666667
"""
*/
SELECT
    m.scope_id,
    m.period_id,
    'all' AS breakdown,
    'all' AS category,
    CASE
        WHEN m.known >= (1 - u.value) * m.persons
            THEN
                -- of whole numbers, so that equal shares give exactly the same index
                CAST(m.known * m.known - m.sum_of_squares AS DOUBLE)
                / nullif(m.known * m.known, 0)
    END AS numerator,
    1 - 1 / nullif(n.value, 0) AS denominator,
    m.known AS persons,
    (1 - 1 / nullif(n.value, 0)) * m.observed_known / nullif(m.known, 0) AS observed,
    CAST(NULL AS BIGINT) AS numerator_key,
    m.known_key AS base_key
FROM core.profile_mix AS m
INNER JOIN registry.coefficient AS n ON n.name = 'social_statuses_count'
INNER JOIN registry.coefficient AS u ON u.name = 'unknown_share_max'
WHERE m.breakdown = 'social_status'
