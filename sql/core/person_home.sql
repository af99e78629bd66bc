/*
grain = "one row per pool of core.scope_pool, period and commune (0: unknown): people whose last known home it is, counted once"
kept = true
key = "pool_id"
*/
SELECT
    p.pool_id,
    p.period_id,
    p.home_rank,
    count(*) AS persons,
    count(*) FILTER (WHERE p.is_observed) AS observed_persons,
    sum(p.number) AS key
FROM core.person_period AS p
GROUP BY p.pool_id, p.period_id, p.home_rank
