-- what is known of a person last, be it of a visit or of a use; of one day, the last of the list
CREATE TABLE person_month AS
SELECT
    place_id, person_key, month,
    bool_or(is_visit) AS has_visited,
    min(day) FILTER (is_visit) AS first_visit_on,
    max(day) FILTER (is_visit) AS last_visit_on,
    max({'day': day, 'gender': gender}) FILTER (gender <> 'non_communique') AS known
FROM (
    SELECT place_id, person_key, month, day, gender, true AS is_visit FROM visit
    UNION ALL
    SELECT place_id, person_key, month, day, gender, false FROM use
)
WHERE person_key IS NOT NULL
GROUP BY ALL;
