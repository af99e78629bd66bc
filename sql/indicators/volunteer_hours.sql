/*
label = { fr = "Heures de bénévolat", en = "Volunteer hours" }
area = "economy"
unit = "hours"
direction = "up"
definition.fr = "Nombre d'heures que des bénévoles ont passées au lieu."
definition.en = "Number of hours that volunteers spent at the place."
formula.fr = "Somme, sur les présences de bénévoles dont le départ est connu, de l'effectif × la durée, dans la période de l'arrivée."
formula.en = "Sum over the presences of volunteers with a known departure of headcount × length, in the period of the arrival."
source = "Commune Mesure (bénévoles) ; ce projet pour la mesure en heures"
caveats.fr = [
    "Une présence sans départ connu n'est pas comptée : le chiffre est un minimum.",
    "Un contrat de bénévole n'est pas une heure de présence, et ces heures ne sont ni emplois ni ETP.",
    "Le bénévolat fait ailleurs ou chez soi n'y est pas.",
]
caveats.en = [
    "A presence without a known departure is left out: the figure is a minimum.",
    "A volunteer's contract is no hour of presence, and these hours are neither jobs nor FTE.",
    "What volunteers do elsewhere or at home is not in it.",
]
counts_people = false
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one person for two hours and a half, and four people for one hour"
given."core.attendance" = """
place_id | person_key | role     | headcount | checked_in_at    | checked_out_at   | evidence
p1       | a          | benevole | 1         | 2026-01-05 09:00 | 2026-01-05 11:30 | seen
p1       |            | benevole | 4         | 2026-01-06 09:00 | 2026-01-06 10:00 | declared
"""
expect = """
scope_id | period_id | numerator | persons | value | status | observed_share
p1       | 2026-01   | 6.5       |         | 6.5   | ok     | 0.3846153846
"""

[[examples]]
name = "no volunteer: zero, whatever users do; a place that is not open has no figure"
given."core.attendance" = """
place_id | person_key | role   | checked_in_at    | checked_out_at
p1       | a          | usager | 2026-01-05 09:00 | 2026-01-05 11:00
p1       | b          | equipe | 2026-01-05 09:00 | 2026-01-05 17:00
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
p4       | 2026-01   | 0         |       | not_open
"""

[[examples]]
name = "a night from January into February is of January, whole; midnight in Paris begins February"
given."core.attendance" = """
place_id | person_key | role     | checked_in_at    | checked_out_at
p1       | a          | benevole | 2026-01-31 23:00 | 2026-02-01 02:00
p1       | a          | benevole | 2026-02-01 00:00 | 2026-02-01 01:00
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 3
p1       | 2026-02   | 1
"""

[[examples]]
name = "without a departure no hour is guessed, and who was expected and did not come gave none"
given."core.attendance" = """
place_id | person_key | role     | attendance_status | checked_in_at    | checked_out_at
p1       | a          | benevole | present           | 2026-01-05 09:00 |
p1       | b          | benevole | absent            | 2026-01-05 09:00 | 2026-01-05 12:00
p1       | c          | benevole | present           | 2026-01-05 09:00 | 2026-01-05 09:45
"""
expect = """
scope_id | period_id | numerator | value
p1       | 2026-01   | 0.75      | 0.75
"""

[[examples]]
name = "a volunteer's contract gives no hour of presence"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes
p1       | 1         | a          | equipe   | BENEVOLE      | 2025-01-01 | 600
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
"""

[[examples]]
name = "in the night in which summer begins, two on the clock are one hour; places add up"
given."core.attendance" = """
place_id | person_key | role     | checked_in_at    | checked_out_at
p1       | a          | benevole | 2026-03-29 01:30 | 2026-03-29 03:30
p2       | b          | benevole | 2026-03-02 09:00 | 2026-03-02 10:00
"""
expect = """
scope_id       | period_id | numerator
p1             | 2026-03   | 1
epci:240200576 | 2026-03   | 2
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    'all' AS breakdown,
    'all' AS category,
    sum(b.seconds) / 3600 AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    sum(b.observed_seconds) / 3600 AS observed,
    sum(b.key) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.volunteer_month AS b
INNER JOIN core.period_month AS m ON m.month = b.month
INNER JOIN core.scope AS s ON s.place_id = b.place_id
GROUP BY s.scope_id, m.period_id
