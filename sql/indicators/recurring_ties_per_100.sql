/*
label = { fr = "Liens récurrents pour 100 usagers", en = "Recurring ties per 100 users" }
area = "cohesion"
unit = "per_hundred"
direction = "up"
definition.fr = "Nombre de paires de personnes présentes ensemble, au même endroit, trois jours au moins sur les 90 derniers de la période, pour 100 usagers."
definition.en = "Pairs of people who were at the same place together on at least three of the last 90 days of the period, per 100 users."
formula.fr = "100 × paires d'usagers identifiés dont les présences se recouvrent d'au moins 15 minutes, dans le même espace ou un espace inconnu, trois jours distincts au moins dans un même lieu pendant les 90 jours avant la fin de la période ÷ usagers identifiés avec une heure de départ pendant la période."
formula.en = "100 × pairs of identified users whose presences overlap by at least 15 minutes, in one space or an unknown one, on at least three distinct days at one place within the 90 days before the end of the period ÷ identified users with a check-out in the period."
source = "Ce projet ; limite nommée par l'indice relationnel des tiers-lieux de l'ANCT et de l'ADEME (RCI-TL)"
caveats.fr = [
    "C'est une occasion de se rencontrer, pas une relation : celle-ci se demande aux personnes.",
    "Sans heure de départ on ne sait pas qui était là ensemble : ces présences ne comptent pas, elles ne sont jamais devinées.",
    "Un rassemblement de plus de 50 personnes (une activité, sinon un espace et un jour) ne fait pas de lien.",
    "Le recouvrement se compte visite par visite : deux fois dix minutes n'en font pas vingt.",
    "Une rencontre est du jour où le second arrive ; une nuit passée ensemble est un jour.",
    "Les jours ne s'ajoutent pas d'un lieu à l'autre.",
    "Un lieu plus grand a plus de paires possibles : ne comparez que des lieux de taille proche.",
]
caveats.en = [
    "It is an opportunity to meet, not a relationship: that must be asked of people.",
    "Without a departure nobody knows who was there together: such presences do not count and are never guessed.",
    "A gathering of more than 50 people (an activity; without one, a space and a day) makes no tie.",
    "Overlap is counted visit by visit: twice ten minutes are not twenty.",
    "A meeting is of the day on which the second arrives; a night spent together is one day.",
    "Days do not add up from place to place.",
    "A larger place has more possible pairs: compare places of similar size only.",
]
counts_people = true
feeds = ["attendance"]
periods = ["year", "convention"]
looks_back_days = 90
looks_back_from = "end"
looks_ahead_days = 0
version = 1

[[examples]]
name = "two people together on three days are one tie; a third came once"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | evidence
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | seen
p1       | b          | 2025-11-03 10:00 | 2025-11-03 11:00 | booked
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 | seen
p1       | b          | 2025-11-04 10:00 | 2025-11-04 11:00 | booked
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 | seen
p1       | b          | 2025-11-05 10:00 | 2025-11-05 11:00 | booked
p1       | c          | 2025-11-05 10:00 | 2025-11-05 11:00 | booked
p1       | d          | 2025-11-05 10:00 |                  | booked
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value         | status | observed_share
p1       | 2025      | 100       | 3           | 3       | 33.3333333333 | ok     | 0.3333333333
"""

[[examples]]
name = "nobody with a departure: no figure; one person alone: no tie"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-11-03 09:00 |
p2       | b          | 2025-11-03 09:00 | 2025-11-03 12:00
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2025      | 0         |             | 0       |       | ok
p2       | 2025      | 0         | 1           | 1       | 0     | ok
"""

[[examples]]
name = "exactly fifteen minutes are enough, fourteen are not, and twice ten are not"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-11-03 09:00 | 2025-11-03 10:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 10:00
p1       | a          | 2025-11-05 09:00 | 2025-11-05 10:00
p1       | b          | 2025-11-03 09:45 | 2025-11-03 11:00
p1       | b          | 2025-11-04 08:00 | 2025-11-04 09:15
p1       | b          | 2025-11-05 09:20 | 2025-11-05 09:35
p1       | c          | 2025-11-03 09:46 | 2025-11-03 11:00
p1       | c          | 2025-11-04 09:46 | 2025-11-04 11:00
p1       | c          | 2025-11-05 08:00 | 2025-11-05 09:10
p1       | c          | 2025-11-05 09:50 | 2025-11-05 11:00
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 100       | 3
"""

[[examples]]
name = "the 90th day before the end counts, the 91st does not; midnight in Paris ends the year"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-10-03 00:00 | 2025-10-03 10:00
p1       | b          | 2025-10-03 00:00 | 2025-10-03 10:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 10:00
p1       | b          | 2025-11-04 09:00 | 2025-11-04 10:00
p1       | a          | 2025-12-31 23:00 | 2026-01-01 01:00
p1       | b          | 2025-12-31 23:59 | 2026-01-01 01:00
p2       | c          | 2025-10-02 23:30 | 2025-10-02 23:59
p2       | d          | 2025-10-02 23:30 | 2025-10-02 23:59
p2       | c          | 2025-11-04 09:00 | 2025-11-04 10:00
p2       | d          | 2025-11-04 09:00 | 2025-11-04 10:00
p2       | c          | 2025-11-05 09:00 | 2025-11-05 10:00
p2       | d          | 2025-11-05 09:00 | 2025-11-05 10:00
p3       | e          | 2025-11-04 09:00 | 2025-11-04 10:00
p3       | f          | 2025-11-04 09:00 | 2025-11-04 10:00
p3       | e          | 2025-11-05 09:00 | 2025-11-05 10:00
p3       | f          | 2025-11-05 09:00 | 2025-11-05 10:00
p3       | e          | 2025-12-31 23:00 | 2026-01-01 01:00
p3       | f          | 2026-01-01 00:00 | 2026-01-01 01:00
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 100       | 2
p2       | 2025      | 0         | 2
p3       | 2025      | 0         | 2
"""

[[examples]]
name = "a stay past midnight meets who comes next day; that day counts, the eve of the window does not"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-10-02 22:00 | 2025-10-03 06:00
p1       | b          | 2025-10-03 00:30 | 2025-10-03 06:00
p1       | a          | 2025-11-04 22:00 | 2025-11-05 06:00
p1       | b          | 2025-11-05 00:30 | 2025-11-05 06:00
p1       | a          | 2025-11-05 22:00 | 2025-11-06 06:00
p1       | b          | 2025-11-06 05:45 | 2025-11-06 07:00
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 100       | 2
"""

[[examples]]
name = "two known spaces are apart, an unknown one is not; two meetings on one day are one day"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | coworking
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 | coworking
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 | coworking
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | fablab
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 | fablab
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 | fablab
p1       | c          | 2025-11-03 09:00 | 2025-11-03 12:00 |
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00 | coworking
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00 |
p1       | d          | 2025-11-03 09:00 | 2025-11-03 10:00 | coworking
p1       | d          | 2025-11-03 10:00 | 2025-11-03 12:00 | coworking
p1       | d          | 2025-11-04 09:00 | 2025-11-04 12:00 | coworking
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 100       | 4
"""

[[examples]]
name = "a gathering of fifty makes ties, one of fifty-one does not, whoever is anonymous or has no departure"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | activity_id | headcount
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | fete        | 1
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | fete        | 1
p1       |            | 2025-11-03 18:00 |                  | fete        | 48
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 |             | 1
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 |             | 1
p1       |            | 2025-11-04 18:00 |                  | fete        | 60
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 |             | 1
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 |             | 1
p2       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | fete        | 1
p2       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | fete        | 1
p2       |            | 2025-11-03 18:00 |                  | fete        | 49
p2       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 |             | 1
p2       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 |             | 1
p2       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 |             | 1
p2       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 |             | 1
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 100       | 2
p2       | 2025      | 0         | 2
"""

[[examples]]
name = "days at two places are never added; one pair with a tie at both is one tie of the territory"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00
p3       | a          | 2025-11-05 09:00 | 2025-11-05 12:00
p3       | b          | 2025-11-05 09:00 | 2025-11-05 12:00
p1       | c          | 2025-11-10 09:00 | 2025-11-10 12:00
p1       | d          | 2025-11-10 09:00 | 2025-11-10 12:00
p1       | c          | 2025-11-11 09:00 | 2025-11-11 12:00
p1       | d          | 2025-11-11 09:00 | 2025-11-11 12:00
p1       | c          | 2025-11-12 09:00 | 2025-11-12 12:00
p1       | d          | 2025-11-12 09:00 | 2025-11-12 12:00
p2       | c          | 2025-11-17 09:00 | 2025-11-17 12:00
p2       | d          | 2025-11-17 09:00 | 2025-11-17 12:00
p2       | c          | 2025-11-18 09:00 | 2025-11-18 12:00
p2       | d          | 2025-11-18 09:00 | 2025-11-18 12:00
p2       | c          | 2025-11-19 09:00 | 2025-11-19 12:00
p2       | d          | 2025-11-19 09:00 | 2025-11-19 12:00
"""
expect = """
scope_id       | period_id | numerator | denominator | value
p1             | 2025      | 100       | 4           | 25
p2             | 2025      | 100       | 2           | 50
epci:240200576 | 2025      | 100       | 4           | 25
network        | 2025      | 100       | 4           | 25
"""

[[examples]]
name = "a convention of one month looks at the same 90 days, but both must have come in that month"
given."registry.period" = """
period_id     | period_type | starts_on  | ends_before
2025-11       | month       | 2025-11-01 | 2025-12-01
2025-12       | month       | 2025-12-01 | 2026-01-01
convention:un | convention  | 2025-12-01 | 2026-01-01
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | c          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00
p1       | a          | 2025-12-01 09:00 | 2025-12-01 12:00
p1       | b          | 2025-12-02 09:00 |
"""
expect = """
scope_id | period_id     | numerator | denominator
p1       | convention:un | 100       | 1
"""
*/
SELECT
    p.scope_id,
    p.period_id,
    'all' AS breakdown,
    'all' AS category,
    100 * coalesce(n.ties, 0) AS numerator,
    p.checked_out AS denominator,
    p.checked_out AS persons,
    p.observed_checked_out AS observed,
    n.key AS numerator_key,
    p.checked_out_key AS base_key
FROM core.person_cell AS p
INNER JOIN core.period AS t ON t.period_id = p.period_id AND t.period_type IN ('year', 'convention')
LEFT JOIN (
    SELECT g.scope_id, x.period_id, sum(x.ties) AS ties, sum(x.key) AS key
    FROM core.pool_tie AS x
    INNER JOIN core.scope_pool AS g ON g.pool_id = x.pool_id
    GROUP BY g.scope_id, x.period_id
) AS n ON n.scope_id = p.scope_id AND n.period_id = p.period_id
WHERE p.breakdown = 'all' AND p.checked_out > 0
