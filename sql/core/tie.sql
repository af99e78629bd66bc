/*
grain = "one row per place, yearly or convention period and pair of people (a before b) who met on enough days of its tie window and both came in the period"
*/
SELECT
    a.place_id,
    a.period_id,
    a.person_key AS person_a,
    b.person_key AS person_b
FROM (
    SELECT
        c.number_a,
        c.number_b,
        count(*) AS days
    FROM core.co_presence AS c
    GROUP BY c.number_a, c.number_b
) AS t
INNER JOIN registry.coefficient AS n ON n.name = 'tie_min_days' AND t.days >= n.value
INNER JOIN core.regular AS a ON a.number = t.number_a
INNER JOIN core.regular AS b ON b.number = t.number_b
