/*
grain = "one row per person known at more than one place; none where each place has a key of its own"
*/
SELECT e.person_key
FROM (
    SELECT v.place_id, v.person_key
    FROM core.visit AS v
    UNION ALL
    SELECT u.place_id, u.person_key
    FROM core.usage AS u
) AS e
INNER JOIN registry.run AS r ON r.person_key = 'network'
WHERE e.person_key IS NOT NULL
GROUP BY e.person_key
HAVING min(e.place_id) < max(e.place_id)
