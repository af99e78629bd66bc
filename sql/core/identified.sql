/*
grain = "one row per scope, period and feed: heads, and heads of people who are known"
*/
SELECT
    s.scope_id,
    p.period_id,
    h.feed,
    CAST(sum(h.headcount) AS BIGINT) AS headcount,
    CAST(sum(h.identified_headcount) AS BIGINT) AS identified_headcount
FROM (
    SELECT 'attendance' AS feed, v.place_id, v.month, v.headcount, v.identified_headcount
    FROM core.visit_month AS v
    WHERE v.breakdown = 'all'
    UNION ALL
    SELECT 'service_usage' AS feed, u.place_id, u.month, u.headcount, u.identified_headcount
    FROM core.usage_month AS u
    WHERE u.breakdown = 'all'
) AS h
INNER JOIN core.period_month AS p ON p.month = h.month
INNER JOIN core.scope AS s ON s.place_id = h.place_id
GROUP BY s.scope_id, p.period_id, h.feed
