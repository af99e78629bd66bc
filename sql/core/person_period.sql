/*
grain = "one row per pool of core.scope_pool, period and person: a person of two places of a scope is one row, when both know the person by one key"
kind = "view"
*/
-- A view: what a place alone knows of a person holds in every scope, and is not written again.
SELECT
    a.place_id AS pool_id,
    a.period_id,
    a.person_key,
    a.number,
    a.visits,
    a.visit_days,
    a.uses,
    a.signs & 1 > 0 AS is_observed,
    a.signs & 2 > 0 AS is_seen_visiting,
    a.signs & 4 > 0 AS is_seen_using,
    a.signs & 8 > 0 AS is_checked_out,
    a.signs & 16 > 0 AS is_seen_checked_out,
    bit_count(a.services) AS services,
    a.visits > 0 AND a.is_returning AS is_returning,
    a.signs & 32 > 0 AS is_new,
    a.signs & 64 > 0 AS is_new_and_seen,
    a.signs & 128 > 0 AS is_new_and_back,
    coalesce(a.age_on_day % 16, 0) AS age_rank,
    coalesce(a.gender_on_day % 16, 0) AS gender_rank,
    coalesce(a.status_on_day % 16, 0) AS status_rank,
    coalesce(a.home_on_day % 65536, 0) AS home_rank
FROM core.person_place AS a
WHERE NOT a.is_shared
UNION ALL
SELECT
    'shared:' || s.scope_id AS pool_id,
    p.period_id,
    p.person_key,
    max(p.number) AS number,
    sum(p.visits) AS visits,
    sum(p.visit_days) AS visit_days,
    sum(p.uses) AS uses,
    bit_or(p.signs) & 1 > 0 AS is_observed,
    bit_or(p.signs) & 2 > 0 AS is_seen_visiting,
    bit_or(p.signs) & 4 > 0 AS is_seen_using,
    bit_or(p.signs) & 8 > 0 AS is_checked_out,
    bit_or(p.signs) & 16 > 0 AS is_seen_checked_out,
    bit_count(bit_or(p.services)) AS services,
    bool_or(p.visits > 0 AND p.is_returning) AS is_returning,
    bit_or(p.signs) & 32 > 0 AS is_new,
    bit_or(p.signs) & 64 > 0 AS is_new_and_seen,
    bit_or(p.signs) & 128 > 0 AS is_new_and_back,
    coalesce(max(p.age_on_day) % 16, 0) AS age_rank,
    coalesce(max(p.gender_on_day) % 16, 0) AS gender_rank,
    coalesce(max(p.status_on_day) % 16, 0) AS status_rank,
    coalesce(max(p.home_on_day) % 65536, 0) AS home_rank
FROM core.person_place AS p
INNER JOIN core.scope AS s ON s.place_id = p.place_id
WHERE p.is_shared
GROUP BY s.scope_id, p.period_id, p.person_key
