/*
grain = "one row per scope, period and category of a breakdown (all, age_band, gender, social_status): people counted once"
*/
SELECT
    n.scope_id,
    n.period_id,
    n.breakdown,
    c.code AS category,
    n.persons,
    n.observed_persons,
    n.visitors,
    n.observed_visitors,
    n.returning_visitors,
    n.women,
    n.men
FROM (
    SELECT
        p.scope_id,
        p.period_id,
        CASE
            WHEN grouping(p.age_rank) = 0 THEN 'age_band'
            WHEN grouping(p.gender_rank) = 0 THEN 'gender'
            WHEN grouping(p.status_rank) = 0 THEN 'social_status'
            ELSE 'all'
        END AS breakdown,
        coalesce(p.age_rank, p.gender_rank, p.status_rank, 0) AS rank,
        count(*) AS persons,
        count(*) FILTER (WHERE p.is_observed) AS observed_persons,
        count(*) FILTER (WHERE p.visits > 0) AS visitors,
        count(*) FILTER (WHERE p.is_seen_visiting) AS observed_visitors,
        count(*) FILTER (WHERE p.is_returning) AS returning_visitors,
        count(*) FILTER (WHERE p.gender_rank = f.rank) AS women,
        count(*) FILTER (WHERE p.gender_rank = m.rank) AS men
    FROM core.person_period AS p
    INNER JOIN registry.code AS f ON f.list = 'gender' AND f.code = 'feminin'
    INNER JOIN registry.code AS m ON m.list = 'gender' AND m.code = 'masculin'
    GROUP BY GROUPING SETS (
        (p.scope_id, p.period_id),
        (p.scope_id, p.period_id, p.age_rank),
        (p.scope_id, p.period_id, p.gender_rank),
        (p.scope_id, p.period_id, p.status_rank)
    )
) AS n
INNER JOIN registry.code AS c ON c.list = n.breakdown AND c.rank = n.rank
