/*
grain = "one row per source and ended month: how its days arrived, whether they are due, and which share of its rows is refused; none is where nothing was refused anywhere"
kept = true
key = "place_id"
*/
SELECT
    s.place_id,
    s.source_id,
    s.feed,
    m.period_id,
    m.starts_on,
    CASE
        WHEN l.opened_on IS NULL OR l.opened_on >= m.ends_before THEN 'not_open'
        WHEN l.closed_on < m.starts_on THEN 'closed'
        WHEN s.from_day >= m.ends_before OR s.until_day < m.starts_on THEN 'not_used'
        WHEN c.expected_days IS NULL
            AND (o.open_days IS NULL OR s.coverage <> 'days_with_presence') THEN 'no_open_day'
        WHEN coalesce(c.recorded_days, 0) = 0 THEN 'missing'
        WHEN c.recorded_days < c.expected_days THEN 'partial'
        ELSE 'received'
    END AS state,
    coalesce(c.expected_days, 0) AS expected_days,
    coalesce(c.recorded_days, 0) AS recorded_days,
    -- what its rhythm still gives time for is not due; a hole before the last day that came is
    coalesce(
        t.last_day >= CAST(m.ends_before - INTERVAL 1 DAY AS DATE)
        OR date_diff('day', m.ends_before, r.today) + 1 > s.late_after_days,
        TRUE
    ) AS is_due,
    coalesce(
        CAST(e.lost_begun - b.lost_over AS DOUBLE)
        / nullif(e.lost_begun - b.lost_over + e.rows_begun - b.rows_over, 0),
        0
    ) AS lost_share
FROM registry.source AS s
INNER JOIN registry.place AS l ON l.place_id = s.place_id
INNER JOIN core.period AS m ON m.period_type = 'month' AND m.is_ended
CROSS JOIN registry.run AS r
LEFT JOIN core.source_lateness AS t ON t.place_id = s.place_id AND t.source_id = s.source_id
LEFT JOIN (
    SELECT d.place_id, CAST(date_trunc('month', d.day) AS DATE) AS month, count(*) AS open_days
    FROM registry.open_day AS d
    GROUP BY d.place_id, CAST(date_trunc('month', d.day) AS DATE)
) AS o ON o.place_id = s.place_id AND o.month = m.starts_on
LEFT JOIN core.coverage AS c
    ON c.place_id = s.place_id AND c.source_id = s.source_id AND c.month = m.starts_on
LEFT JOIN core.lost_before AS b
    ON b.place_id = s.place_id AND b.source_id = s.source_id AND b.day = m.starts_on
LEFT JOIN core.lost_before AS e
    ON e.place_id = s.place_id AND e.source_id = s.source_id AND e.day = m.ends_before
