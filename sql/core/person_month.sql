/*
grain = "one row per place, person and month in which the person came or used a service"
kind = "view"
*/
SELECT
    m.*,
    number_of(m.person_key) AS number,
    -- the last visit of an earlier month; months without a visit do not stand between
    lag(m.last_visit_on IGNORE NULLS) OVER (PARTITION BY m.place_id, m.person_key ORDER BY m.month)
        AS previous_visit_on,
    lead(m.first_visit_on IGNORE NULLS) OVER (PARTITION BY m.place_id, m.person_key ORDER BY m.month)
        AS next_visit_on
FROM (
    SELECT
        e.place_id,
        e.person_key,
        e.month,
        count(*) FILTER (WHERE e.is_visit) AS visits,
        count(*) FILTER (WHERE NOT e.is_visit) AS uses,
        -- one bit a day of the month: two visits on one day are one visit-day
        bit_or(CASE WHEN e.is_visit THEN 1 << (day(e.day) - 1) ELSE 0 END) AS days_of_visits,
        -- one bit a service of the list
        bit_or(CASE WHEN e.service_rank > 0 THEN 1 << (e.service_rank - 1) ELSE 0 END) AS services,
        min(CASE WHEN e.is_visit THEN e.day END) AS first_visit_on,
        max(CASE WHEN e.is_visit THEN e.day END) AS last_visit_on,
        -- one bit a sign that any visit or use gave: 1 observed, 2 seen visiting, 4 seen using,
        -- 8 checked out, 16 seen checked out
        bit_or(
            CASE WHEN e.is_observed THEN CASE WHEN e.is_visit THEN 3 ELSE 5 END ELSE 0 END
            + CASE WHEN e.is_checked_out THEN CASE WHEN e.is_observed THEN 24 ELSE 8 END ELSE 0 END
        ) AS signs_of_month,
        max(e.age_on_day) AS age_on_day,
        max(e.gender_on_day) AS gender_on_day,
        max(e.status_on_day) AS status_on_day,
        max(e.home_on_day) AS home_on_day
    FROM core.person_event AS e
    GROUP BY e.place_id, e.person_key, e.month
) AS m
