/*
grain = "one row per scope, period and person: a person of two places of a scope is one row, when both know the person by one key"
*/
SELECT
    s.scope_id,
    p.period_id,
    p.person_key,
    sum(p.visits) AS visits,
    sum(p.visit_days) AS visit_days,
    sum(p.uses) AS uses,
    bool_or(p.is_observed) AS is_observed,
    bool_or(p.is_seen_visiting) AS is_seen_visiting,
    bool_or(p.is_seen_using) AS is_seen_using,
    bool_or(p.is_checked_out) AS is_checked_out,
    bool_or(p.is_seen_checked_out) AS is_seen_checked_out,
    bit_count(bit_or(p.services)) AS services,
    bool_or(p.visits > 0 AND p.is_returning) AS is_returning,
    bool_or(p.is_new) AS is_new,
    bool_or(p.is_new_and_seen) AS is_new_and_seen,
    bool_or(p.is_new_and_back) AS is_new_and_back,
    coalesce(max(p.age_on_day) % 16, 0) AS age_rank,
    coalesce(max(p.gender_on_day) % 16, 0) AS gender_rank,
    coalesce(max(p.status_on_day) % 16, 0) AS status_rank,
    coalesce(max(p.home_on_day) % 65536, 0) AS home_rank
FROM core.person_place AS p
INNER JOIN core.scope AS s ON s.place_id = p.place_id
GROUP BY s.scope_id, p.period_id, p.person_key
