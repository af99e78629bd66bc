/*
grain = "one row per visit: a user who was present, or a group counted by heads"
*/
SELECT
    v.place_id,
    v.person_key,
    v.identity_kind,
    v.headcount,
    v.evidence,
    v.day,
    CAST(date_trunc('month', v.day) AS DATE) AS month
FROM (
    SELECT
        a.place_id,
        a.person_key,
        a.identity_kind,
        a.headcount,
        a.evidence,
        CAST(a.checked_in_at AT TIME ZONE 'Europe/Paris' AS DATE) AS day
    FROM core.attendance AS a
    WHERE a.role = 'usager' AND a.attendance_status = 'present'
) AS v
