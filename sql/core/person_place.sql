/*
grain = "one row per place, person and period, rolled up from the months"
*/
SELECT
    m.place_id,
    t.period_id,
    m.person_key,
    sum(m.visits) AS visits,
    sum(m.visit_days) AS visit_days,
    sum(m.uses) AS uses,
    bool_or(m.is_observed) AS is_observed,
    bool_or(m.is_seen_visiting) AS is_seen_visiting,
    max(m.age_on_day) AS age_on_day,
    max(m.gender_on_day) AS gender_on_day,
    max(m.status_on_day) AS status_on_day,
    max(m.home_on_day) AS home_on_day,
    -- months follow each other, so the earliest known previous visit is that of the first month
    coalesce(
        date_diff('day', min(m.previous_visit_on), t.starts_on) BETWEEN 1 AND w.value, FALSE
    ) AS is_returning
FROM core.person_month AS m
INNER JOIN core.period_month AS p ON p.month = m.month
INNER JOIN core.period AS t ON t.period_id = p.period_id
INNER JOIN registry.coefficient AS w ON w.name = 'returning_window_days'
GROUP BY m.place_id, t.period_id, t.starts_on, m.person_key, w.value
