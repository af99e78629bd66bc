/*
grain = "one row per place, local day and gathering (an activity; without one, a space) of more heads than meet each other"
*/
SELECT
    v.place_id,
    v.day,
    coalesce(v.activity_id, '') AS activity_id,
    CASE
        WHEN v.activity_id IS NULL THEN coalesce(CAST(v.space_code AS VARCHAR), '') ELSE ''
    END AS space,
    sum(v.headcount) AS heads
FROM core.visit AS v
INNER JOIN core.tie_day AS t ON t.day = v.day
INNER JOIN registry.coefficient AS g ON g.name = 'copresence_max_group'
GROUP BY
    v.place_id,
    v.day,
    coalesce(v.activity_id, ''),
    CASE
        WHEN v.activity_id IS NULL THEN coalesce(CAST(v.space_code AS VARCHAR), '') ELSE ''
    END,
    g.value
HAVING sum(v.headcount) > g.value
