/*
grain = "one row per place, person and month in which the person came or used a service"
*/
SELECT
    m.place_id,
    m.person_key,
    m.month,
    m.visits,
    m.uses,
    -- the last visit of an earlier month; months without a visit do not stand between
    max(m.last_visit_on) OVER (
        PARTITION BY m.place_id, m.person_key
        ORDER BY m.month
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS previous_visit_on
FROM (
    SELECT
        c.place_id,
        c.person_key,
        c.month,
        sum(c.visits) AS visits,
        sum(c.uses) AS uses,
        max(c.visit_day) AS last_visit_on
    FROM (
        SELECT
            v.place_id,
            v.person_key,
            v.month,
            1 AS visits,
            0 AS uses,
            v.day AS visit_day
        FROM core.visit AS v
        WHERE v.person_key IS NOT NULL
        UNION ALL
        SELECT
            u.place_id,
            u.person_key,
            u.month,
            0 AS visits,
            1 AS uses,
            CAST(NULL AS DATE) AS visit_day
        FROM core.usage AS u
        WHERE u.person_key IS NOT NULL
    ) AS c
    GROUP BY c.place_id, c.person_key, c.month
) AS m
