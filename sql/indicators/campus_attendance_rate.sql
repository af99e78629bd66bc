/*
label = { fr = "Assiduité campus connecté", en = "Campus attendance" }
area = "cohesion"
unit = "share"
direction = "up"
definition.fr = "Part des semaines d'inscription au campus connecté où l'étudiant est venu le nombre d'heures attendu."
definition.en = "Share of the weeks of enrolment at the campus connecté in which the student came for the hours expected."
formula.fr = "Semaines-étudiant, du lundi au dimanche et entièrement dans une inscription, avec au moins 12 heures de présence à l'espace campus (ou l'exigence déclarée par le lieu) ÷ ces semaines-étudiant. Une semaine compte dans la période de son jeudi."
formula.en = "Student-weeks, from Monday to Sunday and wholly within an enrolment, with at least 12 hours of presence in the campus space (or what the place declares) ÷ these student-weeks. A week counts in the period of its Thursday."
source = "Campus connectés, ministère chargé de l'enseignement supérieur (12 heures de présence par semaine, fied.fr)"
caveats.fr = [
    "Une présence sans heure de départ n'a pas de durée : elle n'ajoute rien, et la part est trop basse là où les départs ne sont pas notés.",
    "Une semaine où le lieu n'ouvre aucun jour n'est pas demandée ; les vacances de l'étudiant le sont.",
    "Une semaine commencée ou quittée en cours d'inscription ne compte pas.",
    "Les heures d'une visite comptent à la semaine de l'arrivée.",
    "L'exigence est celle du lieu, quand il en déclare une autre que 12 heures.",
    "L'inscription et les présences doivent connaître l'étudiant par la même clé.",
]
caveats.en = [
    "A presence without a departure has no length: it adds nothing, and the share is too low where departures are not noted.",
    "A week in which the place does not open is not asked for; the student's holidays are.",
    "A week that is only in part within the enrolment does not count.",
    "The hours of a visit count in the week of its arrival.",
    "What is asked for is what the place declares, where that is not 12 hours.",
    "The enrolment and the presences must know the student by one key.",
]
counts_people = true
feeds = ["attendance", "service_usage"]
services = ["campus_connecte"]
periods = ["year", "convention"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one of two weeks of one student had its twelve hours, to the minute"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | enrolled_from | enrolled_to
p1       | a          | 2025-09-01 10:00 | campus_connecte | 2025-09-01    | 2025-09-14
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code      | evidence
p1       | a          | 2025-09-01 09:00 | 2025-09-01 15:00 | campus_connecte | seen
p1       | a          | 2025-09-02 09:00 | 2025-09-02 15:00 | campus_connecte | seen
p1       | a          | 2025-09-08 09:00 | 2025-09-08 15:00 | campus_connecte | seen
p1       | a          | 2025-09-09 09:00 | 2025-09-09 14:59 | campus_connecte | booked
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2025      | 1         | 2           | 1       | 0.5   | ok     | 0.5
"""

[[examples]]
name = "nobody enrolled: no rate, whoever came; a place without campus has no figure"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code
p1       | a          | 2025-09-01 09:00 | 2025-09-01 22:00 | campus_connecte
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2025      | 0         |             | 0       |       | ok
p3       | 2025      | 0         |             | 0       |       | not_applicable
"""

[[examples]]
name = "only whole weeks count: enrolled from a Tuesday to a Saturday of the second week, none"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | enrolled_from | enrolled_to
p1       | a          | 2025-09-02 10:00 | campus_connecte | 2025-09-02    | 2025-09-13
p1       | b          | 2025-09-02 10:00 | campus_connecte | 2025-09-02    | 2025-09-14
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value
p1       | 2025      | 0         | 1           | 1       | 0
"""

[[examples]]
name = "a presence without a departure adds no hour, nor does another space or an absence"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | enrolled_from | enrolled_to
p1       | a          | 2025-09-01 10:00 | campus_connecte | 2025-09-01    | 2025-09-07
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code      | attendance_status
p1       | a          | 2025-09-01 09:00 | 2025-09-01 19:00 | campus_connecte | present
p1       | a          | 2025-09-02 09:00 |                  | campus_connecte | present
p1       | a          | 2025-09-03 09:00 | 2025-09-03 19:00 | coworking       | present
p1       | a          | 2025-09-04 09:00 | 2025-09-04 19:00 | campus_connecte | absent
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2025      | 0         | 1           | 0
"""

[[examples]]
name = "a week is of the year of its Thursday; hours count where the visit began, on either side of midnight in Paris"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | enrolled_from | enrolled_to
p1       | a          | 2025-12-22 10:00 | campus_connecte | 2025-12-22    | 2026-01-04
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code
p1       | a          | 2025-12-28 23:59 | 2025-12-29 23:59 | campus_connecte
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 1         | 1
p1       | 2026      | 0         | 1
"""

[[examples]]
name = "a place that asks for six hours is judged by six; a second row of one enrolment adds no week"
given."registry.place" = """
place_id | name | commune_code | departement_code | epci_code | opened_on  | campus_weekly_minutes
p1       | p1   | 02676        | 02               | 240200576 | 2020-01-01 | 360
"""
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | enrolled_from | enrolled_to
p1       | a          | 2025-09-01 10:00 | campus_connecte | 2025-09-01    | 2025-09-07
p1       | a          | 2025-09-05 10:00 | campus_connecte | 2025-09-01    | 2025-09-07
p1       | b          | 2025-09-01 10:00 | campus_connecte | 2025-09-01    | 2025-09-07
"""
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | space_code
p1       | a          | 2025-09-01 09:00 | 2025-09-01 15:00 | campus_connecte
p1       | b          | 2025-09-01 09:00 | 2025-09-01 14:59 | campus_connecte
"""
expect = """
scope_id       | period_id | numerator | denominator | persons | value
p1             | 2025      | 1         | 2           | 2       | 0.5
epci:240200576 | 2025      | 1         | 2           | 2       | 0.5
network        | 2025      | 1         | 2           | 2       | 0.5
"""

[[examples]]
name = "an enrolment without an end still lasts, but the week that is not over waits; a week of closure is not asked for"
given."registry.open_day" = """
place_id | day
p1       | 2026-06-15
p1       | 2026-06-29
"""
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | enrolled_from
p1       | a          | 2026-06-15 10:00 | campus_connecte | 2026-06-15
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026      | 0         | 1
"""
*/
SELECT
    g.scope_id,
    w.period_id,
    'all' AS breakdown,
    'all' AS category,
    sum(w.attended_weeks) AS numerator,
    sum(w.weeks) AS denominator,
    sum(w.students) AS persons,
    sum(w.observed_weeks) AS observed,
    sum(w.attended_key) AS numerator_key,
    sum(w.key) AS base_key
FROM core.student_pool AS w
INNER JOIN core.scope_pool AS g ON g.pool_id = w.pool_id
GROUP BY g.scope_id, w.period_id
