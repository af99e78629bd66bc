/*
grain = "one row per scope and pool of people in it: no person of a scope is in two of its pools, so that people counted in each add up"
*/
-- a pool for those whom one place alone knows, whatever the scope
SELECT s.scope_type, s.scope_id, s.place_id AS pool_id
FROM core.scope AS s
UNION ALL
-- and one of the scope's own, for those whom several places know: of its places one or more
SELECT DISTINCT s.scope_type, s.scope_id, 'shared:' || s.scope_id AS pool_id
FROM core.scope AS s
