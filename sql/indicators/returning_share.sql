/*
label = { fr = "Usagers revenants", en = "Returning users" }
area = "cohesion"
unit = "share"
direction = "up"
definition.fr = "Part des usagers de la période qui étaient déjà venus dans les 365 jours avant son début."
definition.en = "Share of the period's users who had already come in the 365 days before it began."
formula.fr = "Usagers de la période vus un jour au moins dans les 365 jours qui précèdent son premier jour ÷ usagers de la période."
formula.en = "Users of the period seen on at least one of the 365 days before its first day ÷ users of the period."
source = "Ce projet"
caveats.fr = [
    "Sans 365 jours d'historique avant la période, la part est trop basse : elle n'est pas calculée (too_early).",
    "Deux venues dans la même période ne font pas un revenant.",
    "Seules les présences comptent, pas les usages de services.",
    "Le retour se voit dans un même lieu.",
]
caveats.en = [
    "Without 365 days of history before the period the share is too low: it is not given (too_early).",
    "Two visits inside the same period do not make a returning user.",
    "Only presences count, not uses of services.",
    "A return is seen at one place.",
]
headline = true
counts_people = true
feeds = ["attendance"]
breakdowns = ["age_band", "gender", "social_status"]
looks_back_days = 365
looks_ahead_days = 0
version = 1

[[examples]]
name = "one of two users had come before"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2025-11-03 10:00
p1       | a          | 2026-01-05 10:00
p1       | b          | 2026-01-05 10:00
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2026-01   | 1         | 2           | 2       | 0.5   | ok
"""

[[examples]]
name = "nobody came: there is no share, and that is not zero"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2025-11-03 10:00
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 0         |             |       | ok
"""

[[examples]]
name = "the 365th day before counts, the 366th does not"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2025-01-01 10:00
p1       | b          | 2024-12-31 10:00
p1       | a          | 2026-01-05 10:00
p1       | b          | 2026-01-05 10:00
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 1         | 2
"""

[[examples]]
name = "a second visit in the same month is not a return, but it is one for the next month"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2026-01-05 10:00
p1       | a          | 2026-01-06 10:00
p1       | a          | 2026-02-02 10:00
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 0         | 1
p1       | 2026-02   | 1         | 1
p1       | 2026-T1   | 0         | 1
"""

[[examples]]
name = "without a year of history the figure waits"
given."core.attendance" = """
place_id | person_key | checked_in_at
p1       | a          | 2024-02-05 10:00
p1       | a          | 2024-03-05 10:00
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2024-03   | 1         | 1           |       | too_early
"""
*/
SELECT
    p.scope_id,
    p.period_id,
    p.breakdown,
    p.category,
    p.returning_visitors AS numerator,
    p.visitors AS denominator,
    p.visitors AS persons,
    p.observed_visitors AS observed,
    p.returning_key AS numerator_key,
    p.visitors_key AS base_key
FROM core.person_cell AS p
WHERE p.visitors > 0
