/*
grain = "one row per pair of communes that a way of a coworker joins: great-circle kilometres, where both have a position"
*/
SELECT
    w.from_commune,
    w.to_commune,
    2 * r.value * asin(least(1, sqrt(
        power(sin(radians(t.latitude - f.latitude) / 2), 2)
        + cos(radians(f.latitude)) * cos(radians(t.latitude))
        * power(sin(radians(t.longitude - f.longitude) / 2), 2)
    ))) AS km
FROM (
    SELECT m.home_commune AS from_commune, m.work_commune AS to_commune
    FROM core.commuter_month AS m
    UNION
    SELECT m.home_commune AS from_commune, p.commune_code AS to_commune
    FROM core.commuter_month AS m
    INNER JOIN registry.place AS p ON p.place_id = m.place_id
) AS w
INNER JOIN registry.commune AS f ON f.commune_code = w.from_commune
INNER JOIN registry.commune AS t ON t.commune_code = w.to_commune
CROSS JOIN registry.coefficient AS r
WHERE r.name = 'earth_radius_km' AND f.latitude IS NOT NULL AND t.latitude IS NOT NULL
