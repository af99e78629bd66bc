/*
grain = "one row per scope with a catchment and period: people in all, of known home, and at home in the catchment"
*/
SELECT
    g.scope_id,
    t.period_id,
    g.population,
    coalesce(n.persons, 0) AS persons,
    coalesce(n.known, 0) AS known,
    coalesce(n.residents, 0) AS residents,
    coalesce(n.observed_residents, 0) AS observed_residents,
    n.residents_key
FROM (
    SELECT k.scope_id, sum(k.population) AS population
    FROM core.scope_catchment AS k
    GROUP BY k.scope_id
) AS g
CROSS JOIN core.period AS t
LEFT JOIN (
    SELECT
        o.scope_id,
        h.period_id,
        CAST(sum(h.persons) AS BIGINT) AS persons,
        CAST(sum(CASE WHEN h.home_rank > 0 THEN h.persons ELSE 0 END) AS BIGINT) AS known,
        CAST(sum(CASE WHEN k.scope_id IS NOT NULL THEN h.persons ELSE 0 END) AS BIGINT) AS residents,
        CAST(sum(CASE WHEN k.scope_id IS NOT NULL THEN h.observed_persons ELSE 0 END) AS BIGINT)
            AS observed_residents,
        sum(CASE WHEN k.scope_id IS NOT NULL THEN h.key END) AS residents_key
    FROM core.person_home AS h
    INNER JOIN core.scope_pool AS o ON o.pool_id = h.pool_id
    LEFT JOIN registry.commune AS c ON c.rank = h.home_rank
    LEFT JOIN core.scope_catchment AS k
        ON k.scope_id = o.scope_id AND k.commune_code = c.current_commune_code
    GROUP BY o.scope_id, h.period_id
) AS n ON n.scope_id = g.scope_id AND n.period_id = t.period_id
