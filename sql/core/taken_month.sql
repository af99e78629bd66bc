/*
grain = "one row per place and month: seconds for which a seat of the coworking space was taken while the place was open"
kept = true
key = "place_id"
*/
SELECT
    x.place_id,
    x.month,
    sum(x.headcount * x.seconds) AS taken_seconds,
    sum(CASE WHEN x.is_observed THEN x.headcount * x.seconds ELSE 0 END) AS observed_seconds,
    sum(x.number) AS key
FROM (
    SELECT
        t.place_id,
        CAST(date_trunc('month', t.day) AS DATE) AS month,
        v.headcount,
        v.is_observed,
        v.number,
        -- whole seconds, as `date_diff` counts them: with a time zone it is dear
        CAST(
            floor(epoch(least(v.checked_out_at, t.closes_at)))
            - floor(epoch(greatest(v.checked_in_at, t.opens_at))) AS BIGINT
        ) AS seconds
    FROM registry.open_slot AS t
    INNER JOIN (
        -- a stay lasts a day at most: who is there on a day came on it or on the eve
        SELECT
            c.place_id,
            c.day,
            c.checked_in_at,
            c.checked_out_at,
            c.headcount,
            c.is_observed,
            c.number
        FROM core.visit AS c
        WHERE c.space_code = 'coworking'
        UNION ALL
        SELECT
            e.place_id,
            CAST(e.day + INTERVAL 1 DAY AS DATE) AS day,
            e.checked_in_at,
            e.checked_out_at,
            e.headcount,
            e.is_observed,
            e.number
        FROM core.visit AS e
        WHERE
            e.space_code = 'coworking'
            AND CAST(e.checked_out_local AS DATE) > e.day
    ) AS v
        ON
            v.place_id = t.place_id
            AND v.day = t.day
            AND v.checked_in_at < t.closes_at
            AND v.checked_out_at > t.opens_at
) AS x
GROUP BY x.place_id, x.month
