/*
grain = "one row per cell of the tables that are published for the first time: an indicator, a territory, a period and a characteristic, of which there is a value"
*/
SELECT d.*
FROM drawn_figure AS d
WHERE
    d.is_due
    AND NOT EXISTS (
        SELECT 1
        FROM ledger.published_value AS l
        WHERE
            l.indicateur_id = d.indicateur_id
            AND l.niveau = d.niveau
            AND l.territoire_id = d.territoire_id
            AND l.periode = d.periode
            AND l.ventilation = d.ventilation
            AND l.version = d.version
    )
QUALIFY bool_or(d.is_shown) OVER (
    PARTITION BY d.indicateur_id, d.niveau, d.territoire_id, d.periode, d.ventilation
)
