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
FROM (
    SELECT
        p.pool_id,
        p.period_id,
        CASE
            WHEN grouping(p.age_rank) = 0 THEN 'age_band'
            WHEN grouping(p.gender_rank) = 0 THEN 'gender'
            ELSE 'social_status'
        END AS breakdown,
        coalesce(p.age_rank, p.gender_rank, p.status_rank, 0) AS rank,
        count(*) AS persons,
        count(*) FILTER (WHERE p.is_observed) AS observed_persons,
        count(*) FILTER (WHERE p.visits > 0) AS visitors,
        count(*) FILTER (WHERE p.is_seen_visiting) AS observed_visitors,
        count(*) FILTER (WHERE p.is_returning) AS returning_visitors,
        count(*) FILTER (WHERE p.is_new) AS newcomers,
        count(*) FILTER (WHERE p.is_new_and_seen) AS observed_newcomers,
        count(*) FILTER (WHERE p.is_new_and_back) AS newcomers_back,
        count(*) FILTER (WHERE p.is_checked_out) AS checked_out,
        count(*) FILTER (WHERE p.is_seen_checked_out) AS observed_checked_out,
        count(*) FILTER (WHERE p.uses > 0) AS service_users,
        count(*) FILTER (WHERE p.is_seen_using) AS observed_service_users,
        count(*) FILTER (WHERE p.services >= k.value) AS multi_service_users,
        count(*) FILTER (WHERE p.gender_rank = f.rank) AS women,
        count(*) FILTER (WHERE p.gender_rank = m.rank) AS men,
        count(*) FILTER (WHERE p.gender_rank IN (f.rank, m.rank) AND p.is_observed)
            AS observed_women_and_men,
        sum(p.number) AS persons_key,
        sum(p.number) FILTER (WHERE p.visits > 0) AS visitors_key,
        sum(p.number) FILTER (WHERE p.is_returning) AS returning_key,
        sum(p.number) FILTER (WHERE p.is_new) AS newcomers_key,
        sum(p.number) FILTER (WHERE p.is_new_and_back) AS newcomers_back_key,
        sum(p.number) FILTER (WHERE p.is_checked_out) AS checked_out_key,
        sum(p.number) FILTER (WHERE p.uses > 0) AS service_users_key,
        sum(p.number) FILTER (WHERE p.services >= k.value) AS multi_service_key,
        sum(p.number) FILTER (WHERE p.gender_rank = f.rank) AS women_key,
        sum(p.number) FILTER (WHERE p.gender_rank = m.rank) AS men_key
    FROM core.person_period AS p
    INNER JOIN registry.code AS f ON f.list = 'gender' AND f.code = 'feminin'
    INNER JOIN registry.code AS m ON m.list = 'gender' AND m.code = 'masculin'
    INNER JOIN registry.coefficient AS k ON k.name = 'multi_service_min_services'
    GROUP BY GROUPING SETS (
        (p.pool_id, p.period_id, p.age_rank),
        (p.pool_id, p.period_id, p.gender_rank),
        (p.pool_id, p.period_id, p.status_rank)
    )
) AS n
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
