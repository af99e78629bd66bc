/*
grain = "one row per place and month: days of partners who were present"
kept = true
key = "place_id"
*/
SELECT
    p.place_id,
    p.month,
    count(*) AS sessions,
    count(*) FILTER (WHERE p.is_observed) AS observed_sessions,
    sum(number_of(concat_ws('/', p.place_id, p.day, p.partner))) AS key
FROM core.partner_session AS p
GROUP BY p.place_id, p.month
