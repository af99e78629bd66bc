/*
grain = "one row per indicator, scope and period; a territory is as sure as the least sure of its places, and of its rows as many may be lost as of them all are tolerated"
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
        WHEN g.missing + g.partial > 0 OR g.is_too_much_lost THEN 'partial'
        WHEN g.too_early > 0 THEN 'too_early'
        WHEN g.per_source > 0 THEN 'identified_per_source'
        ELSE 'ok'
    END AS status,
    CASE
        WHEN g.counted = 0 THEN CAST(NULL AS DOUBLE)
        WHEN g.missing = g.counted THEN CAST(0 AS DOUBLE)
        WHEN g.expected_days = 0 THEN CAST(1 AS DOUBLE)
        ELSE CAST(g.recorded_days AS DOUBLE) / nullif(g.expected_days, 0)
    END AS completeness,
    CASE WHEN g.counted > 0 THEN coalesce(g.lost, 0) END AS lost_rows,
    CASE WHEN g.counted > 0 THEN coalesce(g.lost / nullif(g.all_rows, 0), 0) END AS lost_share,
    CASE WHEN g.is_too_much_lost THEN g.lost_by END AS lost_by
FROM (
    SELECT
        h.*,
        -- of three rows at least, for one or two say little; a contract is much
        coalesce(
            round(h.lost, 6) > round(h.tolerated, 6)
            AND (round(h.lost, 6) >= 3 OR h.lost_contracts > 0),
            FALSE
        ) AS is_too_much_lost
    FROM (
        SELECT
            t.indicator_id,
            s.scope_type,
            s.scope_id,
            t.period_id,
            count(*) AS places,
            count(*) FILTER (WHERE t.is_counted) AS counted,
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
            END) AS recorded_days,
            CAST(sum(t.lost) FILTER (WHERE t.is_counted) AS DOUBLE) AS lost,
            CAST(sum(t.lost_contracts) FILTER (WHERE t.is_counted) AS DOUBLE) AS lost_contracts,
            CAST(sum(t.all_rows) FILTER (WHERE t.is_counted) AS DOUBLE) AS all_rows,
            CAST(sum(t.tolerated) FILTER (WHERE t.is_counted) AS DOUBLE) AS tolerated,
            max_by(
                CASE s.scope_type WHEN 'place' THEN '' ELSE t.place_id || '/' END || t.lost_by,
                (CASE WHEN t.is_counted THEN coalesce(t.lost_of_source, 0) ELSE 0 END, t.place_id)
            ) AS lost_by
        FROM (
            SELECT
                p.*,
                p.status NOT IN ('not_open', 'closed', 'not_applicable') AS is_counted,
                l.lost,
                l.lost_contracts,
                l.all_rows,
                CAST(l.tolerated_share * l.all_rows AS DECIMAL(38, 12)) AS tolerated,
                l.source_id AS lost_by,
                l.lost_of_source
            FROM core.place_status AS p
            LEFT JOIN core.place_loss AS l
                ON
                    l.indicator_id = p.indicator_id
                    AND l.place_id = p.place_id
                    AND l.period_id = p.period_id
        ) AS t
        INNER JOIN core.scope AS s ON s.place_id = t.place_id
        INNER JOIN registry.indicator_scope AS v
            ON v.indicator_id = t.indicator_id AND v.scope_type = s.scope_type
        GROUP BY t.indicator_id, s.scope_type, s.scope_id, t.period_id
    ) AS h
) AS g
