/*
label = { fr = "Taux d'occupation du coworking", en = "Coworking occupancy" }
area = "economy"
unit = "share"
direction = "neutral"
definition.fr = "Part des heures-places offertes par le coworking, pendant les heures d'ouverture, qui ont été occupées."
definition.en = "Share of the seat-hours that the coworking offers, during opening hours, that were taken."
formula.fr = "Minutes de présence en espace de coworking pendant les heures d'ouverture × personnes ÷ places × minutes d'ouverture."
formula.en = "Minutes of presence in the coworking space during opening hours × people ÷ seats × minutes of opening."
source = "Ce projet, d'après le taux d'occupation de Cobot"
caveats.fr = [
    "Seuls comptent les lieux qui déclarent leurs places et leurs heures d'ouverture.",
    "Une présence sans départ connu n'occupe rien : le taux est alors trop bas.",
    "Au-delà de 100 %, ce sont les données ou les places déclarées qui sont fausses.",
]
caveats.en = [
    "Only places that declare their seats and opening hours count.",
    "A presence without a known departure takes nothing: the rate is then too low.",
    "Above 100 % the data, or the declared seats, are wrong.",
]
counts_people = false
services = ["coworking"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one person for four of eight hours on one of two seats, every other day of January empty"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code
p2       | a          | 2026-01-05 09:00 | 2026-01-05 13:00 | coworking
"""
given."registry.open_slot" = """
place_id | day        | opens_at         | closes_at
p2       | 2026-01-05 | 2026-01-05 09:00 | 2026-01-05 17:00
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p2       | 2026-01   | 240       | 960         | 0.25  | ok
"""

[[examples]]
name = "nobody: zero, since the seats were offered"
given."registry.open_slot" = """
place_id | day        | opens_at         | closes_at
p2       | 2026-01-05 | 2026-01-05 09:00 | 2026-01-05 17:00
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p2       | 2026-01   | 0         | 960         | 0     | ok
"""

[[examples]]
name = "what is before the opening and after the closing takes no seat"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code
p2       | a          | 2026-01-05 08:00 | 2026-01-05 18:00 | coworking
"""
given."registry.open_slot" = """
place_id | day        | opens_at         | closes_at
p2       | 2026-01-05 | 2026-01-05 09:00 | 2026-01-05 12:00
p2       | 2026-01-05 | 2026-01-05 14:00 | 2026-01-05 17:00
"""
expect = """
scope_id | period_id | numerator | denominator
p2       | 2026-01   | 360       | 720
"""

[[examples]]
name = "without a departure no seat is taken, and another space is none"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code
p2       | a          | 2026-01-05 09:00 |                  | coworking
p2       | b          | 2026-01-05 09:00 | 2026-01-05 11:00 | salle
"""
given."registry.open_slot" = """
place_id | day        | opens_at         | closes_at
p2       | 2026-01-05 | 2026-01-05 09:00 | 2026-01-05 17:00
"""
expect = """
scope_id | period_id | numerator | value
p2       | 2026-01   | 0         | 0
"""

[[examples]]
name = "a place that does not say how many seats it has gives no rate, and its presences none of the network's"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code | headcount
p1       | a          | 2026-01-05 09:00 | 2026-01-05 17:00 | coworking  | 1
p2       |            | 2026-01-05 09:00 | 2026-01-05 13:00 | coworking  | 2
"""
given."registry.open_slot" = """
place_id | day        | opens_at         | closes_at
p2       | 2026-01-05 | 2026-01-05 09:00 | 2026-01-05 17:00
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         |             |
network  | 2026-01   | 480       | 960         | 0.5
"""

[[examples]]
name = "the observed share is that of the time taken: three of four hours were seen, though most seats were empty"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code | evidence
p2       | a          | 2026-01-05 09:00 | 2026-01-05 12:00 | coworking  | seen
p2       | b          | 2026-01-05 09:00 | 2026-01-05 10:00 | coworking  | booked
"""
given."registry.open_slot" = """
place_id | day        | opens_at         | closes_at
p2       | 2026-01-05 | 2026-01-05 09:00 | 2026-01-05 17:00
"""
expect = """
scope_id | period_id | value | observed_share
p2       | 2026-01   | 0.25  | 0.75
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    'all' AS breakdown,
    'all' AS category,
    CAST(coalesce(sum(k.taken_seconds), 0) AS DOUBLE) / 60 AS numerator,
    CAST(sum(o.offered_seconds) AS DOUBLE) / 60 AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    -- the seen part of what was taken, as a part of what was offered
    CAST(sum(o.offered_seconds) AS DOUBLE) / 60 * sum(k.observed_seconds)
    / nullif(sum(k.taken_seconds), 0) AS observed,
    sum(k.key) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM (
    SELECT
        t.place_id,
        CAST(date_trunc('month', t.day) AS DATE) AS month,
        sum(p.seats * CAST(epoch(t.closes_at) - epoch(t.opens_at) AS BIGINT)) AS offered_seconds
    FROM registry.open_slot AS t
    INNER JOIN registry.place AS p ON p.place_id = t.place_id AND p.seats > 0
    GROUP BY t.place_id, CAST(date_trunc('month', t.day) AS DATE)
) AS o
LEFT JOIN core.taken_month AS k ON k.place_id = o.place_id AND k.month = o.month
INNER JOIN core.period_month AS m ON m.month = o.month
INNER JOIN core.scope AS s ON s.place_id = o.place_id
GROUP BY s.scope_id, m.period_id
