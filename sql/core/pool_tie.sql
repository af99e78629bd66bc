/*
grain = "one row per pool of core.scope_pool and yearly or convention period: pairs of people with a tie, those of known social status, and those of two statuses"
kept = true
key = "pool_id"
*/
SELECT
    k.pool_id,
    k.period_id,
    count(*) AS ties,
    count(*) FILTER (WHERE a.status_rank > 0 AND b.status_rank > 0) AS known_ties,
    count(*) FILTER (
        WHERE a.status_rank > 0 AND b.status_rank > 0 AND a.status_rank <> b.status_rank
    ) AS mixed_ties,
    sum(number_of(concat_ws('/', k.person_a, k.person_b))) AS key
FROM core.scope_tie AS k
LEFT JOIN core.tied_person AS a
    ON a.scope_id = k.scope_id AND a.period_id = k.period_id AND a.person_key = k.person_a
LEFT JOIN core.tied_person AS b
    ON b.scope_id = k.scope_id AND b.period_id = k.period_id AND b.person_key = k.person_b
GROUP BY k.pool_id, k.period_id
