/*
grain = "one row per place, yearly or convention period and person with check-outs on enough days of its tie window to have a tie; the number stands for the row"
*/
SELECT
    r.place_id,
    r.period_id,
    r.person_key,
    row_number() OVER (ORDER BY r.place_id, r.period_id, r.person_key) AS number,
    r.ends_before,
    r.window_days,
    r.visit_days,
    -- a period may be shorter than the window
    coalesce(p.visits > 0, FALSE) AS has_come
FROM (
    SELECT
        v.place_id,
        w.period_id,
        v.person_key,
        w.ends_before,
        w.days AS window_days,
        -- days of arrival within the window; a stay on the eve of the window is no visit-day of it
        count(DISTINCT CASE WHEN date_diff('day', v.day, w.ends_before) <= w.days THEN v.day END)
            AS visit_days,
        -- somebody may also be met on the days after, by a stay that goes on past midnight
        sum(date_diff('day', v.day, v.left_on)) AS later_days
    FROM core.checked_visit AS v
    INNER JOIN core.look_back_month AS w
        ON
            w.window_name = 'tie'
            AND w.month = v.month
            AND v.day < w.ends_before
            AND date_diff('day', v.left_on, w.ends_before) <= w.days
    GROUP BY v.place_id, w.period_id, v.person_key, w.ends_before, w.days
) AS r
INNER JOIN registry.coefficient AS n ON n.name = 'tie_min_days'
LEFT JOIN core.person_place AS p
    ON
        p.place_id = r.place_id AND p.period_id = r.period_id AND p.person_key = r.person_key
WHERE r.visit_days + r.later_days >= n.value
