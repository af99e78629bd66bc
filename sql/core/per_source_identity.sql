/*
grain = "one row per place and feed in which some people are known by one tool's own identifier only"
*/
SELECT DISTINCT a.place_id, 'attendance' AS feed
FROM core.visit AS a
WHERE a.identity_kind = 'source_id'
UNION ALL
SELECT DISTINCT e.place_id, 'employment' AS feed
FROM core.employment AS e
WHERE e.identity_kind = 'source_id'
UNION ALL
SELECT DISTINCT u.place_id, 'service_usage' AS feed
FROM core.usage AS u
WHERE u.identity_kind = 'source_id'
