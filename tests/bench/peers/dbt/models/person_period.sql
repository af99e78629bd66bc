SELECT
    place_id, kind, starts_on, person_key,
    bool_or(has_visited) AS has_visited,
    coalesce(CAST((max(known)).gender AS VARCHAR), 'non_communique') AS gender,
    coalesce(starts_on - min(previous_visit_on) BETWEEN 1 AND 365, false) AS is_returning
FROM (
    SELECT
        *,
        lag(last_visit_on IGNORE NULLS) OVER (
            PARTITION BY place_id, person_key ORDER BY month
        ) AS previous_visit_on
    FROM {{ ref('person_month') }}
)
INNER JOIN {{ ref('period') }} USING (month)
GROUP BY place_id, kind, starts_on, person_key
