/*
grain = "one row per use of a service, with its local day and month"
*/
SELECT
    u.place_id,
    number_of(concat_ws('/', u.place_id, u.source_id, u.record_id)) AS number,
    u.person_key,
    u.identity_kind,
    u.age_band,
    u.gender,
    u.social_status,
    u.home_commune,
    u.headcount,
    u.service_code,
    u.theme_code,
    u.operator_code,
    u.mode,
    u.location,
    u.autonomy,
    u.outcome,
    u.duration_minutes,
    u.quantity,
    u.unit,
    u.amount_eur_cents,
    u.structure_siret,
    u.activity_id,
    u.enrolled_from,
    u.enrolled_to,
    u.evidence,
    u.evidence IN ('seen', 'checked_in', 'ticketed') AS is_observed,
    u.occurred_at,
    u.day,
    CAST(date_trunc('month', u.day) AS DATE) AS month
FROM (
    SELECT
        s.*,
        CAST(s.occurred_local AS DATE) AS day
    FROM core.service_usage AS s
) AS u
