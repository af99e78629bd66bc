/*
grain = "one row per presence, booked or missed presence; deleted ones are gone, and days for which the source does not speak"
kind = "view"
kept = true
*/
SELECT
    a.place_id,
    a.source_id,
    a.record_id,
    a.person_key,
    a.identity_kind,
    a.age_band,
    a.gender,
    a.social_status,
    a.home_commune,
    a.checked_in_at,
    a.checked_in_local,
    a.checked_out_at,
    a.checked_out_local,
    a.headcount,
    a.space_code,
    a.activity_id,
    a.role,
    a.attendance_status,
    a.evidence,
    a.usual_work_commune
FROM record.attendance AS a
LEFT JOIN registry.source AS s ON s.place_id = a.place_id AND s.source_id = a.source_id
WHERE
    NOT a.deleted
    AND (s.from_day IS NULL OR CAST(a.checked_in_local AS DATE) >= s.from_day)
    AND (s.until_day IS NULL OR CAST(a.checked_in_local AS DATE) <= s.until_day)
