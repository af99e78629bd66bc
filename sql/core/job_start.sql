/*
grain = "one row per job that began: the first contract of a person with an employer at a place, after no other or after a gap"
*/
SELECT
    j.place_id,
    j.worker,
    j.signed_on AS started_on
FROM (
    SELECT
        c.place_id,
        c.worker,
        c.started_on,
        c.signed_on,
        -- a contract without an end covers every later one
        max(coalesce(c.left_on, DATE '9999-12-31')) OVER (
            PARTITION BY c.place_id, c.worker, coalesce(c.employer_siret, '')
            ORDER BY c.signed_on, c.record_id
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS covered_until
    FROM core.job AS c
) AS j
INNER JOIN registry.coefficient AS g ON g.name = 'job_gap_days'
-- what began before the days of its source began there, not with the source
WHERE
    j.started_on = j.signed_on
    AND (j.covered_until IS NULL OR date_diff('day', j.covered_until, j.signed_on) > g.value)
