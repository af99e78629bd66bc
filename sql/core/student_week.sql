/*
grain = "one row per place, campus student and ISO week that lies wholly in an enrolment, is over, and has an open day"
*/
SELECT
    w.place_id,
    w.person_key,
    w.monday,
    -- as ISO 8601: a week belongs to the month, and the year, of its Thursday
    CAST(date_trunc('month', date_add(w.monday, INTERVAL 3 DAY)) AS DATE) AS month,
    -- to the microsecond, so that exactly the hours that are asked for are enough
    coalesce(h.microseconds >= w.weekly_minutes * 60000000, FALSE) AS has_attended,
    coalesce(h.is_observed, TRUE) AS is_observed
FROM (
    SELECT DISTINCT
        e.place_id,
        e.person_key,
        o.monday,
        coalesce(p.campus_weekly_minutes, c.value) AS weekly_minutes
    FROM core.usage AS e
    INNER JOIN (
        SELECT DISTINCT d.place_id, CAST(date_trunc('week', d.day) AS DATE) AS monday
        FROM registry.open_day AS d
    ) AS o
        ON
            o.place_id = e.place_id
            AND o.monday >= e.enrolled_from
            AND date_diff('day', o.monday, coalesce(e.enrolled_to, DATE '9999-12-31')) >= 6
    INNER JOIN registry.place AS p ON p.place_id = e.place_id
    INNER JOIN registry.coefficient AS c ON c.name = 'campus_weekly_minutes'
    INNER JOIN registry.run AS r ON date_diff('day', o.monday, r.today) > 6
    WHERE
        e.service_code = 'campus_connecte'
        AND e.person_key IS NOT NULL
        AND e.enrolled_from IS NOT NULL
) AS w
LEFT JOIN (
    SELECT
        v.place_id,
        v.person_key,
        CAST(date_trunc('week', v.day) AS DATE) AS monday,
        -- a visit without a check-out has no length
        sum(date_diff('microsecond', v.checked_in_at, v.checked_out_at)) AS microseconds,
        bool_and(v.is_observed) AS is_observed
    FROM core.visit AS v
    WHERE v.space_code = 'campus_connecte' AND v.person_key IS NOT NULL
    GROUP BY v.place_id, v.person_key, CAST(date_trunc('week', v.day) AS DATE)
) AS h
    ON h.place_id = w.place_id AND h.person_key = w.person_key AND h.monday = w.monday
