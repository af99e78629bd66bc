/*
grain = "one row per indicator, place and period that has a break in its series before its end: the last one"
*/
SELECT
    f.indicator_id,
    b.place_id,
    p.period_id,
    max(b.on_day) AS broken_on
FROM registry.series_break AS b
INNER JOIN core.indicator_reader AS f
    ON f.place_id = b.place_id AND f.source_id = b.to_source
INNER JOIN core.period AS p ON b.on_day < p.ends_before
GROUP BY f.indicator_id, b.place_id, p.period_id
