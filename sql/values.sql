/*
grain = "one row per indicator, scope, period and category: the exact figure, and whether it may be believed"
*/
-- `running` is what the records say whatever the coverage; `value` is NULL unless they suffice. A
-- share without a denominator is undefined, a numerator that is NULL could not be told; any other
-- total without a record is zero. `broken_on`: the last break in what it, or what it looks back on,
-- was seen with. Categories have a row where the indicator gives one.
SELECT
    c.*,
    CASE WHEN c.status IN ('ok', 'identified_per_source') THEN c.running END AS value,
    CAST(c.observed AS DOUBLE) / nullif(coalesce(c.denominator, c.numerator), 0) AS observed_share
FROM (
    SELECT
        s.indicator_id,
        s.scope_type,
        s.scope_id,
        s.period_id,
        r.breakdown,
        r.category,
        p.period_type,
        p.starts_on,
        p.ends_before,
        p.is_ended,
        s.status,
        s.completeness,
        s.lost_rows,
        s.lost_share,
        s.lost_by,
        b.broken_on,
        r.numerator,
        r.denominator,
        r.persons,
        r.observed,
        r.numerator_key,
        r.base_key,
        n.identified_share,
        CASE
            WHEN i.is_ratio THEN CAST(r.numerator AS DOUBLE) / nullif(r.denominator, 0)
            WHEN NOT r.is_told THEN r.numerator
            WHEN r.denominator IS NOT NULL
                THEN CAST(r.numerator AS DOUBLE) / nullif(r.denominator, 0)
            ELSE CAST(r.numerator AS DOUBLE)
        END AS running
    FROM core.scope_status AS s
    INNER JOIN registry.indicator AS i ON i.indicator_id = s.indicator_id
    INNER JOIN core.period AS p ON p.period_id = s.period_id
    LEFT JOIN core.scope_break AS b
        ON
            b.indicator_id = s.indicator_id
            AND b.scope_id = s.scope_id
            AND b.period_id = s.period_id
    INNER JOIN (
        SELECT
            d.indicator_id,
            d.scope_id,
            d.period_id,
            d.breakdown,
            d.category,
            TRUE AS is_told,
            d.numerator,
            d.denominator,
            d.persons,
            d.observed,
            d.numerator_key,
            d.base_key
        FROM indicator.result AS d
        UNION ALL
        SELECT
            a.indicator_id,
            a.scope_id,
            a.period_id,
            'all' AS breakdown,
            'all' AS category,
            FALSE AS is_told,
            CAST(0 AS DOUBLE) AS numerator,
            CAST(NULL AS DOUBLE) AS denominator,
            0 AS persons,
            CAST(NULL AS DOUBLE) AS observed,
            CAST(NULL AS BIGINT) AS numerator_key,
            CAST(NULL AS BIGINT) AS base_key
        FROM core.scope_status AS a
        WHERE NOT EXISTS (
            SELECT 1
            FROM indicator.result AS e
            WHERE
                e.breakdown = 'all'
                AND e.indicator_id = a.indicator_id
                AND e.scope_id = a.scope_id
                AND e.period_id = a.period_id
        )
    ) AS r
        ON
            r.indicator_id = s.indicator_id
            AND r.scope_id = s.scope_id
            AND r.period_id = s.period_id
    LEFT JOIN (
        SELECT
            f.indicator_id,
            h.scope_id,
            h.period_id,
            CAST(sum(h.identified_headcount) AS DOUBLE) / nullif(sum(h.headcount), 0)
                AS identified_share
        FROM registry.indicator_feed AS f
        INNER JOIN core.identified AS h ON h.feed = f.feed
        GROUP BY f.indicator_id, h.scope_id, h.period_id
    ) AS n
        ON
            n.indicator_id = s.indicator_id
            AND n.scope_id = s.scope_id
            AND n.period_id = s.period_id
) AS c
