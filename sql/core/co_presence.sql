/*
grain = "one row per pair of core.regular (a before b), at one place and for one period, and local day on which they met: on which the later of the two came"
kind = "view"
*/
-- A view: who met whom on which day is never kept, only ties are counted from it.
SELECT DISTINCT
    least(a.number, b.number) AS number_a,
    greatest(a.number, b.number) AS number_b,
    b.day_number
FROM (
    -- the one who was there first, on each day of the stay: people are joined by equal days
    SELECT
        v.place_id,
        r.period_id,
        r.number,
        v.checked_in_at,
        v.checked_out_at,
        v.space_code,
        date_diff('day', DATE '1970-01-01', v.day) + d.days_later AS day_number
    FROM core.checked_visit AS v
    INNER JOIN core.regular AS r
        ON
            r.place_id = v.place_id
            AND r.person_key = v.person_key
            AND date_diff('day', v.day, r.ends_before) BETWEEN 1 AND r.window_days + 2
    -- a stay of 24 hours touches three days when the clocks go forward
    INNER JOIN (VALUES (0), (1), (2)) AS d (days_later)
        ON d.days_later <= date_diff('day', v.day, v.left_on)
    WHERE r.has_come AND NOT v.is_crowded
) AS a
INNER JOIN (
    SELECT
        v.place_id,
        r.period_id,
        r.number,
        v.checked_in_at,
        v.checked_out_at,
        v.space_code,
        date_diff('day', DATE '1970-01-01', v.day) AS day_number
    FROM core.checked_visit AS v
    INNER JOIN core.regular AS r
        ON
            r.place_id = v.place_id
            AND r.person_key = v.person_key
            AND date_diff('day', v.day, r.ends_before) BETWEEN 1 AND r.window_days
    WHERE r.has_come AND NOT v.is_crowded
) AS b
    ON
        b.place_id = a.place_id
        AND b.period_id = a.period_id
        AND b.day_number = a.day_number
        AND b.number <> a.number
        -- each pair of visits once: the later arrival, and of two at one instant the greater number
        AND b.checked_in_at >= a.checked_in_at
        AND (b.checked_in_at > a.checked_in_at OR b.number > a.number)
INNER JOIN registry.coefficient AS m ON m.name = 'copresence_min_minutes'
WHERE
    coalesce(a.space_code = b.space_code, TRUE)
    AND date_diff('microsecond', b.checked_in_at, least(a.checked_out_at, b.checked_out_at))
    >= m.value * 60000000
