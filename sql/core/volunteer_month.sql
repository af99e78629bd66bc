/*
grain = "one row per place and month of arrival: seconds of presence of volunteers who noted their departure, times heads"
only.role = ["benevole"]
kept = true
key = "place_id"
*/
SELECT
    b.place_id,
    CAST(date_trunc('month', b.day) AS DATE) AS month,
    sum(b.seconds) AS seconds,
    sum(CASE WHEN b.is_observed THEN b.seconds ELSE 0 END) AS observed_seconds,
    sum(b.number) AS key
FROM (
    SELECT
        a.place_id,
        CAST(a.checked_in_local AS DATE) AS day,
        a.headcount * date_diff('second', a.checked_in_at, a.checked_out_at) AS seconds,
        a.evidence IN ('seen', 'checked_in', 'ticketed') AS is_observed,
        number_of(concat_ws('/', a.place_id, a.source_id, a.record_id)) AS number
    FROM core.attendance AS a
    WHERE
        a.role = 'benevole'
        AND a.attendance_status = 'present'
        AND a.checked_out_at IS NOT NULL
) AS b
GROUP BY b.place_id, CAST(date_trunc('month', b.day) AS DATE)
