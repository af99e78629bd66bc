/*
grain = "one row per contract or commitment; deleted ones are gone"
kind = "view"
kept = true
*/
SELECT
    e.place_id,
    e.source_id,
    e.record_id,
    e.person_key,
    e.identity_kind,
    e.age_band,
    e.gender,
    e.home_commune,
    e.relation,
    e.employer_siret,
    e.contract_type,
    e.started_on,
    e.ended_on,
    e.weekly_minutes,
    e.gross_monthly_eur_cents,
    e.is_insertion,
    e.post_code,
    e.grant_id,
    e.exit_reason
FROM record.employment AS e
WHERE NOT e.deleted
