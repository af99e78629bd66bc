/*
grain = "one row per indicator and period: the days whose records it reads, from the first to before the last, with those it looks back and ahead on"
*/
SELECT
    i.indicator_id,
    p.period_id,
    least(
        p.starts_on,
        CAST(
            CASE WHEN i.looks_back_from = 'end' THEN p.ends_before ELSE p.starts_on END
            - i.looks_back_days * INTERVAL 1 DAY AS DATE
        )
    ) AS first_day,
    CAST(p.ends_before + i.looks_ahead_days * INTERVAL 1 DAY AS DATE) AS before_day
FROM registry.indicator AS i
INNER JOIN registry.indicator_period AS g ON g.indicator_id = i.indicator_id
INNER JOIN core.period AS p ON p.period_type = g.period_type
