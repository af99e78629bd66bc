/*
grain = "one row per period: month, quarter, year, convention of a grant; half-open, in the calendar of Europe/Paris"
kept = true
*/
SELECT
    p.period_id,
    p.period_type,
    p.starts_on,
    p.ends_before,
    p.ends_before <= r.today AS is_ended,
    date_diff('day', p.starts_on, p.ends_before) AS days
FROM registry.period AS p
CROSS JOIN registry.run AS r
