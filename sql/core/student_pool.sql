/*
grain = "one row per pool of core.scope_pool and yearly or convention period: weeks of campus students, those that they attended, and students counted once"
kept = true
key = "pool_id"
*/
SELECT
    w.pool_id,
    p.period_id,
    count(*) AS weeks,
    count(*) FILTER (WHERE w.has_attended) AS attended_weeks,
    count(*) FILTER (WHERE w.is_observed) AS observed_weeks,
    count(DISTINCT w.person_key) AS students,
    sum(number_of(concat_ws('/', w.place_id, w.person_key, w.monday)))
        FILTER (WHERE w.has_attended) AS attended_key,
    sum(number_of(concat_ws('/', w.place_id, w.person_key, w.monday))) AS key
FROM (
    SELECT a.*, a.place_id AS pool_id
    FROM core.student_week AS a
    LEFT JOIN core.shared_person AS o ON o.person_key = a.person_key
    WHERE o.person_key IS NULL
    UNION ALL
    SELECT b.*, 'shared:' || s.scope_id AS pool_id
    FROM core.student_week AS b
    INNER JOIN core.shared_person AS o ON o.person_key = b.person_key
    INNER JOIN core.scope AS s ON s.place_id = b.place_id
) AS w
-- by dates: the Thursday may lie before the first month of which there is proof
INNER JOIN core.period AS p
    ON
        p.period_type IN ('year', 'convention')
        AND w.month >= p.starts_on
        AND w.month < p.ends_before
GROUP BY w.pool_id, p.period_id
