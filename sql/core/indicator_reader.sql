/*
grain = "one row per indicator and source that it reads: of its feeds, those that can say what it counts"
kept = true
*/
SELECT
    f.indicator_id,
    s.place_id,
    s.source_id,
    s.feed
FROM registry.indicator_feed AS f
INNER JOIN registry.source AS s ON s.feed = f.feed
WHERE NOT EXISTS (
    SELECT 1
    FROM registry.indicator_condition AS c
    INNER JOIN registry.source_silence AS n ON n.condition = c.condition
    WHERE
        c.indicator_id = f.indicator_id
        AND c.feed = f.feed
        AND n.place_id = s.place_id
        AND n.source_id = s.source_id
)
