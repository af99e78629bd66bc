/*
grain = "one row per place and person in incubation: the first day, and the first day that notes a company created"
*/
SELECT
    u.place_id,
    u.person_key,
    f.first_day,
    bool_or(u.day = f.first_day AND u.is_observed) AS is_observed,
    min(CASE WHEN u.outcome = 'entreprise_creee' THEN u.day END) AS created_on
FROM core.usage AS u
INNER JOIN (
    SELECT h.place_id, h.person_key, min(h.day) AS first_day
    FROM core.usage AS h
    WHERE h.service_code = 'incubation' AND h.person_key IS NOT NULL
    GROUP BY h.place_id, h.person_key
) AS f ON f.place_id = u.place_id AND f.person_key = u.person_key
WHERE u.service_code = 'incubation'
GROUP BY u.place_id, u.person_key, f.first_day
