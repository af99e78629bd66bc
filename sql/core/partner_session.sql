/*
grain = "one row per place, local day and partner who was present: by the session's identifier, else the person's, else the record's"
only.role = ["intervenant"]
*/
SELECT
    p.place_id,
    p.day,
    CAST(date_trunc('month', p.day) AS DATE) AS month,
    p.partner,
    bool_or(p.is_observed) AS is_observed
FROM (
    SELECT
        a.place_id,
        CAST(a.checked_in_local AS DATE) AS day,
        coalesce(a.activity_id, a.person_key, a.source_id || '/' || a.record_id) AS partner,
        a.evidence IN ('seen', 'checked_in', 'ticketed') AS is_observed
    FROM core.attendance AS a
    WHERE a.role = 'intervenant' AND a.attendance_status = 'present'
) AS p
GROUP BY p.place_id, p.day, p.partner
