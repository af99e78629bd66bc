/*
label = { fr = "Réussite campus connecté", en = "Campus success" }
area = "cohesion"
unit = "share"
direction = "up"
definition.fr = "Part des étudiants des campus connectés qui ont validé leur année, parmi ceux dont l'issue est connue."
definition.en = "Share of the students of campus connectés who passed their year, among those whose outcome is known."
formula.fr = "Étudiants avec une issue « année validée » ÷ étudiants avec une issue « année validée », « année non validée » ou « abandonné » notée dans la période."
formula.en = "Students with an outcome 'year passed' ÷ students with an outcome 'year passed', 'year not passed' or 'dropped' noted in the period."
source = "FIED, bilan 2020-2021 des campus connectés (74 à 83 % d'années validées selon le diplôme)"
caveats.fr = [
    "L'année est celle où l'issue est notée : une année universitaire qui finit en juin 2026 compte en 2026.",
    "Un abandon compte comme une année non validée.",
    "Une année validée l'est, même si un échec a été noté la même année (rattrapage).",
    "Les étudiants sans issue notée n'entrent pas dans le calcul.",
    "Un campus a trop peu d'étudiants : le taux n'est donné que pour le réseau et l'année.",
]
caveats.en = [
    "The year is that in which the outcome is noted: an academic year that ends in June 2026 counts in 2026.",
    "A student who dropped out counts as a year not passed.",
    "A year that was passed stays so, even if a failure was noted in the same year (resit).",
    "Students without a noted outcome are left out.",
    "A campus has too few students: the rate is given for the network and the year alone.",
]
counts_people = true
services = ["campus_connecte"]
periods = ["year"]
scopes = ["network"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two of four students passed their year"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome           | evidence
p1       | a          | 2025-06-20 10:00 | campus_connecte | annee_validee     | seen
p1       | b          | 2025-06-20 10:00 | campus_connecte | annee_validee     | declared
p1       | c          | 2025-06-20 10:00 | campus_connecte | annee_non_validee | seen
p1       | d          | 2025-03-20 10:00 | campus_connecte | abandonne         | declared
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
network  | 2025      | 2         | 4           | 4       | 0.5   | ok     | 0.5
"""

[[examples]]
name = "nobody with an outcome: no rate, and that is not zero"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2025-06-20 10:00 | campus_connecte | non_communique
p1       | b          | 2025-06-20 10:00 | campus_connecte |
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
network  | 2025      | 0         |             | 0       |       | ok
"""

[[examples]]
name = "one student who failed in June and passed in September passed"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2025-06-20 10:00 | campus_connecte | annee_non_validee
p1       | a          | 2025-09-20 10:00 | campus_connecte | annee_validee
"""
expect = """
scope_id | period_id | numerator | denominator | value
network  | 2025      | 1         | 1           | 1
"""

[[examples]]
name = "midnight in Paris on new year's eve parts two years"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2024-12-31 23:59 | campus_connecte | annee_non_validee
p1       | a          | 2025-01-01 00:00 | campus_connecte | annee_validee
"""
expect = """
scope_id | period_id | numerator | denominator | value
network  | 2024      | 0         | 1           | 0
network  | 2025      | 1         | 1           | 1
"""

[[examples]]
name = "who drops out weighs like who fails; another service and another outcome do not count"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2025-06-20 10:00 | campus_connecte | annee_validee
p1       | b          | 2025-02-20 10:00 | campus_connecte | abandonne
p1       | c          | 2025-06-20 10:00 | formation       | annee_validee
p1       | d          | 2025-06-20 10:00 | campus_connecte | oriente
"""
expect = """
scope_id | period_id | numerator | denominator | value
network  | 2025      | 1         | 2           | 0.5
"""

[[examples]]
name = "a place has no rate of its own, and one student of two places is one"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2025-06-20 10:00 | campus_connecte | annee_validee
p2       | a          | 2025-06-21 10:00 | campus_connecte | annee_validee
p1       | b          | 2025-06-20 10:00 | campus_connecte | annee_non_validee
"""
expect = """
scope_id | period_id | numerator   | denominator | value
network  | 2025      | 1           | 2           | 0.5
p1       | 2025      | no such row | no such row | no such row
"""
*/
SELECT
    x.scope_id,
    x.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(*) FILTER (WHERE x.has_passed) AS numerator,
    count(*) AS denominator,
    count(*) AS persons,
    count(*) FILTER (WHERE x.is_observed) AS observed,
    sum(number_of(x.person_key)) FILTER (WHERE x.has_passed) AS numerator_key,
    sum(number_of(x.person_key)) AS base_key
FROM (
    SELECT
        s.scope_id,
        m.period_id,
        u.person_key,
        bool_or(u.outcome = 'annee_validee') AS has_passed,
        bool_or(u.is_observed) AS is_observed
    FROM core.usage AS u
    INNER JOIN core.period_month AS m ON m.month = u.month
    INNER JOIN core.period AS p ON p.period_id = m.period_id AND p.period_type = 'year'
    INNER JOIN core.scope AS s ON s.place_id = u.place_id AND s.scope_type = 'network'
    WHERE
        u.service_code = 'campus_connecte'
        AND u.person_key IS NOT NULL
        AND u.outcome IN ('annee_validee', 'annee_non_validee', 'abandonne')
    GROUP BY s.scope_id, m.period_id, u.person_key
) AS x
GROUP BY x.scope_id, x.period_id
