/*
grain = "one row per scope, period and characteristic (age_band, social_status): how evenly people of known profile spread over its codes"
*/
SELECT
    z.scope_id,
    z.period_id,
    z.breakdown,
    max(z.persons) AS persons,
    max(z.known) AS known,
    coalesce(sum(CASE WHEN z.is_known THEN z.observed_of_code END), 0) AS observed_known,
    sum(CASE WHEN z.is_known THEN z.key END) AS known_key,
    -- whole numbers, so that the order of the sum never shows in the last digits
    CAST(coalesce(sum(CASE WHEN z.is_known THEN z.of_code * z.of_code END), 0) AS BIGINT)
        AS sum_of_squares,
    coalesce(sum(
        CASE
            WHEN z.is_known
                THEN CAST(round(-z.share * ln(z.share) * 1000000000000000) AS BIGINT)
        END
    ), 0) / CAST(1000000000000000 AS DOUBLE) AS entropy
FROM (
    SELECT
        p.scope_id,
        p.period_id,
        p.breakdown,
        p.category <> 'non_communique' AS is_known,
        p.persons AS of_code,
        p.observed_persons AS observed_of_code,
        p.persons_key AS key,
        sum(p.persons) OVER (PARTITION BY p.scope_id, p.period_id, p.breakdown) AS persons,
        sum(CASE WHEN p.category <> 'non_communique' THEN p.persons ELSE 0 END)
            OVER (PARTITION BY p.scope_id, p.period_id, p.breakdown) AS known,
        CAST(p.persons AS DOUBLE)
        / nullif(
            sum(CASE WHEN p.category <> 'non_communique' THEN p.persons ELSE 0 END)
                OVER (PARTITION BY p.scope_id, p.period_id, p.breakdown),
            0
        ) AS share
    FROM core.person_cell AS p
    WHERE p.breakdown IN ('age_band', 'social_status')
) AS z
GROUP BY z.scope_id, z.period_id, z.breakdown
