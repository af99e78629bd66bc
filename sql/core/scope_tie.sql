/*
grain = "one row per pool of core.scope_pool, yearly or convention period and pair of people with a tie: of one place, where it alone knows both, else of each scope in which they met"
*/
SELECT
    t.place_id AS pool_id,
    -- where what is known of the two is looked up
    t.place_id AS scope_id,
    t.period_id,
    t.person_a,
    t.person_b
FROM core.tie AS t
LEFT JOIN core.shared_person AS a ON a.person_key = t.person_a
LEFT JOIN core.shared_person AS b ON b.person_key = t.person_b
WHERE a.person_key IS NULL AND b.person_key IS NULL
UNION ALL
SELECT DISTINCT
    'shared:' || s.scope_id AS pool_id,
    s.scope_id,
    t.period_id,
    t.person_a,
    t.person_b
FROM core.tie AS t
INNER JOIN core.scope AS s ON s.place_id = t.place_id
LEFT JOIN core.shared_person AS a ON a.person_key = t.person_a
LEFT JOIN core.shared_person AS b ON b.person_key = t.person_b
WHERE a.person_key IS NOT NULL OR b.person_key IS NOT NULL
