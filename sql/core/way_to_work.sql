/*
grain = "one row per place and way from home to work: straight kilometres that a day at the place saves in one direction, none where a position is unknown"
kept = true
key = "place_id"
*/
SELECT
    w.place_id,
    w.home_commune,
    w.work_commune,
    greatest(0, coalesce(j.km - n.km, 0)) AS saved_km
FROM (
    SELECT DISTINCT m.place_id, m.home_commune, m.work_commune
    FROM core.commuter_month AS m
) AS w
INNER JOIN registry.place AS p ON p.place_id = w.place_id
LEFT JOIN core.commune_distance AS j
    ON j.from_commune = w.home_commune AND j.to_commune = w.work_commune
LEFT JOIN core.commune_distance AS n
    ON n.from_commune = w.home_commune AND n.to_commune = p.commune_code
