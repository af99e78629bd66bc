/*
grain = "one row per indicator, place and period: rows of the sources that the indicator reads, those that were lost, and which share of them the place tolerates; none where nothing was lost anywhere"
kept = true
key = "place_id"
*/
SELECT
    y.indicator_id,
    y.place_id,
    y.period_id,
    sum(y.lost) AS lost,
    sum(CASE WHEN y.lasts THEN y.lost ELSE 0 END) AS lost_contracts,
    sum(y.lost) + sum(y.row_count) AS all_rows,
    max(l.tolerated_share) AS tolerated_share,
    max(CASE WHEN y.rank = 1 THEN y.source_id END) AS source_id,
    max(y.lost) AS lost_of_source
FROM (
    SELECT
        z.*,
        row_number() OVER (
            PARTITION BY z.indicator_id, z.place_id, z.period_id
            ORDER BY z.lost DESC, z.source_id
        ) AS rank
    FROM (
        SELECT
            w.indicator_id,
            s.place_id,
            w.period_id,
            s.source_id,
            s.lasts,
            -- there is no part of a contract
            CASE
                WHEN s.lasts
                    THEN CAST(ceil(round(e.lost_begun - b.lost_over, 6)) AS DECIMAL(38, 12))
                ELSE e.lost_begun - b.lost_over
            END AS lost,
            e.rows_begun - b.rows_over AS row_count
        FROM core.indicator_window AS w
        INNER JOIN registry.indicator AS i ON i.indicator_id = w.indicator_id
        INNER JOIN core.indicator_reader AS f ON f.indicator_id = w.indicator_id
        -- where no identity is ever taken down, nobody was counted, and nobody lost
        INNER JOIN registry.source AS s
            ON
                s.place_id = f.place_id
                AND s.source_id = f.source_id
                AND (NOT i.counts_people OR s.has_identity OR s.feed = 'employment')
        INNER JOIN core.lost_before AS e
            ON
                e.place_id = s.place_id
                AND e.source_id = s.source_id
                AND e.day = w.before_day
        INNER JOIN core.lost_before AS b
            ON
                b.place_id = s.place_id
                AND b.source_id = s.source_id
                AND b.day = w.first_day
    ) AS z
) AS y
INNER JOIN registry.place AS l ON l.place_id = y.place_id
GROUP BY y.indicator_id, y.place_id, y.period_id
