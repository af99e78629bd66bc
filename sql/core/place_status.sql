/*
grain = "one row per indicator, place and period: may the figure be believed, and if not, why"
kept = true
key = "place_id"
*/
SELECT
    f.indicator_id,
    f.place_id,
    f.period_id,
    f.expected_days,
    f.recorded_days,
    CASE
        WHEN f.opened_on IS NULL OR f.opened_on >= f.ends_before THEN 'not_open'
        WHEN f.closed_on < f.starts_on THEN 'closed'
        WHEN f.sources = 0 OR NOT f.has_service THEN 'not_applicable'
        WHEN f.expected_days = 0 AND f.has_calendar THEN 'ok'
        WHEN f.recorded_days = 0 THEN 'missing'
        WHEN f.recorded_days < f.expected_days THEN 'partial'
        WHEN
            f.looks_back_days > 0
            AND date_diff('day', f.history_from, f.looks_back_from) < f.looks_back_days
            THEN 'too_early'
        WHEN date_diff('day', f.ends_before, f.today) < f.looks_ahead_days THEN 'too_early'
        WHEN f.is_per_source THEN 'identified_per_source'
        ELSE 'ok'
    END AS status
FROM (
    SELECT
        i.indicator_id,
        i.looks_back_days,
        i.looks_ahead_days,
        CASE WHEN i.looks_back_from = 'end' THEN p.ends_before ELSE p.starts_on END AS looks_back_from,
        r.today,
        l.place_id,
        l.opened_on,
        l.closed_on,
        p.period_id,
        p.starts_on,
        p.ends_before,
        coalesce(s.sources, 0) AS sources,
        coalesce(s.has_calendar, FALSE) AS has_calendar,
        i.counts_people AND coalesce(s.is_per_source, FALSE) AS is_per_source,
        NOT i.needs_service OR o.place_id IS NOT NULL AS has_service,
        coalesce(c.expected_days, 0)
        -- what an open place did not tell of a period that began before anybody delivered
        + CASE
            WHEN s.has_calendar AND greatest(p.starts_on, l.opened_on) < m.first_month
                THEN greatest(
                    0,
                    date_diff(
                        'day',
                        greatest(p.starts_on, l.opened_on),
                        least(m.first_month, date_add(l.closed_on, INTERVAL 1 DAY))
                    )
                )
            ELSE 0
        END AS expected_days,
        coalesce(c.recorded_days, 0) AS recorded_days,
        -- what was seen before a break says nothing of what is seen after it
        greatest(h.first_recorded_on, b.broken_on) AS history_from
    FROM registry.indicator AS i
    INNER JOIN registry.indicator_period AS g ON g.indicator_id = i.indicator_id
    INNER JOIN core.period AS p ON p.period_type = g.period_type
    CROSS JOIN registry.place AS l
    CROSS JOIN registry.run AS r
    CROSS JOIN (
        SELECT min(q.starts_on) AS first_month
        FROM core.period AS q
        WHERE q.period_type = 'month'
    ) AS m
    LEFT JOIN core.indicator_source AS s
        ON s.indicator_id = i.indicator_id AND s.place_id = l.place_id
    LEFT JOIN core.indicator_offer AS o
        ON o.indicator_id = i.indicator_id AND o.place_id = l.place_id
    LEFT JOIN core.indicator_coverage AS c
        ON
            c.indicator_id = i.indicator_id
            AND c.place_id = l.place_id
            AND c.period_id = p.period_id
    LEFT JOIN core.indicator_history AS h
        ON h.indicator_id = i.indicator_id AND h.place_id = l.place_id
    LEFT JOIN core.indicator_break AS b
        ON
            b.indicator_id = i.indicator_id
            AND b.place_id = l.place_id
            AND b.period_id = p.period_id
) AS f
