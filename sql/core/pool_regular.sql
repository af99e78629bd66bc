/*
grain = "one row per pool of core.scope_pool and yearly or convention period: people who came on enough days to have a tie, and those who have none in the scope"
kept = true
key = "pool_id"
*/
SELECT
    r.pool_id,
    r.period_id,
    count(*) AS regulars,
    count(*) FILTER (WHERE e.person_key IS NULL) AS untied,
    sum(number_of(r.person_key)) AS key,
    sum(number_of(r.person_key)) FILTER (WHERE e.person_key IS NULL) AS untied_key
FROM (
    SELECT g.place_id AS pool_id, g.place_id AS scope_id, g.period_id, g.person_key
    FROM core.regular AS g
    INNER JOIN registry.coefficient AS n ON n.name = 'tie_min_days'
    LEFT JOIN core.shared_person AS o ON o.person_key = g.person_key
    WHERE g.visit_days >= n.value AND o.person_key IS NULL
    UNION ALL
    SELECT DISTINCT 'shared:' || s.scope_id AS pool_id, s.scope_id, h.period_id, h.person_key
    FROM core.regular AS h
    INNER JOIN registry.coefficient AS m ON m.name = 'tie_min_days'
    INNER JOIN core.shared_person AS q ON q.person_key = h.person_key
    INNER JOIN core.scope AS s ON s.place_id = h.place_id
    WHERE h.visit_days >= m.value
) AS r
LEFT JOIN (
    SELECT a.scope_id, a.period_id, a.person_a AS person_key
    FROM core.scope_tie AS a
    UNION
    SELECT b.scope_id, b.period_id, b.person_b AS person_key
    FROM core.scope_tie AS b
) AS e
    ON e.scope_id = r.scope_id AND e.period_id = r.period_id AND e.person_key = r.person_key
GROUP BY r.pool_id, r.period_id
