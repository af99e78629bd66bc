/*
grain = "one row per person who may have a tie somewhere; the number stands for the person, as pairs of numbers are quickly compared"
*/
SELECT
    p.person_key,
    row_number() OVER (ORDER BY p.person_key) AS number
FROM (SELECT DISTINCT r.person_key FROM core.regular AS r) AS p
