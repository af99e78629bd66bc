/*
grain = "one row per individual digital mediation of a known person whose autonomy was rated"
*/
SELECT
    u.place_id,
    u.person_key,
    u.day,
    u.month,
    u.is_observed,
    -- grows with the instant, then with the rank: the remainder by 4 is the rank
    date_diff('microsecond', TIMESTAMPTZ '1970-01-01 00:00:00+00', u.occurred_at) * 4 + r.rank
        AS rated_at
FROM core.usage AS u
INNER JOIN registry.code AS r ON r.list = 'autonomy' AND r.code = u.autonomy
WHERE
    u.service_code = 'mediation_numerique'
    AND u.mode = 'individuel'
    AND u.person_key IS NOT NULL
