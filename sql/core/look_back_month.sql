/*
grain = "one row per window (autonomy, tie), period and month with records that may lie in the window before the end of the period"
*/
-- Records are joined by month, then by their exact day: a join on equal months stays cheap.
SELECT
    w.window_name,
    p.period_id,
    p.starts_on,
    p.ends_before,
    w.days,
    m.month
FROM core.period AS p
INNER JOIN (
    SELECT
        CASE c.name WHEN 'tie_window_days' THEN 'tie' ELSE 'autonomy' END AS window_name,
        c.value AS days
    FROM registry.coefficient AS c
    WHERE c.name IN ('tie_window_days', 'autonomy_window_days')
) AS w ON w.window_name = 'autonomy' OR p.period_type IN ('year', 'convention')
INNER JOIN (
    SELECT v.month FROM core.visit_month AS v
    UNION
    SELECT u.month FROM core.usage_month AS u
) AS m
    ON
        m.month < p.ends_before
        -- its last day, or the two after it for a stay that ends past midnight
        AND date_diff('day', m.month, p.ends_before) <= w.days + 33
