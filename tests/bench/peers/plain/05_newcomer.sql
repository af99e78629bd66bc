-- the first and the second day on which somebody came to a place
CREATE TABLE newcomer AS
SELECT
    place_id, person_key,
    min(day) AS first_on,
    coalesce(min(day, 2)[2] <= min(day) + 90, false) AS is_back,
    CAST(date_trunc('month', min(day)) AS DATE) AS month
FROM (SELECT DISTINCT place_id, person_key, day FROM visit WHERE person_key IS NOT NULL)
GROUP BY place_id, person_key;
