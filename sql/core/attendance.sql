/*
grain = "one row per presence, booked or missed presence; deleted ones are gone"
kind = "view"
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
    a.checked_out_at,
    a.headcount,
    a.space_code,
    a.activity_id,
    a.role,
    a.attendance_status,
    a.evidence,
    a.usual_work_commune
FROM record.attendance AS a
WHERE NOT a.deleted
