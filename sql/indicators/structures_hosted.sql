/*
label = { fr = "Structures hébergées", en = "Hosted organisations" }
area = "economy"
unit = "organisations"
direction = "up"
definition.fr = "Nombre de structures différentes qui ont travaillé dans le lieu pendant la période."
definition.en = "Number of different organisations that worked at the place during the period."
formula.fr = "SIRET distincts parmi les employeurs hébergés ayant un contrat en cours au moins un jour de la période et les structures qui ont utilisé le coworking ou un atelier partagé."
formula.en = "Distinct SIRETs among hosted employers with a contract running on at least one day of the period and organisations that used the coworking or a shared workshop."
source = "Recensement France Tiers-Lieux (structures hébergées)"
caveats.fr = [
    "Une structure sans SIRET n'est pas comptée.",
    "Ne s'additionne ni entre mois ni entre lieux.",
    "Une association hébergée qui n'emploie personne et ne réserve rien ne laisse pas de trace.",
]
caveats.en = [
    "An organisation without a SIRET is not counted.",
    "Never adds up over months or places.",
    "A hosted association that employs nobody and books nothing leaves no trace.",
]
only.relation = ["structure_hebergee"]
counts_people = false
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "an employer and a coworking organisation are two; the same SIRET seen in both ways is one"
given."core.employment" = """
place_id | record_id | relation           | contract_type | employer_siret | started_on | weekly_minutes
p1       | 1         | structure_hebergee | CDI           | 55210055400013 | 2025-01-01 | 2100
p1       | 2         | structure_hebergee | CDD           | 55210055400013 | 2025-01-01 | 2100
"""
given."core.service_usage" = """
place_id | occurred_at      | service_code    | structure_siret
p1       | 2026-01-05 10:00 | coworking       | 55210055400013
p1       | 2026-01-05 10:00 | atelier_partage | 73282932000074
"""
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 2         | 2     | ok
p1       | 2026-02   | 1         | 1     | ok
"""

[[examples]]
name = "nobody is hosted: zero"
expect = """
scope_id | period_id | numerator | value | status
p1       | 2026-01   | 0         | 0     | ok
"""

[[examples]]
name = "a contract that ends on the first day of the month still counts in it"
given."core.employment" = """
place_id | record_id | relation           | contract_type | employer_siret | started_on | ended_on   | weekly_minutes
p1       | 1         | structure_hebergee | CDI           | 55210055400013 | 2025-01-01 | 2026-02-01 | 2100
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-02   | 1
p1       | 2026-03   | 0
"""

[[examples]]
name = "two places with one organisation have one, and it is one of the network"
given."core.employment" = """
place_id | record_id | relation           | contract_type | employer_siret | started_on | weekly_minutes
p1       | 1         | structure_hebergee | CDI           | 55210055400013 | 2025-01-01 | 2100
p3       | 1         | structure_hebergee | CDI           | 55210055400013 | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
p3       | 2026-01   | 1
network  | 2026-01   | 1
"""

[[examples]]
name = "the team's employer, a room booked and a missing SIRET are no hosted organisation"
given."core.employment" = """
place_id | record_id | relation           | contract_type | employer_siret | started_on | weekly_minutes
p1       | 1         | equipe             | CDI           | 55210055400013 | 2025-01-01 | 2100
p1       | 2         | structure_hebergee | CDI           |                | 2025-01-01 | 2100
"""
given."core.service_usage" = """
place_id | occurred_at      | service_code | structure_siret
p1       | 2026-01-05 10:00 | salle        | 73282932000074
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 0
"""

[[examples]]
name = "a contract counts on the days for which its source speaks"
given."registry.source" = """
place_id | source_id | feed       | coverage | until_day
p1       | tool      | employment | span     | 2026-01-31
"""
given."core.employment" = """
place_id | record_id | relation           | contract_type | employer_siret | started_on | weekly_minutes
p1       | 1         | structure_hebergee | CDI           | 55210055400013 | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator
p1       | 2026-01   | 1
p1       | 2026-02   | 0
"""
*/
SELECT
    s.scope_id,
    h.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(DISTINCT h.siret) AS numerator,
    CAST(NULL AS DOUBLE) AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(DISTINCT number_of(h.siret)) AS numerator_key,
    CAST(NULL AS BIGINT) AS base_key
FROM (
    SELECT e.place_id, p.period_id, e.employer_siret AS siret
    FROM core.contract AS e
    INNER JOIN core.period AS p
        ON
            e.started_on < p.ends_before
            AND coalesce(e.ended_before, p.ends_before) > p.starts_on
    WHERE e.relation = 'structure_hebergee'
    UNION ALL
    SELECT u.place_id, m.period_id, u.structure_siret AS siret
    FROM core.usage AS u
    INNER JOIN core.period_month AS m ON m.month = u.month
    WHERE u.service_code IN ('coworking', 'atelier_partage')
) AS h
INNER JOIN core.scope AS s ON s.place_id = h.place_id
WHERE h.siret IS NOT NULL
GROUP BY s.scope_id, h.period_id
