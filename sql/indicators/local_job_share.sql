/*
label = { fr = "Emplois d'habitants", en = "Jobs of residents" }
area = "economy"
unit = "share"
direction = "up"
definition.fr = "Part des personnes employées par le lieu ou par une structure hébergée, le dernier jour de la période, qui habitent son bassin de vie déclaré."
definition.en = "Share of the people employed by the place or by a hosted organisation, on the last day of the period, who live in its declared catchment."
formula.fr = "Emplois directs et hébergés dont la commune de résidence est dans le bassin du lieu ÷ ceux dont la commune de résidence est connue, le dernier jour de la période."
formula.en = "Direct and hosted jobs whose commune of residence is in the catchment of the place ÷ those whose commune of residence is known, on the last day of the period."
source = "Ce projet, dans l'esprit du multiplicateur local LM3"
caveats.fr = [
    "Ce n'est pas le LM3 : les dépenses des fournisseurs et des salariés ne sont pas connues.",
    "Seuls comptent les lieux qui déclarent leur bassin (catchment_communes).",
    "Une personne employée dans deux lieux compte une fois par lieu.",
]
caveats.en = [
    "This is not LM3: what suppliers and employees spend is not known.",
    "Only places that declare their catchment (catchment_communes) count.",
    "A person employed at two places counts once at each.",
]
counts_people = false
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one of two people lives in the catchment"
given."core.employment" = """
place_id | record_id | person_key | relation           | contract_type | home_commune | started_on | weekly_minutes
p1       | 1         | a          | equipe             | CDI           | 02676        | 2025-01-01 | 2100
p1       | 2         | b          | structure_hebergee | CDI           | 80021        | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 1         | 2           | 0.5   | ok
"""

[[examples]]
name = "where no home is known there is no share"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | home_commune | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           |              | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 0         |             |       | ok
"""

[[examples]]
name = "a contract that ended the day before the last one no longer counts"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | home_commune | started_on | ended_on   | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 02676        | 2025-01-01 | 2026-01-30 | 2100
p1       | 2         | b          | equipe   | CDI           | 80021        | 2025-01-01 | 2026-01-31 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
"""

[[examples]]
name = "a place without a declared catchment says nothing, also in its territories"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | home_commune | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 02676        | 2025-01-01 | 2100
p3       | 1         | b          | equipe   | CDI           | 80021        | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator | value
p3       | 2026-01   | 0         |             |
network  | 2026-01   | 1         | 1           | 1
"""

[[examples]]
name = "two contracts of one person are one person, who lives where the latest known contract says"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | home_commune | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 80021        | 2024-01-01 | 1050
p1       | 2         | a          | equipe   | CDD           | 02720        | 2025-01-01 | 1050
p1       | 3         | a          | equipe   | CDD           |              | 2025-06-01 | 1050
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 1         | 1           | 1
"""

[[examples]]
name = "a home given by the code of a former commune is in the commune that it has become"
given."registry.catchment" = """
place_id | commune_code
p1       | 01033
"""
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | home_commune | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 01018        | 2025-01-01 | 2100
p1       | 2         | b          | equipe   | CDI           | 01091        | 2025-01-01 | 2100
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 2         | 2
"""

[[examples]]
name = "somebody employed at two places is two jobs, and one person"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | home_commune | started_on | weekly_minutes
p1       | 1         | a          | equipe   | CDI           | 02676        | 2025-01-01 | 1050
p2       | 1         | a          | equipe   | CDI           | 02676        | 2025-01-01 | 1050
"""
expect = """
scope_id | period_id | numerator | denominator | persons
network  | 2026-01   | 2         | 2           | 1
"""
*/
SELECT
    w.scope_id,
    w.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(k.place_id) AS numerator,
    count(*) AS denominator,
    count(DISTINCT w.worker) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(number_of(w.worker)) FILTER (WHERE k.place_id IS NOT NULL) AS numerator_key,
    sum(number_of(w.worker)) AS base_key
FROM (
    SELECT
        s.scope_id,
        p.period_id,
        j.place_id,
        j.worker,
        -- the contract that began last tells: the day, then the rank of the commune
        max(date_diff('day', DATE '1900-01-01', j.signed_on) * 65536 + c.rank) % 65536
            AS home_rank
    FROM core.job AS j
    INNER JOIN registry.commune AS c ON c.commune_code = j.home_commune
    INNER JOIN (SELECT DISTINCT d.place_id FROM registry.catchment AS d) AS h
        ON h.place_id = j.place_id
    INNER JOIN core.period AS p
        ON
            j.started_on < p.ends_before
            AND coalesce(j.ended_before, p.ends_before) >= p.ends_before
    INNER JOIN core.scope AS s ON s.place_id = j.place_id
    GROUP BY s.scope_id, p.period_id, j.place_id, j.worker
) AS w
INNER JOIN registry.commune AS c ON c.rank = w.home_rank
-- a part of a commune, or a former one, is in the catchment that has the commune of today
LEFT JOIN (
    SELECT DISTINCT d.place_id, n.current_commune_code
    FROM registry.catchment AS d
    INNER JOIN registry.commune AS n ON n.commune_code = d.commune_code
) AS k
    ON k.place_id = w.place_id AND k.current_commune_code = c.current_commune_code
GROUP BY w.scope_id, w.period_id
