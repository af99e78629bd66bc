/*
grain = "one row per indicator, scope and period; a territory is as sure as the least sure of its places"
*/
SELECT
    g.indicator_id,
    g.scope_type,
    g.scope_id,
    g.period_id,
    CASE
        WHEN g.counted = 0 AND g.not_open = g.places THEN 'not_open'
        WHEN g.counted = 0 AND g.not_open + g.closed = g.places THEN 'closed'
        WHEN g.counted = 0 THEN 'not_applicable'
        WHEN g.missing = g.counted THEN 'missing'
        WHEN g.missing + g.partial > 0 THEN 'partial'
        WHEN g.too_early > 0 THEN 'too_early'
        WHEN g.per_source > 0 THEN 'identified_per_source'
        ELSE 'ok'
    END AS status,
    CASE
        WHEN g.counted = 0 THEN CAST(NULL AS DOUBLE)
        WHEN g.missing = g.counted THEN CAST(0 AS DOUBLE)
        WHEN g.expected_days = 0 THEN CAST(1 AS DOUBLE)
        ELSE CAST(g.recorded_days AS DOUBLE) / nullif(g.expected_days, 0)
    END AS completeness
FROM (
    SELECT
        t.indicator_id,
        s.scope_type,
        s.scope_id,
        t.period_id,
        count(*) AS places,
        count(*) FILTER (WHERE t.status NOT IN ('not_open', 'closed', 'not_applicable')) AS counted,
        count(*) FILTER (WHERE t.status = 'not_open') AS not_open,
        count(*) FILTER (WHERE t.status = 'closed') AS closed,
        count(*) FILTER (WHERE t.status = 'missing') AS missing,
        count(*) FILTER (WHERE t.status = 'partial') AS partial,
        count(*) FILTER (WHERE t.status = 'too_early') AS too_early,
        count(*) FILTER (WHERE t.status = 'identified_per_source') AS per_source,
        sum(CASE
            WHEN t.status IN ('not_open', 'closed', 'not_applicable') THEN 0 ELSE t.expected_days
        END) AS expected_days,
        sum(CASE
            WHEN t.status IN ('not_open', 'closed', 'not_applicable') THEN 0 ELSE t.recorded_days
        END) AS recorded_days
    FROM core.place_status AS t
    INNER JOIN core.scope AS s ON s.place_id = t.place_id
    INNER JOIN registry.indicator_scope AS v
        ON v.indicator_id = t.indicator_id AND v.scope_type = s.scope_type
    GROUP BY t.indicator_id, s.scope_type, s.scope_id, t.period_id
) AS g
