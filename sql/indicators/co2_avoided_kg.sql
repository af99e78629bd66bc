/*
label = { fr = "CO2 évité, estimation", en = "CO2 avoided, estimate" }
area = "economy"
unit = "kg"
direction = "up"
definition.fr = "Estimation du CO2 que des coworkers n'ont pas émis en travaillant au lieu plutôt qu'à leur lieu de travail habituel."
definition.en = "Estimate of the CO2 that coworkers did not emit by working at the place rather than at their usual place of work."
formula.fr = "Somme, sur les journées de coworking dont les communes de résidence et de travail sont connues, de max(0, distance domicile-travail − distance domicile-lieu) × 2 × détour routier × part des actifs en voiture × émission par km × (1 − effet rebond)."
formula.en = "Sum over the coworking days with known communes of home and work of max(0, distance from home to work − distance from home to the place) × 2 × road detour × share of commuters by car × emission per km × (1 − rebound)."
source = "ADEME (émission d'une voiture, effet rebond) ; INSEE (part de la voiture) ; le calcul est de ce projet"
caveats.fr = [
    "Une estimation, pas une mesure : ni le moyen de transport ni le trajet d'une personne ne sont connus, seulement ses communes.",
    "Une journée sans commune de travail compte pour zéro : le chiffre dit aussi combien de coworkers l'ont donnée.",
    "Distances entre communes, à vol d'oiseau : dans une même commune, rien n'est évité ; une commune sans position connue compte pour zéro.",
    "Un jour qui allonge le trajet ne retire rien. Ne pas comparer deux lieux par ce chiffre.",
]
caveats.en = [
    "An estimate, no measure: neither a person's means of transport nor route is known, only the communes.",
    "A day without a commune of work counts as zero: the figure also says how many coworkers gave it.",
    "Distances between communes, as the crow flies: within one commune nothing is avoided; a commune without a known position counts as zero.",
    "A day that makes the way longer takes nothing off. Do not compare two places by this figure.",
]
counts_people = false
services = ["coworking"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "somebody of Sissonne who works in Reims comes to Saint-Erme for a day: 28.1 km less, there and back"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | home_commune | usual_work_commune | evidence
p1       | a          | 2026-01-05 09:00 | coworking  | 02720        | 51454              | seen
p1       | b          | 2026-01-05 09:00 | coworking  | 02720        |                    | seen
"""
expect = """
scope_id | period_id | numerator    | persons | value        | status | observed_share
p1       | 2026-01   | 7.1603874786 |         | 7.1603874786 | ok     | 1
"""

[[examples]]
name = "nobody came: zero; a place without coworking has no figure"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | home_commune | usual_work_commune
p1       | a          | 2026-01-05 09:00 | fablab     | 02720        | 51454
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
p4       | 2026-01   | 0         |       | not_open
"""

[[examples]]
name = "twice on one day is one way, and midnight in Paris begins another day and month"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | home_commune | usual_work_commune | evidence
p1       | a          | 2026-01-31 09:00 | coworking  | 02720        | 51454              | booked
p1       | a          | 2026-01-31 23:59 | coworking  | 02720        | 51454              | booked
p1       | a          | 2026-02-01 00:00 | coworking  | 02720        | 51454              | seen
"""
expect = """
scope_id | period_id | numerator     | observed_share
p1       | 2026-01   | 7.1603874786  | 0
p1       | 2026-02   | 7.1603874786  | 1
p1       | 2026-T1   | 14.3207749571 | 0.5
"""

[[examples]]
name = "a place that is farther than work takes nothing off, and another person's way is not lessened"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | home_commune | usual_work_commune
p1       | a          | 2026-01-05 09:00 | coworking  | 02720        | 02720
p1       | b          | 2026-01-05 09:00 | coworking  | 51454        | 02720
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1.1340136802
"""

[[examples]]
name = "anonymous presences, absences and communes without a position count as zero"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | home_commune | usual_work_commune | attendance_status | headcount
p1       |            | 2026-01-05 09:00 | coworking  | 02720        | 51454              | present           | 4
p1       | a          | 2026-01-05 09:00 | coworking  | 02720        | 51454              | absent            | 1
p1       | b          | 2026-01-05 09:00 | coworking  | 02720        | 99999              | present           | 1
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
"""

[[examples]]
name = "two ways noted on one day: the last in the order of the text counts, and only of rows with both communes"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | home_commune | usual_work_commune
p1       | a          | 2026-01-05 09:00 | coworking  | 02720        | 02408
p1       | a          | 2026-01-05 14:00 | coworking  | 02720        | 51454
p1       | a          | 2026-01-05 16:00 | coworking  | 80021        |
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 7.1603874786
"""

[[examples]]
name = "one way is not the same from another place; the territory adds both days up"
given."core.attendance" = """
place_id | person_key | checked_in_at    | space_code | home_commune | usual_work_commune
p1       | a          | 2026-01-05 09:00 | coworking  | 80021        | 02720
p3       | a          | 2026-01-06 09:00 | coworking  | 80021        | 02720
"""
expect = """
scope_id       | period_id | numerator
p1             | 2026-01   | 0.3728143284
departement:80 | 2026-01   | 30.6515182155
network        | 2026-01   | 31.0243325439
"""
*/
SELECT
    s.scope_id,
    p.period_id,
    'all' AS breakdown,
    'all' AS category,
    -- exact, so that the order of the sum never shows in the last digits
    CAST(sum(CAST(c.days * w.saved_km * f.kg_per_km AS DECIMAL(38, 12))) AS DOUBLE) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    CAST(sum(CAST(c.observed_days * w.saved_km * f.kg_per_km AS DECIMAL(38, 12))) AS DOUBLE)
        AS observed,
    sum(c.key) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM core.commuter_month AS c
INNER JOIN core.way_to_work AS w
    ON
        w.place_id = c.place_id
        AND w.home_commune = c.home_commune
        AND w.work_commune = c.work_commune
INNER JOIN core.period_month AS p ON p.month = c.month
INNER JOIN core.commute_factor AS f ON f.period_id = p.period_id
INNER JOIN core.scope AS s ON s.place_id = c.place_id
GROUP BY s.scope_id, p.period_id
