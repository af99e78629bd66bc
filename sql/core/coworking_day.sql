/*
grain = "one row per place, person and local day in the coworking space; the communes of the day's way, where both are known"
*/
SELECT
    d.place_id,
    d.day,
    d.month,
    d.is_observed,
    d.number,
    substr(d.way, 1, 5) AS home_commune,
    substr(d.way, 7, 5) AS work_commune
FROM (
    SELECT
        v.place_id,
        v.day,
        v.month,
        bool_or(v.is_observed) AS is_observed,
        number_of(concat_ws('/', v.place_id, v.person_key, v.day)) AS number,
        -- one way a day, of one row: of several, the last in the order of the text
        max(v.home_commune || '>' || v.usual_work_commune) AS way
    FROM core.visit AS v
    WHERE v.person_key IS NOT NULL AND v.space_code = 'coworking'
    GROUP BY v.place_id, v.person_key, v.day, v.month
) AS d
