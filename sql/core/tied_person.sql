/*
grain = "one row per scope, yearly or convention period and person with a tie: the last known social status (0: unknown)"
*/
SELECT
    g.scope_id,
    s.period_id,
    s.person_key,
    s.status_rank
FROM (
    SELECT a.period_id, a.person_a AS person_key
    FROM core.tie AS a
    UNION
    SELECT b.period_id, b.person_b AS person_key
    FROM core.tie AS b
) AS t
INNER JOIN core.person_period AS s
    ON s.period_id = t.period_id AND s.person_key = t.person_key
INNER JOIN core.scope_pool AS g ON g.pool_id = s.pool_id
