/*
grain = "one row per scope and commune of today that its places say they serve, with the people who live in the part served"
*/
-- As in registry.catchment_population: a part of a commune counts as the whole commune, and an
-- arrondissement is left out when its city is there.
SELECT
    d.scope_id,
    d.current_commune_code AS commune_code,
    CASE WHEN d.is_whole THEN w.population ELSE d.district_population END AS population
FROM (
    SELECT
        x.scope_id,
        c.current_commune_code,
        bool_or(c.type <> 'arrondissement') AS is_whole,
        sum(CASE WHEN c.type = 'arrondissement' THEN c.population END) AS district_population
    FROM (
        SELECT DISTINCT s.scope_id, k.commune_code
        FROM registry.catchment AS k
        INNER JOIN core.scope AS s ON s.place_id = k.place_id
    ) AS x
    INNER JOIN registry.commune AS c ON c.commune_code = x.commune_code
    GROUP BY x.scope_id, c.current_commune_code
) AS d
INNER JOIN registry.commune AS w ON w.commune_code = d.current_commune_code
