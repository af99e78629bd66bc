/*
label = { fr = "Permanences de partenaires", en = "Partner sessions" }
area = "economy"
unit = "sessions"
direction = "up"
definition.fr = "Nombre de jours où un partenaire extérieur est venu au lieu, additionné sur tous les partenaires."
definition.en = "Number of days on which an outside partner came to the place, summed over all partners."
formula.fr = "Triplets distincts de lieu, de jour local et de partenaire parmi les présences d'intervenants ; le partenaire est l'activité, sinon la personne, sinon l'enregistrement."
formula.en = "Distinct triples of place, local day and partner among the presences of outside speakers; the partner is the activity, else the person, else the record."
source = "Ce projet, d'après France Tiers-Lieux (partenariats avec des acteurs publics)"
caveats.fr = [
    "Matin et après-midi d'un même partenaire font une permanence ; deux lieux en font deux.",
    "Une activité se nomme par un code qui a un chiffre, comme impots-1.",
    "Deux agents notés sous la même activité font une permanence ; sans activité ni identité, chaque ligne en fait une.",
    "L'effectif de la ligne ne compte pas : trois agents venus ensemble tiennent une permanence.",
]
caveats.en = [
    "Morning and afternoon of one partner make one session; two places make two.",
    "An activity is named by a code with a digit, such as impots-1.",
    "Two agents noted under one activity make one session; without activity or identity each line makes one.",
    "The headcount of the line does not count: three agents who come together hold one session.",
]
counts_people = false
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "the job centre on two days, the tax office on one of them"
given."core.attendance" = """
place_id | record_id | role        | activity_id      | checked_in_at    | evidence
p1       | 1         | intervenant | mission-locale-1 | 2026-01-05 09:00 | seen
p1       | 2         | intervenant | mission-locale-1 | 2026-01-12 09:00 | booked
p1       | 3         | intervenant | impots-1         | 2026-01-12 14:00 | seen
"""
expect = """
scope_id | period_id | numerator | persons | value | status | observed_share
p1       | 2026-01   | 3         |         | 3     | ok     | 0.6666666667
"""

[[examples]]
name = "no partner came: zero, whoever else was there; a place that is not open has no figure"
given."core.attendance" = """
place_id | record_id | person_key | role     | checked_in_at
p1       | 1         | a          | usager   | 2026-01-05 09:00
p1       | 2         | b          | benevole | 2026-01-05 09:00
p1       | 3         | c          | equipe   | 2026-01-05 09:00
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
p4       | 2026-01   | 0         |       | not_open
"""

[[examples]]
name = "morning and afternoon are one session; midnight in Paris parts two"
given."core.attendance" = """
place_id | record_id | role        | activity_id | checked_in_at
p1       | 1         | intervenant | impots-1    | 2026-01-05 09:00
p1       | 2         | intervenant | impots-1    | 2026-01-05 14:00
p1       | 3         | intervenant | impots-1    | 2026-01-31 23:59
p1       | 4         | intervenant | impots-1    | 2026-02-01 00:00
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 2
p1       | 2026-02   | 1
"""

[[examples]]
name = "without an activity the person is the partner; without either, each line is one"
given."core.attendance" = """
place_id | record_id | person_key | role        | activity_id | headcount | checked_in_at
p1       | 1         | a          | intervenant |             | 1         | 2026-01-05 09:00
p1       | 2         | a          | intervenant |             | 1         | 2026-01-05 14:00
p1       | 3         |            | intervenant |             | 3         | 2026-01-05 09:00
p1       | 4         |            | intervenant |             | 1         | 2026-01-05 14:00
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 3
"""

[[examples]]
name = "two agents of one activity hold one session; a cancelled one is none"
given."core.attendance" = """
place_id | record_id | person_key | role        | activity_id | attendance_status | checked_in_at
p1       | 1         | a          | intervenant | impots-1    | present           | 2026-01-05 09:00
p1       | 2         | b          | intervenant | impots-1    | present           | 2026-01-05 09:00
p1       | 3         | c          | intervenant | caf-1       | annule            | 2026-01-05 09:00
p1       | 4         | d          | intervenant | cpam-1      | absent            | 2026-01-05 09:00
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
"""

[[examples]]
name = "one partner at two places on one day makes two sessions of their territory"
given."core.attendance" = """
place_id | record_id | role        | activity_id | checked_in_at
p1       | 1         | intervenant | impots-1    | 2026-01-05 09:00
p2       | 1         | intervenant | impots-1    | 2026-01-05 14:00
p3       | 1         | intervenant | impots-1    | 2026-01-05 14:00
"""
expect = """
scope_id       | period_id | numerator
p2             | 2026-01   | 1
epci:240200576 | 2026-01   | 2
network        | 2026-01   | 3
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    'all' AS breakdown,
    'all' AS category,
    sum(p.sessions) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    sum(p.observed_sessions) AS observed,
    sum(p.key) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.partner_month AS p
INNER JOIN core.period_month AS m ON m.month = p.month
INNER JOIN core.scope AS s ON s.place_id = p.place_id
GROUP BY s.scope_id, m.period_id
