/*
grain = "one row per place, month and way from home to work: coworking days on which it was not travelled"
kept = true
key = "place_id"
*/
-- Few ways for many days: what is costly is computed for each way once.
SELECT
    d.place_id,
    d.month,
    d.home_commune,
    d.work_commune,
    count(*) AS days,
    count(*) FILTER (WHERE d.is_observed) AS observed_days,
    sum(d.number) AS key
FROM core.coworking_day AS d
WHERE d.home_commune IS NOT NULL
GROUP BY d.place_id, d.month, d.home_commune, d.work_commune
