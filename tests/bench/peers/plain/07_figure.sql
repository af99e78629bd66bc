CREATE TABLE figure AS
SELECT 'visits' AS indicator, place_id, kind, starts_on, 'all' AS category,
    sum(n) AS numerator, NULL AS denominator
FROM (SELECT place_id, month, sum(headcount) AS n FROM visit GROUP BY ALL) INNER JOIN period USING (month)
GROUP BY ALL
UNION ALL
SELECT 'service_uses', place_id, kind, starts_on, 'all', sum(n), NULL
FROM (SELECT place_id, month, sum(headcount) AS n FROM use GROUP BY ALL) INNER JOIN period USING (month)
GROUP BY ALL
UNION ALL
SELECT 'coworking_days', place_id, kind, starts_on, 'all', sum(n), NULL
FROM (
    SELECT place_id, month, count(DISTINCT (person_key, day)) AS n
    FROM visit WHERE space_code = 'coworking' AND person_key IS NOT NULL
    GROUP BY ALL
) INNER JOIN period USING (month)
GROUP BY ALL
UNION ALL
SELECT 'newcomer_return_90d', place_id, kind, starts_on, 'all',
    count(*) FILTER (is_back), count(*)
FROM newcomer INNER JOIN period USING (month)
GROUP BY ALL
UNION ALL
SELECT 'persons_reached', place_id, kind, starts_on, coalesce(gender, 'all'), count(*), NULL
FROM person_period
GROUP BY GROUPING SETS ((place_id, kind, starts_on), (place_id, kind, starts_on, gender))
UNION ALL
SELECT 'returning_share', place_id, kind, starts_on, coalesce(gender, 'all'),
    count(*) FILTER (is_returning), count(*)
FROM person_period WHERE has_visited
GROUP BY GROUPING SETS ((place_id, kind, starts_on), (place_id, kind, starts_on, gender));
