/*
grain = "one row per visit of a known person with a check-out, on a day of core.tie_day"
*/
SELECT
    v.place_id,
    v.person_key,
    v.day,
    v.month,
    v.checked_in_at,
    v.checked_out_at,
    -- the last day on which somebody who came later can have been met
    CAST(v.checked_out_local AS DATE) AS left_on,
    v.space_code,
    c.place_id IS NOT NULL AS is_crowded
FROM core.visit AS v
INNER JOIN core.tie_day AS t ON t.day = v.day
LEFT JOIN core.crowd AS c
    ON
        c.place_id = v.place_id
        AND c.day = v.day
        AND c.activity_id = coalesce(v.activity_id, '')
        AND c.space = CASE
            WHEN v.activity_id IS NULL THEN coalesce(CAST(v.space_code AS VARCHAR), '') ELSE ''
        END
WHERE
    v.person_key IS NOT NULL
    AND v.checked_out_at IS NOT NULL
