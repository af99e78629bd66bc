/*
grain = "one row per place and period of which a grant declared for the place covers a day: cents received from users, cents of grants"
*/
SELECT
    g.place_id,
    g.period_id,
    g.grant_eur_cents,
    coalesce(i.income_eur_cents, 0) AS income_eur_cents,
    i.key
FROM (
    SELECT
        n.place_id,
        p.period_id,
        -- exact, so that the order of the sum never shows in the last digits
        sum(CAST(
            CAST(n.amount_eur_cents AS DOUBLE)
            * date_diff(
                'day', greatest(n.starts_on, p.starts_on), least(n.ends_before, p.ends_before)
            )
            / nullif(date_diff('day', n.starts_on, n.ends_before), 0)
            AS DECIMAL(38, 12)
        )) AS grant_eur_cents
    FROM registry."grant" AS n
    INNER JOIN core.period AS p ON n.starts_on < p.ends_before AND n.ends_before > p.starts_on
    WHERE n.place_id IS NOT NULL
    GROUP BY n.place_id, p.period_id
) AS g
LEFT JOIN (
    SELECT u.place_id, m.period_id, sum(u.amount_eur_cents) AS income_eur_cents, sum(u.amount_key) AS key
    FROM core.usage_month AS u
    INNER JOIN core.period_month AS m ON m.month = u.month
    WHERE u.breakdown = 'all'
    GROUP BY u.place_id, m.period_id
) AS i ON i.place_id = g.place_id AND i.period_id = g.period_id
