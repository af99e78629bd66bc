/*
grain = "one row per job of the team that has hours: a company director works for no number of them"
only.relation = ["equipe"]
*/
SELECT
    j.place_id,
    j.source_id,
    j.record_id,
    j.worker,
    j.number,
    -- a contract that does not name its employer is with the one that others of the person name
    coalesce(
        j.employer_siret,
        max(j.employer_siret) OVER (PARTITION BY j.place_id, j.worker),
        ''
    ) AS employer,
    j.contract_type,
    j.started_on,
    j.ended_before,
    least(j.weekly_minutes, f.value) AS weekly_minutes,
    f.value AS full_time_minutes
FROM core.job AS j
INNER JOIN registry.coefficient AS f ON f.name = 'full_time_week_minutes'
WHERE j.relation = 'equipe' AND j.contract_type <> 'DIRIGEANT'
