/*
grain = "one row per place, person and period (month, quarter, year), rolled up from the months"
*/
SELECT
    m.place_id,
    p.period_id,
    m.person_key,
    sum(m.visits) AS visits,
    sum(m.uses) AS uses,
    -- months follow each other, so the earliest known previous visit is that of the first month
    min(m.previous_visit_on) AS previous_visit_on
FROM core.person_month AS m
INNER JOIN core.period_month AS p ON p.month = m.month
GROUP BY m.place_id, p.period_id, m.person_key
