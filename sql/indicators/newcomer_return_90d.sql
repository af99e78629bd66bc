/*
label = { fr = "Retour des nouveaux à 90 jours", en = "Newcomers back within 90 days" }
area = "cohesion"
unit = "share"
direction = "up"
definition.fr = "Part des nouveaux venus de la période qui sont revenus dans les 90 jours après leur premier jour."
definition.en = "Share of the period's newcomers who came back within 90 days of their first day."
formula.fr = "Usagers dont le premier jour de venue dans un lieu tombe dans la période et qui y reviennent un autre jour, 1 à 90 jours après ÷ usagers dont le premier jour y tombe dans la période."
formula.en = "Users whose first visit-day at a place falls in the period and who come back there on another day, 1 to 90 days later ÷ users whose first day there falls in the period."
source = "Ce projet"
caveats.fr = [
    "Sans un an d'historique tout le monde a l'air nouveau : la part n'est pas calculée (too_early).",
    "Elle n'est connue que 90 jours après la fin de la période.",
    "Deux venues le même jour ne font pas un retour.",
    "On est nouveau dans un lieu : qui change de lieu est nouveau dans le second.",
    "Seules les présences comptent, pas les usages de services.",
]
caveats.en = [
    "Without a year of history everybody looks new: the share is not given (too_early).",
    "It is known only 90 days after the end of the period.",
    "Two visits on one day are no return.",
    "One is new at a place: who goes to another place is new there.",
    "Only presences count, not uses of services.",
]
counts_people = true
feeds = ["attendance"]
looks_back_days = 365
looks_ahead_days = 90
version = 1

[[examples]]
name = "one of two newcomers came back"
given."core.attendance" = """
place_id | person_key | checked_in_at    | evidence
p1       | a          | 2026-01-05 10:00 | seen
p1       | a          | 2026-02-05 10:00 | seen
p1       | b          | 2026-01-05 10:00 | booked
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 1         | 2           | 2       | 0.5   | ok     | 0.5
"""

[[examples]]
name = "nobody new came: no share, even though somebody came"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2025-12-05 10:00
p1       | a          | 2026-01-05 10:00
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 0         |             |       | ok
p1       | 2025-12   | 1         | 1           | 1     | ok
"""

[[examples]]
name = "the 90th day after the first counts, the 91st does not"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 10:00
p1       | a          | 2026-04-05 10:00
p1       | b          | 2026-01-05 10:00
p1       | b          | 2026-04-06 10:00
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 1         | 2
"""

[[examples]]
name = "twice on one day is no return; one minute over midnight in Paris is"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 09:00
p1       | a          | 2026-01-05 18:00
p1       | b          | 2026-01-05 23:59
p1       | b          | 2026-01-06 00:00
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 1         | 2
"""

[[examples]]
name = "without a year of history, or before the 90 days are over, the figure waits"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2024-06-05 10:00
p1       | a          | 2024-06-06 10:00
p1       | b          | 2026-05-05 10:00
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2024-06   | 1         | 1           |       | too_early
p1       | 2026-05   | 0         | 1           |       | too_early
"""

[[examples]]
name = "one is new at each place, and counts once in a territory"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 10:00
p2       | a          | 2026-01-06 10:00
p2       | a          | 2026-01-07 10:00
p1       | b          | 2026-01-05 10:00
p3       | b          | 2026-01-06 10:00
"""
expect = """
scope_id       | period_id | numerator | denominator | value
p1             | 2026-01   | 0         | 2           | 0
p2             | 2026-01   | 1         | 1           | 1
epci:240200576 | 2026-01   | 1         | 2           | 0.5
network        | 2026-01   | 1         | 2           | 0.5
"""
*/
SELECT
    p.scope_id,
    p.period_id,
    'all' AS breakdown,
    'all' AS category,
    p.newcomers_back AS numerator,
    p.newcomers AS denominator,
    p.newcomers AS persons,
    p.observed_newcomers AS observed,
    p.newcomers_back_key AS numerator_key,
    p.newcomers_key AS base_key
FROM core.person_cell AS p
WHERE p.breakdown = 'all' AND p.newcomers > 0
