/*
grain = "one row per indicator, scope and period whose days, or those that it looks back on, hold a break"
*/
SELECT
    b.indicator_id,
    s.scope_id,
    b.period_id,
    max(b.broken_on) AS broken_on
FROM core.indicator_break AS b
INNER JOIN registry.indicator AS i ON i.indicator_id = b.indicator_id
INNER JOIN core.period AS p ON p.period_id = b.period_id
INNER JOIN core.scope AS s ON s.place_id = b.place_id
WHERE date_diff('day', b.broken_on, p.starts_on) <= i.looks_back_days
GROUP BY b.indicator_id, s.scope_id, b.period_id
