/*
grain = "one row per contract or commitment that a source speaks of, on the days for which it speaks"
kept = true
key = "place_id"
*/
SELECT
    e.place_id,
    e.source_id,
    e.record_id,
    -- a contract without a pseudonym is a person of its own, known by its natural key
    coalesce(e.person_key, e.place_id || '/' || e.source_id || '/' || e.record_id) AS worker,
    number_of(coalesce(e.person_key, e.place_id || '/' || e.source_id || '/' || e.record_id))
        AS number,
    e.gender,
    e.home_commune,
    e.relation,
    e.employer_siret,
    e.contract_type,
    e.weekly_minutes,
    e.is_insertion,
    e.post_code,
    e.exit_reason,
    -- as signed; below, as far as the source speaks
    e.started_on AS signed_on,
    e.ended_on AS left_on,
    greatest(e.started_on, s.from_day) AS started_on,
    -- the last day of a contract is worked: it ends before the next one
    date_add(least(e.ended_on, s.until_day), INTERVAL 1 DAY) AS ended_before
FROM core.employment AS e
LEFT JOIN registry.source AS s ON s.place_id = e.place_id AND s.source_id = e.source_id
WHERE
    (s.until_day IS NULL OR e.started_on <= s.until_day)
    AND (s.from_day IS NULL OR e.ended_on IS NULL OR e.ended_on >= s.from_day)
