/*
grain = "one row per place and person who ever visited it: the first visit-day on record, and whether the person came back soon"
*/
SELECT
    m.place_id,
    m.person_key,
    f.first_visit_on,
    -- in the month of the first visit only a later last visit is a second day
    bool_or(
        date_diff(
            'day',
            f.first_visit_on,
            CASE WHEN m.first_visit_on > f.first_visit_on THEN m.first_visit_on ELSE m.last_visit_on END
        ) BETWEEN 1 AND w.value
    ) AS came_back
FROM core.person_month AS m
INNER JOIN (
    SELECT
        p.place_id,
        p.person_key,
        min(p.first_visit_on) AS first_visit_on
    FROM core.person_month AS p
    WHERE p.visits > 0
    GROUP BY p.place_id, p.person_key
) AS f ON f.place_id = m.place_id AND f.person_key = m.person_key
INNER JOIN registry.coefficient AS w ON w.name = 'newcomer_return_days'
WHERE m.visits > 0
GROUP BY m.place_id, m.person_key, f.first_visit_on
