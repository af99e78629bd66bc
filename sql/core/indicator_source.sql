/*
grain = "one row per indicator and place that has a source for it"
*/
SELECT
    f.indicator_id,
    s.place_id,
    count(*) AS sources,
    bool_or(s.coverage <> 'days_with_presence') AS has_calendar,
    bool_or(k.place_id IS NOT NULL) AS is_per_source
FROM core.indicator_reader AS f
INNER JOIN registry.indicator AS i ON i.indicator_id = f.indicator_id
-- where no identity is ever taken down, nobody was counted: that is not zero people
INNER JOIN registry.source AS s
    ON
        s.place_id = f.place_id
        AND s.source_id = f.source_id
        AND (NOT i.counts_people OR s.has_identity OR s.feed = 'employment')
LEFT JOIN core.per_source_identity AS k ON k.place_id = s.place_id AND k.feed = s.feed
GROUP BY f.indicator_id, s.place_id
