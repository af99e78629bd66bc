/*
grain = "one row per place, person and period, rolled up from the months"
*/
SELECT
    m.place_id,
    t.period_id,
    m.person_key,
    sum(m.visits) AS visits,
    sum(bit_count(m.days_of_visits)) AS visit_days,
    sum(m.uses) AS uses,
    bool_or(m.is_observed) AS is_observed,
    bool_or(m.is_seen_visiting) AS is_seen_visiting,
    bool_or(m.is_seen_using) AS is_seen_using,
    bool_or(m.is_checked_out) AS is_checked_out,
    bool_or(m.is_seen_checked_out) AS is_seen_checked_out,
    bit_or(m.services) AS services,
    max(m.age_on_day) AS age_on_day,
    max(m.gender_on_day) AS gender_on_day,
    max(m.status_on_day) AS status_on_day,
    max(m.home_on_day) AS home_on_day,
    -- months follow each other, so the earliest known previous visit is that of the first month
    coalesce(
        date_diff('day', min(m.previous_visit_on), t.starts_on) BETWEEN 1 AND w.value, FALSE
    ) AS is_returning,
    -- the month before which there is no visit holds the first one
    bool_or(m.visits > 0 AND m.previous_visit_on IS NULL) AS is_new,
    bool_or(m.is_seen_visiting AND m.previous_visit_on IS NULL) AS is_new_and_seen,
    bool_or(
        m.visits > 0
        AND m.previous_visit_on IS NULL
        AND (
            -- a visit-day of the same month, 1 to n days after the first, or the next month's first
            (m.days_of_visits >> day(m.first_visit_on)) & ((1 << CAST(least(n.value, 30) AS BIGINT)) - 1) > 0
            OR coalesce(date_diff('day', m.first_visit_on, m.next_visit_on) <= n.value, FALSE)
        )
    ) AS is_new_and_back
FROM core.person_month AS m
INNER JOIN core.period_month AS p ON p.month = m.month
INNER JOIN core.period AS t ON t.period_id = p.period_id
INNER JOIN registry.coefficient AS w ON w.name = 'returning_window_days'
INNER JOIN registry.coefficient AS n ON n.name = 'newcomer_return_days'
GROUP BY m.place_id, t.period_id, t.starts_on, m.person_key, w.value
