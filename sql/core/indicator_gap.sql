/*
grain = "one row per indicator, place and month with open days for which none of its sources speaks"
*/
SELECT
    n.indicator_id,
    d.place_id,
    CAST(date_trunc('month', d.day) AS DATE) AS month,
    count(*) AS days
FROM core.indicator_source AS n
INNER JOIN registry.open_day AS d ON d.place_id = n.place_id
INNER JOIN registry.indicator AS i ON i.indicator_id = n.indicator_id
WHERE NOT EXISTS (
    SELECT 1
    FROM registry.source AS s
    INNER JOIN registry.indicator_feed AS f ON f.feed = s.feed
    WHERE
        f.indicator_id = n.indicator_id
        AND s.place_id = d.place_id
        AND (NOT i.counts_people OR s.has_identity OR s.feed = 'employment')
        AND d.day >= coalesce(s.from_day, d.day)
        AND d.day <= coalesce(s.until_day, d.day)
)
GROUP BY n.indicator_id, d.place_id, CAST(date_trunc('month', d.day) AS DATE)
