/*
grain = "one row per job: contracts and self-employment; service civique, internships and volunteering are not jobs"
*/
SELECT
    e.place_id,
    coalesce(e.person_key, e.source_id || '/' || e.record_id) AS worker,
    e.relation,
    e.contract_type,
    e.weekly_minutes,
    e.started_on,
    -- the last day of a contract is worked: the job ends before the next one
    date_add(e.ended_on, INTERVAL 1 DAY) AS ended_before
FROM core.employment AS e
WHERE e.contract_type NOT IN ('SERVICE_CIVIQUE', 'STAGE', 'BENEVOLE')
