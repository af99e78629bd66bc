/*
grain = "one row per cell of the tables that are decided for the first time: an indicator, a territory, a period and a characteristic, of which there is a value, or would be of more people"
*/
-- that there are too few is decided once too: a table that is there a night later says that somebody
-- came. Not of a territory that has too few places, whatever they have: it may have more
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
QUALIFY bool_or(d.is_shown OR d.diffusion = 'non_diffuse' AND NOT d.is_small) OVER (
    PARTITION BY d.indicateur_id, d.niveau, d.territoire_id, d.periode, d.ventilation
)
