/*
grain = "one row per place, yearly or convention period and pair of people (a before b) who met on enough days of its tie window and both came in the period"
*/
SELECT
    t.place_id,
    t.period_id,
    a.person_key AS person_a,
    b.person_key AS person_b,
    t.days
FROM (
    SELECT
        c.place_id,
        w.period_id,
        c.person_a,
        c.person_b,
        count(*) AS days
    FROM core.co_presence AS c
    INNER JOIN core.look_back_month AS w
        ON
            w.window_name = 'tie'
            AND w.month = c.month
            AND date_diff('day', c.day, w.ends_before) BETWEEN 1 AND w.days
    GROUP BY c.place_id, w.period_id, c.person_a, c.person_b
) AS t
INNER JOIN registry.coefficient AS n ON n.name = 'tie_min_days' AND t.days >= n.value
INNER JOIN core.tie_person AS a ON a.number = t.person_a
INNER JOIN core.tie_person AS b ON b.number = t.person_b
-- a period may be shorter than the window
INNER JOIN core.person_place AS x
    ON
        x.place_id = t.place_id
        AND x.period_id = t.period_id
        AND x.person_key = a.person_key
        AND x.visits > 0
INNER JOIN core.person_place AS y
    ON
        y.place_id = t.place_id
        AND y.period_id = t.period_id
        AND y.person_key = b.person_key
        AND y.visits > 0
