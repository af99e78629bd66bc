/*
grain = "one row per exit from insertion: a contract that lasted long enough and ended, while no other with the same employer went on or followed soon"
only.is_insertion = ["true"]
*/
SELECT
    j.place_id,
    j.worker,
    j.left_on AS ended_on,
    j.exit_reason
FROM core.job AS j
INNER JOIN registry.coefficient AS d ON d.name = 'exit_min_stay_days'
INNER JOIN registry.coefficient AS g ON g.name = 'exit_gap_days'
LEFT JOIN core.job AS n
    ON
        n.place_id = j.place_id
        AND n.worker = j.worker
        AND coalesce(n.employer_siret, '') = coalesce(j.employer_siret, '')
        AND (
            (
                coalesce(n.left_on, DATE '9999-12-31') > j.left_on
                AND date_diff('day', j.left_on, n.signed_on) <= g.value
            )
            -- two that end together are one exit, of which the one that began last tells
            OR (
                n.left_on = j.left_on
                AND n.is_insertion
                AND n.ended_before = date_add(n.left_on, INTERVAL 1 DAY)
                AND date_diff('day', n.signed_on, n.left_on) + 1 >= d.value
                AND (
                    n.signed_on > j.signed_on
                    OR (
                        n.signed_on = j.signed_on
                        AND n.source_id || '/' || n.record_id > j.source_id || '/' || j.record_id
                    )
                )
            )
        )
WHERE
    j.is_insertion
    -- an end after the days of its source is for the next source to tell
    AND j.ended_before = date_add(j.left_on, INTERVAL 1 DAY)
    AND date_diff('day', j.signed_on, j.left_on) + 1 >= d.value
    AND n.worker IS NULL
