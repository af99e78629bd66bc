/*
grain = "one row per place, month, service and category of a breakdown (all, operator, theme, mode, location, evidence): sums of uses; hours are NULL where none was given"
kept = true
key = "place_id"
*/
SELECT
    u.place_id,
    u.month,
    u.service_code,
    CASE
        WHEN grouping(u.operator_code) = 0 THEN 'operator'
        WHEN grouping(u.theme_code) = 0 THEN 'theme'
        WHEN grouping(u.mode) = 0 THEN 'mode'
        WHEN grouping(u.location) = 0 THEN 'location'
        WHEN grouping(u.evidence) = 0 THEN 'evidence'
        ELSE 'all'
    END AS breakdown,
    CASE
        WHEN grouping(u.operator_code) = 0
            THEN coalesce(CAST(u.operator_code AS VARCHAR), 'non_communique')
        WHEN grouping(u.theme_code) = 0 THEN coalesce(u.theme_code, 'non_communique')
        WHEN grouping(u.mode) = 0 THEN coalesce(CAST(u.mode AS VARCHAR), 'non_communique')
        WHEN grouping(u.location) = 0 THEN CAST(u.location AS VARCHAR)
        WHEN grouping(u.evidence) = 0 THEN CAST(u.evidence AS VARCHAR)
        ELSE 'all'
    END AS category,
    count(*) AS uses,
    CAST(sum(u.headcount) AS BIGINT) AS headcount,
    CAST(sum(CASE WHEN u.is_observed THEN 1 ELSE 0 END) AS BIGINT) AS observed_uses,
    CAST(sum(CASE WHEN u.is_observed THEN u.headcount ELSE 0 END) AS BIGINT) AS observed_headcount,
    CAST(sum(CASE WHEN u.person_key IS NOT NULL THEN u.headcount ELSE 0 END) AS BIGINT) AS identified_headcount,
    CAST(sum(coalesce(u.amount_eur_cents, 0)) AS BIGINT) AS amount_eur_cents,
    sum(CASE WHEN u.unit = 'heure' THEN u.quantity END) AS hours_used,
    sum(CASE WHEN u.unit = 'heure' AND u.is_observed THEN u.quantity ELSE 0 END)
        AS observed_hours_used,
    CAST(sum(u.duration_minutes * u.headcount) AS BIGINT) AS person_minutes,
    CAST(sum(CASE WHEN u.is_observed THEN u.duration_minutes * u.headcount ELSE 0 END) AS BIGINT)
        AS observed_person_minutes,
    sum(u.number) AS key,
    sum(CASE WHEN u.amount_eur_cents IS NOT NULL THEN u.number END) AS amount_key,
    sum(CASE WHEN u.unit = 'heure' AND u.quantity IS NOT NULL THEN u.number END) AS hours_key,
    sum(CASE WHEN u.duration_minutes IS NOT NULL THEN u.number END) AS minutes_key
FROM core.usage AS u
GROUP BY GROUPING SETS (
    (u.place_id, u.month, u.service_code),
    (u.place_id, u.month, u.service_code, u.operator_code),
    (u.place_id, u.month, u.service_code, u.theme_code),
    (u.place_id, u.month, u.service_code, u.mode),
    (u.place_id, u.month, u.service_code, u.location),
    (u.place_id, u.month, u.service_code, u.evidence)
)
