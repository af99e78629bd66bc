/*
grain = "one row per cell that was published, as it stands now: of each table the newest definition, of each of its cells the last revision"
*/
WITH known AS (
    SELECT l.* FROM ledger.published_value AS l
    UNION ALL
    SELECT n.* FROM new_value AS n
)

SELECT k.*
FROM known AS k
QUALIFY
    k.version = max(k.version) OVER (
        PARTITION BY k.indicateur_id, k.niveau, k.territoire_id, k.periode, k.ventilation
    )
    AND k.revision = max(k.revision) OVER (
        PARTITION BY
            k.indicateur_id, k.niveau, k.territoire_id, k.periode, k.ventilation, k.modalite,
            k.version
    )
