/*
grain = "one row per use of a service, with its local day and month"
*/
SELECT
    u.place_id,
    u.person_key,
    u.identity_kind,
    u.headcount,
    u.service_code,
    u.outcome,
    u.evidence,
    u.day,
    CAST(date_trunc('month', u.day) AS DATE) AS month
FROM (
    SELECT
        s.place_id,
        s.person_key,
        s.identity_kind,
        s.headcount,
        s.service_code,
        s.outcome,
        s.evidence,
        CAST(s.occurred_at AT TIME ZONE 'Europe/Paris' AS DATE) AS day
    FROM core.service_usage AS s
) AS u
