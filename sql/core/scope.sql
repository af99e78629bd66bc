/*
grain = "one row per scope and place in it; a scope is a place, an EPCI, a département or the network"
*/
SELECT 'place' AS scope_type, p.place_id AS scope_id, p.place_id
FROM registry.place AS p
UNION ALL
SELECT 'epci' AS scope_type, 'epci:' || p.epci_code AS scope_id, p.place_id
FROM registry.place AS p
WHERE p.epci_code IS NOT NULL
UNION ALL
SELECT 'departement' AS scope_type, 'departement:' || p.departement_code AS scope_id, p.place_id
FROM registry.place AS p
UNION ALL
SELECT 'network' AS scope_type, 'network' AS scope_id, p.place_id
FROM registry.place AS p
