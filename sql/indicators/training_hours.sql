/*
label = { fr = "Heures-stagiaires", en = "Trainee hours" }
area = "economy"
unit = "hours"
direction = "up"
definition.fr = "Nombre d'heures de formation suivies : une heure suivie par six personnes fait six heures."
definition.en = "Number of hours of training that people followed: one hour followed by six people makes six."
formula.fr = "Somme, sur les usages du service formation, de la durée × l'effectif ÷ 60."
formula.en = "Sum over the uses of the training service of length × headcount ÷ 60."
source = "France Tiers-Lieux (personnes formées) ; heures-stagiaires, comme au bilan pédagogique et financier"
caveats.fr = [
    "Une formation sans durée n'est pas comptée : elle n'est pas supposée.",
    "L'effectif est celui que le lieu a noté, inscrits ou présents selon l'outil ; la part observée le dit.",
    "Ces heures ne disent ni qui a été formé, ni ce qui a été appris.",
]
caveats.en = [
    "A training without a length is left out: none is supposed.",
    "The headcount is what the place noted, enrolled or present as the tool has it; the observed share says so.",
    "These hours say neither who was trained nor what was learnt.",
]
counts_people = false
services = ["formation"]
breakdowns = ["theme", "mode"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "a group of six for three hours and one person for an hour and a half"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | duration_minutes | headcount | mode       | evidence
p1       |            | 2026-01-05 14:00 | formation    | 180              | 6         | collectif  | seen
p1       | a          | 2026-01-06 14:00 | formation    | 90               | 1         | individuel | declared
"""
expect = """
scope_id | period_id | breakdown | category       | numerator | value | status | observed_share
p1       | 2026-01   | all       | all            | 19.5      | 19.5  | ok     | 0.9230769231
p1       | 2026-01   | mode      | collectif      | 18        | 18    | ok     | 1
p1       | 2026-01   | theme     | non_communique | 19.5      | 19.5  | ok     | 0.9230769231
"""

[[examples]]
name = "no training: zero; a place that offers none has no figure"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | duration_minutes
p1       | a          | 2026-02-05 10:00 | formation    | 60
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
p3       | 2026-01   | 0         |       | not_applicable
"""

[[examples]]
name = "a training that begins before midnight on the last day of the month is of that month, whole"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | duration_minutes
p1       | a          | 2026-01-31 23:00 | formation    | 120
p1       | a          | 2026-02-01 00:00 | formation    | 60
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 2
p1       | 2026-02   | 1
"""

[[examples]]
name = "a training without a length is not supposed to have one"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | duration_minutes | headcount
p1       |            | 2026-01-05 14:00 | formation    |                  | 10
p1       |            | 2026-01-12 14:00 | formation    | 60               | 2
p1       |            | 2026-02-12 14:00 | formation    |                  | 8
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 2         | 2
p1       | 2026-02   | 0         | 0
"""

[[examples]]
name = "a quantity in hours does not replace the length, and mediation is not training"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | duration_minutes | quantity | unit
p1       | a          | 2026-01-05 14:00 | formation           | 45               | 1        | heure
p1       | b          | 2026-01-05 14:00 | mediation_numerique | 60               |          |
"""
expect = """
scope_id       | period_id | numerator
p1             | 2026-01   | 0.75
departement:02 | 2026-01   | 0.75
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    u.breakdown,
    u.category,
    sum(u.person_minutes) / 60 AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    sum(u.observed_person_minutes) / 60 AS observed,
    sum(u.minutes_key) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.usage_month AS u
INNER JOIN core.period_month AS m ON m.month = u.month
INNER JOIN core.scope AS s ON s.place_id = u.place_id
WHERE
    u.service_code = 'formation'
    AND u.breakdown IN ('all', 'theme', 'mode')
    AND u.person_minutes IS NOT NULL
GROUP BY s.scope_id, m.period_id, u.breakdown, u.category
