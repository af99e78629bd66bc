/*
grain = "one row per place, source, and first and last day of rows that were lost: how many, in parts where their day cannot be read; a contract without an end has no last day"
*/
-- A row without a day may be of any day of its delivery: as large a part of it lies on each as of
-- the other rows or, where none of them has a day, as of the days that the delivery proves.
SELECT
    l.place_id,
    l.feed,
    l.source_id,
    l.day,
    l.until_day,
    -- exact, so that the order of the sum never shows
    sum(CAST(l.lost AS DECIMAL(38, 12))) AS lost
FROM (
    SELECT
        x.place_id,
        x.feed,
        x.source_id,
        -- a source speaks for the days of its use alone
        greatest(x.day, s.from_day) AS day,
        least(x.until_day, s.until_day) AS until_day,
        x.lost
    FROM (
        SELECT
            a.place_id,
            a.feed,
            a.source_id,
            a.day,
            a.until_day,
            CAST(a.lost AS DOUBLE) AS lost
        FROM core.lost_row AS a
        WHERE a.day IS NOT NULL
        UNION ALL
        SELECT
            b.place_id,
            b.feed,
            b.source_id,
            d.day,
            least(d.until_day, b.until_day) AS until_day,
            CAST(b.lost * d.row_count AS DOUBLE) / nullif(d.all_rows, 0) AS lost
        FROM core.lost_row AS b
        INNER JOIN (
            SELECT
                t.batch_id,
                t.day,
                t.until_day,
                t.row_count,
                sum(t.row_count) OVER (PARTITION BY t.batch_id) AS all_rows
            FROM ledger.dated AS t
            UNION ALL
            SELECT
                p.batch_id,
                p.day,
                p.day AS until_day,
                1 AS row_count,
                count(*) OVER (PARTITION BY p.batch_id) AS all_rows
            FROM ledger.proof AS p
            WHERE
                p.batch_id IN (SELECT c.batch_id FROM core.lost_row AS c WHERE c.day IS NULL)
                AND p.batch_id NOT IN (SELECT e.batch_id FROM ledger.dated AS e)
        ) AS d
            ON d.batch_id = b.batch_id
        -- nor was it lost on days that nobody asked for
        INNER JOIN ledger.batch AS w
            ON
                w.batch_id = b.batch_id
                AND d.day <= coalesce(w.window_to, d.day)
                AND coalesce(d.until_day >= w.window_from, TRUE)
        WHERE b.day IS NULL
    ) AS x
    INNER JOIN registry.source AS s ON s.place_id = x.place_id AND s.source_id = x.source_id
) AS l
-- nor did a contract begin after the end that can be read
WHERE l.until_day IS NULL OR l.until_day >= l.day
GROUP BY l.place_id, l.feed, l.source_id, l.day, l.until_day
