/*
grain = "one row per cell of the closed list: its exact figure, the keys of the sets behind it and how it is protected; for the connection that writes a release alone"
*/
WITH category AS (
    SELECT c.indicator_id, c.breakdown, c.category
    FROM registry.published_category AS c
    UNION ALL
    -- a theme is a word of the places: those of which the network has enough
    SELECT v.indicator_id, v.breakdown, v.category
    FROM indicator.value AS v
    CROSS JOIN registry.policy AS y
    WHERE v.breakdown = 'theme' AND v.scope_type = 'network' AND v.period_type = 'year' AND v.is_ended
    GROUP BY v.indicator_id, v.breakdown, v.category
    HAVING bool_or(rounded(v.numerator, y.count_step, draw(v.numerator_key)) > 0)
),

part AS (
    -- who is under 18 is one class
    SELECT
        v.indicator_id,
        v.scope_id,
        v.period_id,
        v.breakdown,
        CASE
            WHEN v.category IN ('moins_de_douze', 'douze_dix_huit') THEN 'moins_de_dix_huit'
            ELSE v.category
        END AS category,
        sum(v.numerator) AS numerator,
        sum(v.denominator) AS denominator,
        sum(v.persons) AS persons,
        sum(v.observed) AS observed,
        sum(v.numerator_key) AS numerator_key,
        sum(v.base_key) AS base_key
    FROM indicator.value AS v
    WHERE v.breakdown <> 'all' AND v.is_ended
    GROUP BY ALL
),

of_place AS (
    SELECT
        v.*,
        v.status IN ('ok', 'identified_per_source') AS is_sure,
        rounded(
            CASE
                WHEN i.unit = 'share' AND v.base_key IS NULL THEN v.numerator / 60
                ELSE coalesce(v.persons, v.denominator, v.numerator)
            END,
            y.count_step,
            draw(coalesce(v.base_key, v.numerator_key))
        ) > 0 AS is_seen
    FROM indicator.value AS v
    INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
    CROSS JOIN registry.policy AS y
    WHERE
        v.scope_type = 'place'
        AND v.breakdown = 'all'
        AND v.is_ended
        AND v.status NOT IN ('not_open', 'closed', 'not_applicable')
),

-- in how many of its places there is something to see, as far as the release says so; and the parts
-- of those whose figure may be believed, which add up unless somebody is counted once for several
contributing AS (
    SELECT
        v.indicator_id,
        s.scope_id,
        v.period_id,
        count(*) AS places,
        count(*) FILTER (WHERE v.is_seen) AS seen_places,
        count(*) FILTER (WHERE v.is_sure) AS sure_places,
        count(*) FILTER (WHERE v.is_sure AND v.is_seen) AS sure_seen_places,
        sum(v.numerator) FILTER (WHERE v.is_sure) AS numerator,
        sum(v.denominator) FILTER (WHERE v.is_sure) AS denominator,
        sum(v.persons) FILTER (WHERE v.is_sure) AS persons,
        sum(v.observed) FILTER (WHERE v.is_sure) AS observed,
        sum(v.numerator_key) FILTER (WHERE v.is_sure) AS numerator_key,
        sum(v.base_key) FILTER (WHERE v.is_sure) AS base_key
    FROM of_place AS v
    INNER JOIN core.scope AS s ON s.place_id = v.scope_id AND s.scope_type <> 'place'
    GROUP BY v.indicator_id, s.scope_id, v.period_id
),

-- an indicator of the network alone has no figure of its places: those that offer the service count
offering AS (
    SELECT n.indicator_id, count(DISTINCT o.place_id) AS places
    FROM registry.indicator_service AS n
    INNER JOIN registry.offer AS o ON o.service_code = n.service_code
    GROUP BY n.indicator_id
),

territory AS (
    SELECT s.scope_id, count(*) AS places
    FROM core.scope AS s
    GROUP BY s.scope_id
),

-- what is said of a whole: at a territory, when it has waited long enough, of the places that it has
total AS (
    SELECT
        w.* EXCLUDE (numerator, denominator, persons, observed, numerator_key, base_key),
        CASE WHEN w.is_late THEN w.sure_numerator ELSE w.numerator END AS numerator,
        CASE WHEN w.is_late THEN w.sure_denominator ELSE w.denominator END AS denominator,
        CASE WHEN w.is_late THEN w.sure_persons ELSE w.persons END AS persons,
        CASE WHEN w.is_late THEN w.sure_observed ELSE w.observed END AS observed,
        CASE WHEN w.is_late THEN w.sure_numerator_key ELSE w.numerator_key END AS numerator_key,
        CASE WHEN w.is_late THEN w.sure_base_key ELSE w.base_key END AS base_key
    FROM (
        SELECT
            v.*,
            v.status IN ('ok', 'identified_per_source') AS is_sure,
            k.places,
            k.seen_places,
            k.sure_places,
            k.sure_seen_places,
            k.numerator AS sure_numerator,
            k.denominator AS sure_denominator,
            k.persons AS sure_persons,
            k.observed AS sure_observed,
            k.numerator_key AS sure_numerator_key,
            k.base_key AS sure_base_key,
            coalesce(
                v.scope_type <> 'place'
                AND v.status IN ('partial', 'missing', 'too_early')
                AND k.sure_places > 0
                AND date_diff('day', v.ends_before, r.today) >= y.late_days
                AND e.protection NOT IN ('index', 'median', 'per_mille', 'per_hundred')
                AND NOT (i.counts_people AND r.person_key = 'network'),
                FALSE
            ) AS is_late
        FROM indicator.value AS v
        INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
        CROSS JOIN registry.policy AS y
        CROSS JOIN registry.run AS r
        LEFT JOIN contributing AS k
            ON
                k.indicator_id = v.indicator_id
                AND k.scope_id = v.scope_id
                AND k.period_id = v.period_id
        LEFT JOIN registry.published_table AS e
            ON
                e.indicator_id = v.indicator_id
                AND e.scope_type = v.scope_type
                AND e.period_type = v.period_type
                AND e.breakdown = 'all'
        WHERE v.breakdown = 'all' AND v.is_ended
    ) AS w
)

SELECT
    a.indicator_id,
    a.scope_type,
    a.scope_id,
    a.period_id,
    a.period_type,
    a.starts_on,
    a.ends_before,
    CASE WHEN a.is_late THEN 'some_places' ELSE a.status END AS status,
    a.completeness,
    a.lost_share,
    a.lost_by,
    a.broken_on,
    a.identified_share,
    t.breakdown,
    c.category,
    CASE
        WHEN l.is_team_public AND a.period_type = 'year' AND t.breakdown = 'all'
            AND a.indicator_id IN ('direct_jobs_eop', 'direct_fte')
            THEN 'exact'
        ELSE t.protection
    END AS protection,
    t.step,
    t.margin,
    t.rule,
    a.scope_type <> 'place'
    AND coalesce(
        CASE
            WHEN t.is_of_few AND a.is_late THEN a.sure_places
            WHEN t.is_of_few THEN a.places
            WHEN a.is_late THEN a.sure_seen_places
            ELSE a.seen_places
        END,
        o.places,
        0
    ) < y.territory_places AS is_of_few_places,
    a.places,
    CASE WHEN a.is_late THEN a.sure_places ELSE a.places END AS sure_places,
    a.is_late,
    a.is_sure OR a.is_late AS is_sure,
    a.scope_type <> 'place' AND n.places < y.territory_places AS is_small,
    CASE WHEN t.breakdown = 'all' THEN a.numerator ELSE coalesce(x.numerator, 0) END AS numerator,
    CASE WHEN t.breakdown = 'all' THEN a.denominator ELSE x.denominator END AS denominator,
    CASE WHEN t.breakdown = 'all' THEN a.persons ELSE coalesce(x.persons, 0) END AS persons,
    CASE WHEN t.breakdown = 'all' THEN a.observed ELSE x.observed END AS observed,
    CASE WHEN t.breakdown = 'all' THEN a.numerator_key ELSE x.numerator_key END AS numerator_key,
    CASE WHEN t.breakdown = 'all' THEN a.base_key ELSE x.base_key END AS base_key
FROM total AS a
INNER JOIN registry.published_table AS t
    ON
        t.indicator_id = a.indicator_id
        AND t.scope_type = a.scope_type
        AND t.period_type = a.period_type
INNER JOIN category AS c ON c.indicator_id = a.indicator_id AND c.breakdown = t.breakdown
INNER JOIN territory AS n ON n.scope_id = a.scope_id
CROSS JOIN registry.policy AS y
LEFT JOIN registry.place AS l ON l.place_id = a.scope_id
LEFT JOIN offering AS o ON o.indicator_id = a.indicator_id
LEFT JOIN part AS x
    ON
        x.indicator_id = a.indicator_id
        AND x.scope_id = a.scope_id
        AND x.period_id = a.period_id
        AND x.breakdown = t.breakdown
        AND x.category = c.category
WHERE
    (t.breakdown = 'all' OR a.is_sure)
    AND (
        a.scope_type = 'place'
        OR n.places >= y.territory_places
        OR a.scope_type IN ('portfolio', 'network') AND t.breakdown = 'all'
    )
