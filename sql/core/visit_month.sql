/*
grain = "one row per place, month and category of a breakdown (all, service, evidence): visits by heads"
kept = true
key = "place_id"
*/
SELECT
    v.place_id,
    v.month,
    CASE
        WHEN grouping(v.space_code) = 0 THEN 'service'
        WHEN grouping(v.evidence) = 0 THEN 'evidence'
        ELSE 'all'
    END AS breakdown,
    CASE
        WHEN grouping(v.space_code) = 0 THEN coalesce(CAST(v.space_code AS VARCHAR), 'non_communique')
        WHEN grouping(v.evidence) = 0 THEN CAST(v.evidence AS VARCHAR)
        ELSE 'all'
    END AS category,
    CAST(sum(v.headcount) AS BIGINT) AS headcount,
    CAST(sum(CASE WHEN v.is_observed THEN v.headcount ELSE 0 END) AS BIGINT) AS observed_headcount,
    CAST(sum(v.identified_headcount) AS BIGINT) AS identified_headcount,
    sum(v.key) AS key
FROM (
    SELECT
        r.place_id,
        r.month,
        r.space_code,
        r.evidence,
        r.is_observed,
        sum(r.headcount) AS headcount,
        sum(CASE WHEN r.person_key IS NOT NULL THEN r.headcount ELSE 0 END) AS identified_headcount,
        sum(r.number) AS key
    FROM core.visit AS r
    GROUP BY r.place_id, r.month, r.space_code, r.evidence, r.is_observed
) AS v
GROUP BY GROUPING SETS (
    (v.place_id, v.month),
    (v.place_id, v.month, v.space_code),
    (v.place_id, v.month, v.evidence)
)
