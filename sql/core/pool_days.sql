/*
grain = "one row per pool of core.scope_pool, period and number of days: people who visited on so many"
kept = true
key = "pool_id"
*/
SELECT
    p.pool_id,
    p.period_id,
    p.visit_days,
    count(*) AS persons,
    count(*) FILTER (WHERE p.is_seen_visiting) AS observed_persons,
    sum(p.number) AS key
FROM core.person_period AS p
WHERE p.visits > 0
GROUP BY p.pool_id, p.period_id, p.visit_days
