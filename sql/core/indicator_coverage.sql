/*
grain = "one row per indicator, place and period: source-days expected and recorded"
*/
SELECT
    c.indicator_id,
    c.place_id,
    p.period_id,
    CAST(sum(c.expected_days) AS BIGINT) AS expected_days,
    CAST(sum(c.recorded_days) AS BIGINT) AS recorded_days
FROM (
    SELECT
        f.indicator_id,
        d.place_id,
        d.month,
        d.expected_days,
        d.recorded_days
    FROM core.indicator_reader AS f
    INNER JOIN core.coverage AS d ON d.place_id = f.place_id AND d.source_id = f.source_id
    UNION ALL
    -- a day for which nobody speaks is missing, not empty
    SELECT
        g.indicator_id,
        g.place_id,
        g.month,
        g.days AS expected_days,
        0 AS recorded_days
    FROM core.indicator_gap AS g
) AS c
INNER JOIN core.period_month AS p ON p.month = c.month
GROUP BY c.indicator_id, c.place_id, p.period_id
