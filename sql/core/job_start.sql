/*
grain = "one row per job that began: the first contract of a person with an employer at a place, after no other or after a gap"
*/
SELECT DISTINCT
    j.place_id,
    j.worker,
    j.employer,
    j.signed_on AS started_on
FROM (
    SELECT
        c.place_id,
        c.worker,
        coalesce(c.employer_siret, '') AS employer,
        c.started_on,
        c.signed_on,
        -- a contract without an end covers every later one; contracts of one day begin together
        max(coalesce(c.left_on, DATE '9999-12-31')) OVER (
            PARTITION BY c.place_id, c.worker, coalesce(c.employer_siret, '')
            ORDER BY c.signed_on
            RANGE BETWEEN UNBOUNDED PRECEDING AND INTERVAL 1 DAY PRECEDING
        ) AS covered_until
    FROM core.job AS c
) AS j
INNER JOIN registry.coefficient AS g ON g.name = 'job_gap_days'
-- what began before the days of its source began there, not with the source
WHERE
    j.started_on = j.signed_on
    AND (j.covered_until IS NULL OR date_diff('day', j.covered_until, j.signed_on) > g.value)
