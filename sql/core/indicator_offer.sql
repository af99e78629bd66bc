/*
grain = "one row per indicator of a service and place that offers such a service"
*/
SELECT DISTINCT i.indicator_id, o.place_id
FROM registry.indicator_service AS i
INNER JOIN registry.offer AS o ON o.service_code = i.service_code
