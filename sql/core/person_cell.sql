/*
grain = "one row per scope, period and category of a breakdown (all, age_band, gender, social_status): people counted once"
*/
SELECT
    g.scope_id,
    n.period_id,
    b.breakdown,
    c.code AS category,
    CAST(sum(n.persons) AS BIGINT) AS persons,
    CAST(sum(n.observed_persons) AS BIGINT) AS observed_persons,
    CAST(sum(n.visitors) AS BIGINT) AS visitors,
    CAST(sum(n.observed_visitors) AS BIGINT) AS observed_visitors,
    CAST(sum(n.returning_visitors) AS BIGINT) AS returning_visitors,
    CAST(sum(n.newcomers) AS BIGINT) AS newcomers,
    CAST(sum(n.observed_newcomers) AS BIGINT) AS observed_newcomers,
    CAST(sum(n.newcomers_back) AS BIGINT) AS newcomers_back,
    CAST(sum(n.checked_out) AS BIGINT) AS checked_out,
    CAST(sum(n.observed_checked_out) AS BIGINT) AS observed_checked_out,
    CAST(sum(n.service_users) AS BIGINT) AS service_users,
    CAST(sum(n.observed_service_users) AS BIGINT) AS observed_service_users,
    CAST(sum(n.multi_service_users) AS BIGINT) AS multi_service_users,
    CAST(sum(n.women) AS BIGINT) AS women,
    CAST(sum(n.men) AS BIGINT) AS men,
    CAST(sum(n.observed_women_and_men) AS BIGINT) AS observed_women_and_men,
    sum(n.persons_key) AS persons_key,
    sum(n.visitors_key) AS visitors_key,
    sum(n.returning_key) AS returning_key,
    sum(n.newcomers_key) AS newcomers_key,
    sum(n.newcomers_back_key) AS newcomers_back_key,
    sum(n.checked_out_key) AS checked_out_key,
    sum(n.service_users_key) AS service_users_key,
    sum(n.multi_service_key) AS multi_service_key,
    sum(n.women_key) AS women_key,
    sum(n.men_key) AS men_key
FROM core.pool_cell AS n
INNER JOIN core.scope_pool AS g ON g.pool_id = n.pool_id
-- every person is in one age band, be it the unknown one: together they are all
INNER JOIN (
    VALUES
    ('all', 'age_band'),
    ('age_band', 'age_band'),
    ('gender', 'gender'),
    ('social_status', 'social_status')
) AS b (breakdown, of_breakdown)
    ON b.of_breakdown = n.breakdown
INNER JOIN registry.code AS c
    ON c.list = b.breakdown AND c.rank = CASE WHEN b.breakdown = 'all' THEN 0 ELSE n.rank END
GROUP BY g.scope_id, n.period_id, b.breakdown, c.code
