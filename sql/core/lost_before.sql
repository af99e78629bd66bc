/*
grain = "one row per source and day on which the days of an indicator begin or end: rows, and lost ones, that began before it and that were over before it; none where nothing was lost"
*/
-- What lies in some days is what began before their end, less what was over before they began.
SELECT
    c.place_id,
    c.feed,
    c.source_id,
    c.day,
    c.lost_begun,
    c.lost_over,
    c.rows_begun,
    c.rows_over
FROM (
    SELECT
        e.place_id,
        e.feed,
        e.source_id,
        e.day,
        e.is_counted,
        sum(e.lost_begun) OVER so_far AS lost_begun,
        sum(e.lost_over) OVER so_far AS lost_over,
        sum(e.rows_begun) OVER so_far AS rows_begun,
        sum(e.rows_over) OVER so_far AS rows_over
    FROM (
        SELECT
            l.place_id,
            l.feed,
            l.source_id,
            l.day,
            1 AS is_counted,
            l.lost AS lost_begun,
            0 AS lost_over,
            0 AS rows_begun,
            0 AS rows_over
        FROM core.lost AS l
        UNION ALL
        SELECT
            o.place_id,
            o.feed,
            o.source_id,
            o.until_day AS day,
            1 AS is_counted,
            0 AS lost_begun,
            o.lost AS lost_over,
            0 AS rows_begun,
            0 AS rows_over
        FROM core.lost AS o
        WHERE o.until_day IS NOT NULL
        UNION ALL
        SELECT
            r.place_id,
            r.feed,
            r.source_id,
            r.day,
            1 AS is_counted,
            0 AS lost_begun,
            0 AS lost_over,
            sum(r.begun) AS rows_begun,
            sum(r.over) AS rows_over
        FROM (
            SELECT
                a.place_id,
                'attendance' AS feed,
                a.source_id,
                CAST(a.checked_in_local AS DATE) AS day,
                1 AS begun,
                1 AS over
            FROM core.attendance AS a
            UNION ALL
            SELECT
                u.place_id,
                'service_usage' AS feed,
                u.source_id,
                CAST(u.occurred_local AS DATE) AS day,
                1 AS begun,
                1 AS over
            FROM core.service_usage AS u
            UNION ALL
            SELECT
                k.place_id,
                'employment' AS feed,
                k.source_id,
                k.started_on AS day,
                1 AS begun,
                0 AS over
            FROM core.contract AS k
            UNION ALL
            SELECT
                m.place_id,
                'employment' AS feed,
                m.source_id,
                -- the last day that it is worked
                CAST(m.ended_before - INTERVAL 1 DAY AS DATE) AS day,
                0 AS begun,
                1 AS over
            FROM core.contract AS m
            WHERE m.ended_before IS NOT NULL
        ) AS r
        WHERE EXISTS (SELECT 1 FROM core.lost AS n)
        GROUP BY r.place_id, r.feed, r.source_id, r.day
        UNION ALL
        SELECT
            s.place_id,
            s.feed,
            s.source_id,
            b.day,
            0 AS is_counted,
            0 AS lost_begun,
            0 AS lost_over,
            0 AS rows_begun,
            0 AS rows_over
        FROM registry.source AS s
        CROSS JOIN (
            SELECT w.first_day AS day FROM core.indicator_window AS w
            UNION
            SELECT v.before_day AS day FROM core.indicator_window AS v
        ) AS b
        WHERE EXISTS (SELECT 1 FROM core.lost AS t)
    ) AS e
    WINDOW so_far AS (
        PARTITION BY e.place_id, e.source_id
        -- what begins on a day did not begin before it
        ORDER BY e.day, e.is_counted
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    )
) AS c
WHERE c.is_counted = 0
