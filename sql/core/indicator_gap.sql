/*
grain = "one row per indicator, place and month with open days for which none of its sources speaks"
*/
SELECT
    n.indicator_id,
    d.place_id,
    CAST(date_trunc('month', d.day) AS DATE) AS month,
    count(*) AS days
FROM (
    -- with a source that speaks for every day there is no gap, and no day to look at
    SELECT k.indicator_id, k.place_id
    FROM core.indicator_source AS k
    INNER JOIN registry.indicator AS c ON c.indicator_id = k.indicator_id
    WHERE NOT EXISTS (
        SELECT 1
        FROM registry.source AS a
        INNER JOIN core.indicator_reader AS e
            ON e.place_id = a.place_id AND e.source_id = a.source_id
        WHERE
            e.indicator_id = k.indicator_id
            AND a.place_id = k.place_id
            AND (NOT c.counts_people OR a.has_identity OR a.feed = 'employment')
            AND a.from_day IS NULL
            AND a.until_day IS NULL
    )
) AS n
INNER JOIN registry.open_day AS d ON d.place_id = n.place_id
INNER JOIN registry.indicator AS i ON i.indicator_id = n.indicator_id
WHERE NOT EXISTS (
    SELECT 1
    FROM registry.source AS s
    INNER JOIN core.indicator_reader AS f
        ON f.place_id = s.place_id AND f.source_id = s.source_id
    WHERE
        f.indicator_id = n.indicator_id
        AND s.place_id = d.place_id
        AND (NOT i.counts_people OR s.has_identity OR s.feed = 'employment')
        AND d.day >= coalesce(s.from_day, d.day)
        AND d.day <= coalesce(s.until_day, d.day)
)
GROUP BY n.indicator_id, d.place_id, CAST(date_trunc('month', d.day) AS DATE)
