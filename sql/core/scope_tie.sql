/*
grain = "one row per scope, yearly or convention period and pair of people with a tie at one of its places at least"
*/
SELECT DISTINCT
    s.scope_id,
    t.period_id,
    t.person_a,
    t.person_b
FROM core.tie AS t
INNER JOIN core.scope AS s ON s.place_id = t.place_id
