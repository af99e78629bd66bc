/*
grain = "one row per figure of `values.sql`, as it is kept: what millions of them would repeat of few scopes and periods is joined to them"
kind = "view"
kept = true
*/
SELECT
    f.*,
    s.scope_type,
    p.period_type,
    p.starts_on,
    p.ends_before,
    p.is_ended
FROM indicator.figure AS f
INNER JOIN core.period AS p ON p.period_id = f.period_id
INNER JOIN (SELECT DISTINCT c.scope_type, c.scope_id FROM core.scope AS c) AS s
    ON s.scope_id = f.scope_id
