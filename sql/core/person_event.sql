/*
grain = "one row per visit or use of a service by a person; what is known of the person as a number that grows with the day"
kind = "view"
*/
-- The last known characteristic of a period is the largest number: the day, then the rank of the
-- code in its list. Equal days are settled by the list, so that the order of records never counts.
SELECT
    x.place_id,
    x.person_key,
    x.month,
    x.day,
    x.is_visit,
    x.is_checked_out,
    x.is_observed,
    x.service_rank,
    CASE WHEN a.rank > 0 THEN x.day_number * 16 + a.rank END AS age_on_day,
    CASE WHEN g.rank > 0 THEN x.day_number * 16 + g.rank END AS gender_on_day,
    CASE WHEN s.rank > 0 THEN x.day_number * 16 + s.rank END AS status_on_day,
    x.day_number * 65536 + c.rank AS home_on_day
FROM (
    SELECT
        v.place_id,
        v.person_key,
        v.month,
        v.day,
        TRUE AS is_visit,
        v.checked_out_at IS NOT NULL AS is_checked_out,
        v.is_observed,
        CAST(NULL AS BIGINT) AS service_rank,
        v.age_band,
        v.gender,
        v.social_status,
        v.home_commune,
        date_diff('day', DATE '1970-01-01', v.day) AS day_number
    FROM core.visit AS v
    WHERE v.person_key IS NOT NULL
    UNION ALL
    SELECT
        u.place_id,
        u.person_key,
        u.month,
        u.day,
        FALSE AS is_visit,
        FALSE AS is_checked_out,
        u.is_observed,
        t.rank AS service_rank,
        u.age_band,
        u.gender,
        u.social_status,
        u.home_commune,
        date_diff('day', DATE '1970-01-01', u.day) AS day_number
    FROM core.usage AS u
    LEFT JOIN registry.code AS t ON t.list = 'service' AND t.code = u.service_code
    WHERE u.person_key IS NOT NULL
) AS x
LEFT JOIN registry.code AS a ON a.list = 'age_band' AND a.code = x.age_band
LEFT JOIN registry.code AS g ON g.list = 'gender' AND g.code = x.gender
LEFT JOIN registry.code AS s ON s.list = 'social_status' AND s.code = x.social_status
LEFT JOIN registry.commune AS c ON c.commune_code = x.home_commune
