/*
grain = "one row per source: its last day that a delivery proves, and how many days it is late by its rhythm; without days where nothing is expected of it"
kept = true
key = "place_id"
*/
-- Said in Python too, for the morning that comes between two builds: `flows/operation/lateness.py`.
SELECT
    s.place_id,
    s.source_id,
    max(p.day) AS last_day,
    CASE
        WHEN
            max(l.opened_on) <= max(r.today)
            AND coalesce(max(l.closed_on) >= max(r.today), TRUE)
            AND coalesce(max(s.from_day) <= max(r.today), TRUE)
            AND coalesce(max(s.until_day) >= max(r.today), TRUE)
            THEN greatest(
                0,
                date_diff(
                    'day',
                    -- what never came is as old as the place, or as its own first day
                    coalesce(max(p.day), greatest(max(l.opened_on), max(s.from_day))),
                    max(r.today)
                ) - max(s.late_after_days)
            )
    END AS late_days
FROM registry.source AS s
INNER JOIN registry.place AS l ON l.place_id = s.place_id
CROSS JOIN registry.run AS r
LEFT JOIN core.proof AS p
    ON p.place_id = s.place_id AND p.source_id = s.source_id AND p.is_recorded
GROUP BY s.place_id, s.source_id
