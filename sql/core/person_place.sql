/*
grain = "one row per place, person and period, rolled up from the months"
*/
SELECT
    g.place_id,
    g.period_id,
    g.person_key,
    g.number,
    g.is_shared,
    g.visits,
    g.visit_days,
    g.uses,
    g.signs,
    g.services,
    g.age_on_day,
    g.gender_on_day,
    g.status_on_day,
    g.home_on_day,
    coalesce(date_diff('day', g.previous_visit_on, t.starts_on) BETWEEN 1 AND w.value, FALSE)
        AS is_returning
FROM (
    SELECT
        m.place_id,
        p.period_id,
        m.person_key,
        max(m.number) AS number,
        bool_or(m.is_shared) AS is_shared,
        CAST(sum(m.visits) AS BIGINT) AS visits,
        CAST(sum(m.visit_days) AS BIGINT) AS visit_days,
        CAST(sum(m.uses) AS BIGINT) AS uses,
        bit_or(m.signs) AS signs,
        bit_or(m.services) AS services,
        max(m.age_on_day) AS age_on_day,
        max(m.gender_on_day) AS gender_on_day,
        max(m.status_on_day) AS status_on_day,
        max(m.home_on_day) AS home_on_day,
        -- months follow each other, so the earliest known previous visit is that of the first month
        min(m.previous_visit_on) AS previous_visit_on
    FROM (
        SELECT
            a.*,
            o.person_key IS NOT NULL AS is_shared,
            bit_count(a.days_of_visits) AS visit_days,
            -- the month before which there is no visit holds the first one: 32 new, 64 new and
            -- seen visiting, 128 new and back within n days
            a.signs_of_month
            + CASE
                WHEN a.visits = 0 OR a.previous_visit_on IS NOT NULL THEN 0
                ELSE
                    32
                    + CASE WHEN a.signs_of_month & 2 > 0 THEN 64 ELSE 0 END
                    -- a visit-day of the same month, 1 to n days after the first, or the next
                    -- month's first
                    + CASE
                        WHEN
                            (a.days_of_visits >> day(a.first_visit_on))
                            & ((1 << CAST(least(n.value, 30) AS BIGINT)) - 1) > 0
                            OR coalesce(
                                date_diff('day', a.first_visit_on, a.next_visit_on) <= n.value, FALSE
                            )
                            THEN 128
                        ELSE 0
                    END
            END AS signs
        FROM core.person_month AS a
        INNER JOIN registry.coefficient AS n ON n.name = 'newcomer_return_days'
        LEFT JOIN core.shared_person AS o ON o.person_key = a.person_key
    ) AS m
    INNER JOIN core.period_month AS p ON p.month = m.month
    GROUP BY m.place_id, p.period_id, m.person_key
) AS g
INNER JOIN core.period AS t ON t.period_id = g.period_id
INNER JOIN registry.coefficient AS w ON w.name = 'returning_window_days'
