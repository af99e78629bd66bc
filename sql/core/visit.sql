/*
grain = "one row per visit: a user who was present, or a group counted by heads"
only.role = ["usager"]
*/
SELECT
    v.place_id,
    -- what stands for the record in the sums that know a set of records: see CONTRIBUTING.md
    number_of(concat_ws('/', v.place_id, v.source_id, v.record_id)) AS number,
    v.person_key,
    v.identity_kind,
    v.age_band,
    v.gender,
    v.social_status,
    v.home_commune,
    v.usual_work_commune,
    v.headcount,
    v.space_code,
    v.activity_id,
    v.evidence,
    -- booked or declared is what somebody said; the rest is what somebody or a machine saw
    v.evidence IN ('seen', 'checked_in', 'ticketed') AS is_observed,
    v.checked_in_at,
    v.checked_out_at,
    v.checked_out_local,
    v.day,
    CAST(date_trunc('month', v.day) AS DATE) AS month
FROM (
    SELECT
        a.*,
        CAST(a.checked_in_local AS DATE) AS day
    FROM core.attendance AS a
    WHERE a.role = 'usager' AND a.attendance_status = 'present'
) AS v
