/*
grain = "one row per exit from insertion: a contract that lasted long enough, ended, and was not followed by another"
*/
SELECT
    j.place_id,
    j.worker,
    j.ended_on,
    j.exit_reason
FROM core.job AS j
INNER JOIN registry.coefficient AS d ON d.name = 'exit_min_stay_days'
INNER JOIN registry.coefficient AS g ON g.name = 'exit_gap_days'
LEFT JOIN core.job AS n
    ON
        n.place_id = j.place_id
        AND n.worker = j.worker
        AND coalesce(n.employer_siret, '') = coalesce(j.employer_siret, '')
        AND n.started_on > j.started_on
        AND date_diff('day', j.ended_on, n.started_on) <= g.value
WHERE
    j.is_insertion
    AND j.ended_on IS NOT NULL
    AND date_diff('day', j.started_on, j.ended_on) + 1 >= d.value
    AND n.worker IS NULL
