{{ config(materialized='view') }}
SELECT
    place_id, person_key, headcount, space_code, gender,
    CAST(checked_in_local AS DATE) AS day,
    CAST(date_trunc('month', checked_in_local) AS DATE) AS month
FROM {{ source('tables', 'attendance') }}
WHERE role = 'usager' AND attendance_status = 'present'
