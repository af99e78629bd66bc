/*
label = { fr = "Démarches traitées sur place", en = "Resolved on site" }
area = "cohesion"
unit = "share"
direction = "up"
definition.fr = "Part des demandes France services résolues sur place, parmi celles dont la suite est connue."
definition.en = "Share of France services demands resolved on site, among those whose outcome is known."
formula.fr = "Demandes France services de suite « résolue sur place » ÷ demandes France services de suite connue."
formula.en = "France services demands resolved on site ÷ France services demands with a known outcome."
source = "Cour des comptes, rapport 2024 sur France services (82 % des demandes traitées sur place)"
caveats.fr = [
    "Une suite non communiquée n'entre pas dans le calcul.",
    "C'est la suite notée le jour même : une demande à poursuivre peut être résolue plus tard.",
]
caveats.en = [
    "A demand whose outcome was not given is left out.",
    "It is the outcome noted on the day: a demand to be continued may be resolved later.",
]
headline = true
counts_people = false
services = ["france_services"]
breakdowns = ["operator"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "three of four demands were resolved"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2026-01-05 10:00 | france_services | resolu_sur_place
p1       | a          | 2026-01-06 10:00 | france_services | resolu_sur_place
p1       | b          | 2026-01-07 10:00 | france_services | resolu_sur_place
p1       | c          | 2026-01-08 10:00 | france_services | oriente
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value
p1       | 2026-01   | 3         | 4           | 3       | 0.75
"""

[[examples]]
name = "demands without a name count; how many people made them is then not said"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2026-01-05 10:00 | france_services | resolu_sur_place
p1       |            | 2026-01-06 10:00 | france_services | resolu_sur_place
p1       |            | 2026-01-07 10:00 | france_services | oriente
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value
p1       | 2026-01   | 2         | 3           |         | 0.6666666667
"""

[[examples]]
name = "no demand: no rate, and that is not zero"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2026-02-05 10:00 | france_services | oriente
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 0         |             |       | ok
p1       | 2026-02   | 0         | 1           | 0     | ok
"""

[[examples]]
name = "an unknown outcome counts on neither side, nor does another service"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | outcome
p1       | a          | 2026-01-05 10:00 | france_services     | resolu_sur_place
p1       | b          | 2026-01-05 11:00 | france_services     | non_communique
p1       | c          | 2026-01-05 12:00 | france_services     |
p1       | d          | 2026-01-05 13:00 | mediation_numerique | oriente
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 1         | 1           | 1
"""

[[examples]]
name = "a demand to be continued is not resolved, even when the next month resolves it"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2026-01-31 23:59 | france_services | a_poursuivre
p1       | a          | 2026-02-01 00:00 | france_services | resolu_sur_place
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
p1       | 2026-02   | 1         | 1           | 1
p1       | 2026-T1   | 1         | 2           | 0.5
"""

[[examples]]
name = "by operator, and for a territory all demands together, not the mean of two rates"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | operator_code | outcome
p1       | a          | 2026-01-05 10:00 | france_services | cnaf          | resolu_sur_place
p1       | b          | 2026-01-05 11:00 | france_services | cnaf          | resolu_sur_place
p1       | c          | 2026-01-05 12:00 | france_services |               | resolu_sur_place
p2       | d          | 2026-01-05 10:00 | france_services | cnaf          | oriente
"""
expect = """
scope_id       | period_id | breakdown | category       | numerator | denominator | value
p1             | 2026-01   | operator  | cnaf           | 2         | 2           | 1
p1             | 2026-01   | operator  | non_communique | 1         | 1           | 1
departement:02 | 2026-01   | all       | all            | 3         | 4           | 0.75
departement:02 | 2026-01   | operator  | cnaf           | 2         | 3           | 0.6666666667
"""
*/
SELECT
    s.scope_id,
    m.period_id,
    CASE WHEN grouping(u.operator_code) = 0 THEN 'operator' ELSE 'all' END AS breakdown,
    CASE
        WHEN grouping(u.operator_code) = 0
            THEN coalesce(CAST(u.operator_code AS VARCHAR), 'non_communique')
        ELSE 'all'
    END AS category,
    count(*) FILTER (WHERE u.outcome = 'resolu_sur_place') AS numerator,
    count(*) AS denominator,
    -- where demands are anonymous, how many people made them is not known
    CASE WHEN count(u.person_key) = count(*) THEN count(DISTINCT u.person_key) END AS persons,
    count(*) FILTER (WHERE u.is_observed) AS observed,
    sum(u.number) FILTER (WHERE u.outcome = 'resolu_sur_place') AS numerator_key,
    sum(u.number) AS base_key
FROM core.usage AS u
INNER JOIN core.period_month AS m ON m.month = u.month
INNER JOIN core.scope AS s ON s.place_id = u.place_id
WHERE u.service_code = 'france_services' AND u.outcome <> 'non_communique'
GROUP BY GROUPING SETS (
    (s.scope_id, m.period_id),
    (s.scope_id, m.period_id, u.operator_code)
)
