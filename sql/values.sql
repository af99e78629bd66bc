-- One row per indicator, scope and period: the exact figure, and whether it may be believed.
-- `running` is what the records say whatever the coverage; `value` is NULL unless they suffice.
-- `broken_on`: the last break in what it, or what it looks back on, was seen with.
-- A share without a denominator is undefined; any other indicator without a record is zero.
SELECT
    c.indicator_id,
    c.scope_type,
    c.scope_id,
    c.period_id,
    c.period_type,
    c.starts_on,
    c.ends_before,
    c.is_ended,
    c.status,
    c.completeness,
    c.broken_on,
    c.numerator,
    c.denominator,
    c.persons,
    c.running,
    CASE WHEN c.status IN ('ok', 'identified_per_source') THEN c.running END AS value
FROM (
    SELECT
        s.indicator_id,
        s.scope_type,
        s.scope_id,
        s.period_id,
        p.period_type,
        p.starts_on,
        p.ends_before,
        p.is_ended,
        s.status,
        s.completeness,
        b.broken_on,
        coalesce(r.numerator, 0) AS numerator,
        r.denominator,
        coalesce(r.persons, 0) AS persons,
        CASE
            WHEN i.unit = 'share' OR r.denominator IS NOT NULL
                THEN CAST(r.numerator AS DOUBLE) / nullif(r.denominator, 0)
            ELSE CAST(coalesce(r.numerator, 0) AS DOUBLE)
        END AS running
    FROM core.scope_status AS s
    INNER JOIN registry.indicator AS i ON i.indicator_id = s.indicator_id
    INNER JOIN core.period AS p ON p.period_id = s.period_id
    LEFT JOIN core.scope_break AS b
        ON
            b.indicator_id = s.indicator_id
            AND b.scope_id = s.scope_id
            AND b.period_id = s.period_id
    LEFT JOIN indicator.result AS r
        ON
            r.indicator_id = s.indicator_id
            AND r.scope_id = s.scope_id
            AND r.period_id = s.period_id
) AS c
