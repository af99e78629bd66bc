/*
grain = "one row per indicator and place: the first day from which all its feeds have a record"
*/
SELECT
    g.indicator_id,
    g.place_id,
    max(g.first_recorded_on) AS first_recorded_on
FROM (
    SELECT
        f.indicator_id,
        c.place_id,
        c.feed,
        min(c.first_recorded_on) AS first_recorded_on
    FROM core.indicator_reader AS f
    INNER JOIN core.coverage AS c ON c.place_id = f.place_id AND c.source_id = f.source_id
    GROUP BY f.indicator_id, c.place_id, c.feed
) AS g
GROUP BY g.indicator_id, g.place_id
