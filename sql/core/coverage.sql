/*
grain = "one row per place, feed, source and month: days expected, and days that a delivery proves"
kept = true
key = "place_id"
*/
SELECT
    e.place_id,
    e.feed,
    e.source_id,
    CAST(date_trunc('month', e.day) AS DATE) AS month,
    count(*) AS expected_days,
    count(p.day) AS recorded_days,
    min(p.day) AS first_recorded_on,
    max(p.day) AS last_recorded_on
FROM (
    SELECT s.place_id, s.feed, s.source_id, d.day
    FROM registry.source AS s
    INNER JOIN registry.open_day AS d ON d.place_id = s.place_id
    WHERE
        s.coverage <> 'days_with_presence'
        AND d.day BETWEEN coalesce(s.from_day, d.day) AND coalesce(s.until_day, d.day)
    UNION ALL
    -- a register of meetings is expected on the days of its meetings alone
    SELECT DISTINCT l.place_id, l.feed, l.source_id, l.day
    FROM core.proof AS l
    INNER JOIN registry.source AS s ON s.place_id = l.place_id AND s.source_id = l.source_id
    WHERE s.coverage = 'days_with_presence'
) AS e
LEFT JOIN (
    SELECT DISTINCT l.place_id, l.feed, l.source_id, l.day
    FROM core.proof AS l
    WHERE l.is_recorded
) AS p
    ON
        p.place_id = e.place_id
        AND p.feed = e.feed
        AND p.source_id = e.source_id
        AND p.day = e.day
GROUP BY e.place_id, e.feed, e.source_id, CAST(date_trunc('month', e.day) AS DATE)
