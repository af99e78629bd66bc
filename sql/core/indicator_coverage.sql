/*
grain = "one row per indicator, place and period: source-days expected and recorded"
*/
SELECT
    f.indicator_id,
    c.place_id,
    p.period_id,
    sum(c.expected_days) AS expected_days,
    sum(c.recorded_days) AS recorded_days
FROM registry.indicator_feed AS f
INNER JOIN core.coverage AS c ON c.feed = f.feed
INNER JOIN core.period_month AS p ON p.month = c.month
GROUP BY f.indicator_id, c.place_id, p.period_id
