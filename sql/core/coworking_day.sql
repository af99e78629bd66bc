/*
grain = "one row per place, person and local day in the coworking space"
*/
SELECT
    v.place_id,
    v.person_key,
    v.day,
    v.month,
    bool_or(v.is_observed) AS is_observed,
    -- where both are known; of several rows, the last in the order of the text
    max(
        CASE
            WHEN v.usual_work_commune IS NOT NULL THEN v.home_commune || '>' || v.usual_work_commune
        END
    ) AS usual_way
FROM core.visit AS v
WHERE v.person_key IS NOT NULL AND v.space_code = 'coworking'
GROUP BY v.place_id, v.person_key, v.day, v.month
