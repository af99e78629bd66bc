/*
grain = "one row per period and month that it holds"
*/
SELECT
    p.period_id,
    m.starts_on AS month
FROM registry.period AS p
INNER JOIN registry.period AS m
    ON m.period_type = 'month' AND m.starts_on >= p.starts_on AND m.starts_on < p.ends_before
