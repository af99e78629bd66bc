/*
grain = "one row per use of a service; deleted ones are gone, and days for which the source does not speak"
kind = "view"
kept = true
*/
SELECT
    u.place_id,
    u.source_id,
    u.record_id,
    u.person_key,
    u.identity_kind,
    u.age_band,
    u.gender,
    u.social_status,
    u.home_commune,
    u.occurred_at,
    u.occurred_local,
    u.duration_minutes,
    u.headcount,
    u.service_code,
    u.theme_code,
    u.operator_code,
    u.mode,
    u.location,
    u.autonomy,
    u.outcome,
    u.quantity,
    u.unit,
    u.amount_eur_cents,
    u.structure_siret,
    u.activity_id,
    u.enrolled_from,
    u.enrolled_to,
    u.evidence
FROM record.service_usage AS u
LEFT JOIN registry.source AS s ON s.place_id = u.place_id AND s.source_id = u.source_id
WHERE
    NOT u.deleted
    AND (s.from_day IS NULL OR CAST(u.occurred_local AS DATE) >= s.from_day)
    AND (s.until_day IS NULL OR CAST(u.occurred_local AS DATE) <= s.until_day)
