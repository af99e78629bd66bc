CREATE TABLE use AS
SELECT
    place_id, person_key, headcount, gender,
    CAST(occurred_local AS DATE) AS day,
    CAST(date_trunc('month', occurred_local) AS DATE) AS month
FROM service_usage;
