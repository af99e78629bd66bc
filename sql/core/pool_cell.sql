/*
grain = "one row per pool of core.scope_pool, period, and code of a characteristic (age_band, gender, social_status) by its rank: people counted once"
kept = true
key = "pool_id"
*/
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
