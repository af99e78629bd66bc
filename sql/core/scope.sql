/*
grain = "one row per scope and place in it: a place, an EPCI, a département, a portfolio or the network"
kept = true
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
SELECT DISTINCT 'portfolio' AS scope_type, 'portfolio:' || f.portfolio_id AS scope_id, f.place_id
FROM registry.portfolio AS f
UNION ALL
SELECT 'network' AS scope_type, 'network' AS scope_id, p.place_id
FROM registry.place AS p
