/*
grain = "one row per period: kilograms of CO2e for each straight kilometre of one direction that a coworking day saves"
*/
SELECT
    d.period_id,
    -- there and back, by road, of those who drive, less what is travelled instead
    2 * d.value * c.value * e.value * (1 - t.value) AS kg_per_km
FROM registry.period_coefficient AS d
INNER JOIN registry.period_coefficient AS c
    ON c.period_id = d.period_id AND c.name = 'car_commuter_share'
INNER JOIN registry.period_coefficient AS e
    ON e.period_id = d.period_id AND e.name = 'car_emission_kg_per_km'
INNER JOIN registry.period_coefficient AS t
    ON t.period_id = d.period_id AND t.name = 'telework_rebound_share'
WHERE d.name = 'road_detour_factor'
