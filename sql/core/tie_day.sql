/*
grain = "one row per local day with visits on which somebody may be met for a tie, and the two days before: a stay may go on past midnight"
*/
SELECT DISTINCT v.day
FROM core.visit AS v
INNER JOIN core.look_back_month AS w
    ON
        w.window_name = 'tie'
        AND w.month = v.month
        AND date_diff('day', v.day, w.ends_before) BETWEEN 1 AND w.days + 2
