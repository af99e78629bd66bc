/*
grain = "one row per batch, and first and last day of rows that were lost: how many; a row of which no day can be read has none"
kept = true
key = "place_id"
*/
-- The same row in several deliveries is one, of the last of them; equal rows of one delivery are as
-- many as they are.
SELECT
    r.place_id,
    r.feed,
    r.source_id,
    r.batch_id,
    r.day,
    r.until_day,
    count(*) AS lost
FROM (
    SELECT
        v.*,
        row_number() OVER (
            PARTITION BY v.place_id, v.source_id, v.digest, v.copy
            ORDER BY v.received_at DESC, v.batch_id
        ) AS age
    FROM (
        SELECT
            u.*,
            row_number() OVER (
                PARTITION BY u.batch_id, u.digest ORDER BY u.sheet, u.row_number
            ) AS copy
        FROM (
            SELECT
                q.place_id,
                q.feed,
                q.source_id,
                q.batch_id,
                b.received_at,
                q.sheet,
                q.row_number,
                min(q.day) AS day,
                min(q.until_day) AS until_day,
                -- what was refused before rows had a hash is known by its place alone
                coalesce(
                    min(q.digest),
                    q.batch_id || '/' || q.sheet || '/' || CAST(q.row_number AS VARCHAR)
                ) AS digest
            FROM ledger.open_reject AS q
            INNER JOIN ledger.batch AS b ON b.batch_id = q.batch_id
            GROUP BY
                q.place_id,
                q.feed,
                q.source_id,
                q.batch_id,
                b.received_at,
                q.sheet,
                q.row_number
        ) AS u
    ) AS v
) AS r
WHERE r.age = 1
GROUP BY r.place_id, r.feed, r.source_id, r.batch_id, r.day, r.until_day
