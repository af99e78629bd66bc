/*
grain = "one row per place and month: days of people in the coworking space"
kept = true
key = "place_id"
*/
SELECT
    c.place_id,
    c.month,
    count(*) AS days,
    count(*) FILTER (WHERE c.is_observed) AS observed_days,
    sum(c.number) AS key
FROM core.coworking_day AS c
GROUP BY c.place_id, c.month
