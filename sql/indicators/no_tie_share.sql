/*
label = { fr = "Usagers sans lien récurrent", en = "Users without a recurring tie" }
area = "cohesion"
unit = "share"
direction = "down"
definition.fr = "Part des usagers réguliers qui n'ont eu aucun lien récurrent : venus souvent, jamais trois jours avec la même personne."
definition.en = "Share of regular users who had no recurring tie: they came often, and never on three days with one same person."
formula.fr = "Usagers avec trois jours de présence et d'heure de départ connue au moins dans un même lieu pendant les 90 jours avant la fin de la période, sans lien récurrent ÷ ces usagers."
formula.en = "Users with at least three days of presence with a check-out at one place within the 90 days before the end of the period, who have no recurring tie ÷ these users."
source = "Ce projet ; limite nommée par l'indice relationnel des tiers-lieux de l'ANCT et de l'ADEME (RCI-TL)"
caveats.fr = [
    "Être seul dans les données n'est pas être isolé : on rencontre aussi l'équipe, des groupes anonymes et des personnes sans heure de départ.",
    "Qui vient moins de trois jours n'y est pas : il ne pouvait pas avoir de lien.",
    "Un jour dans un rassemblement de plus de 50 personnes est un jour de venue, mais ne fait pas de lien.",
    "Dans un petit lieu peu fréquenté, la part est haute sans que personne n'y soit mal accueilli.",
    "Un lien dans un des lieux d'un territoire suffit pour ce territoire.",
]
caveats.en = [
    "To be alone in the records is not to be lonely: one also meets staff, anonymous groups and people without a check-out.",
    "Who comes on fewer than three days is not in it: no tie was possible.",
    "A day in a gathering of more than 50 people is a visit-day, but makes no tie.",
    "In a small, quiet place the share is high without anybody being made unwelcome.",
    "A tie at one of the places of a territory is enough for that territory.",
]
counts_people = true
feeds = ["attendance"]
periods = ["year", "convention"]
looks_back_days = 90
looks_back_from = "end"
looks_ahead_days = 0
version = 1

[[examples]]
name = "three regulars, two of whom are there together"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00
p1       | c          | 2025-11-03 14:00 | 2025-11-03 17:00
p1       | c          | 2025-11-04 14:00 | 2025-11-04 17:00
p1       | c          | 2025-11-05 14:00 | 2025-11-05 17:00
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value        | status
p1       | 2025      | 1         | 3           | 3       | 0.3333333333 | ok
"""

[[examples]]
name = "nobody came often enough: no share; two days are not three, nor is a third without a departure"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | a          | 2025-11-04 14:00 | 2025-11-04 17:00
p1       | a          | 2025-11-05 09:00 |
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2025      | 0         |             | 0       |       | ok
"""

[[examples]]
name = "one person, alone on three days, has no tie"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2025      | 1         | 1           | 1
"""

[[examples]]
name = "the 90th day before the end counts, the 91st does not; midnight in Paris parts two days"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-10-03 00:00 | 2025-10-03 12:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | a          | 2025-12-31 23:59 | 2026-01-01 02:00
p1       | b          | 2025-10-02 23:59 | 2025-10-03 12:00
p1       | b          | 2025-11-04 14:00 | 2025-11-04 17:00
p1       | b          | 2025-12-31 23:59 | 2026-01-01 02:00
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00
p1       | c          | 2026-01-01 00:00 | 2026-01-01 02:00
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 1         | 1
"""

[[examples]]
name = "three days in a crowd of fifty-one: all came often, nobody has a tie"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | activity_id | headcount
p1       | a          | 2025-11-03 18:00 | 2025-11-03 22:00 | concert     | 1
p1       | b          | 2025-11-03 18:00 | 2025-11-03 22:00 | concert     | 1
p1       |            | 2025-11-03 18:00 |                  | concert     | 49
p1       | a          | 2025-11-04 18:00 | 2025-11-04 22:00 | concert     | 1
p1       | b          | 2025-11-04 18:00 | 2025-11-04 22:00 | concert     | 1
p1       |            | 2025-11-04 18:00 |                  | concert     | 49
p1       | a          | 2025-11-05 18:00 | 2025-11-05 22:00 | concert     | 1
p1       | b          | 2025-11-05 18:00 | 2025-11-05 22:00 | concert     | 1
p1       |            | 2025-11-05 18:00 |                  | concert     | 49
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2025      | 2         | 2           | 1
"""

[[examples]]
name = "many people, never the same: who meets a different person each day has no tie"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | d          | 2025-11-05 09:00 | 2025-11-05 12:00
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2025      | 1         | 1           | 1
"""

[[examples]]
name = "alone at one place and with somebody at another: a tie of the territory; three days at three places are not a regular"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00
p2       | a          | 2025-11-10 09:00 | 2025-11-10 12:00
p2       | a          | 2025-11-11 09:00 | 2025-11-11 12:00
p2       | a          | 2025-11-12 09:00 | 2025-11-12 12:00
p2       | b          | 2025-11-10 09:00 | 2025-11-10 12:00
p2       | b          | 2025-11-11 09:00 | 2025-11-11 12:00
p2       | b          | 2025-11-12 09:00 | 2025-11-12 12:00
p1       | c          | 2025-11-20 09:00 | 2025-11-20 12:00
p2       | c          | 2025-11-21 09:00 | 2025-11-21 12:00
p3       | c          | 2025-11-22 09:00 | 2025-11-22 12:00
"""
expect = """
scope_id       | period_id | numerator | denominator | value
p1             | 2025      | 1         | 1           | 1
p2             | 2025      | 0         | 2           | 0
epci:240200576 | 2025      | 0         | 2           | 0
network        | 2025      | 0         | 2           | 0
"""
*/
SELECT
    g.scope_id,
    r.period_id,
    'all' AS breakdown,
    'all' AS category,
    sum(r.untied) AS numerator,
    sum(r.regulars) AS denominator,
    sum(r.regulars) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(r.untied_key) AS numerator_key,
    sum(r.key) AS base_key
FROM core.pool_regular AS r
INNER JOIN core.scope_pool AS g ON g.pool_id = r.pool_id
GROUP BY g.scope_id, r.period_id
