/*
grain = "one row per batch, source and day that the batch proves, of the days for which the source speaks"
kind = "view"
kept = true
*/
SELECT
    l.batch_id,
    l.place_id,
    l.feed,
    l.source_id,
    l.day,
    l.is_recorded
FROM ledger.proof AS l
INNER JOIN registry.source AS s ON s.place_id = l.place_id AND s.source_id = l.source_id
WHERE l.day BETWEEN coalesce(s.from_day, l.day) AND coalesce(s.until_day, l.day)
