/*
comment = "Les ruptures de série : à cette date, un lieu a changé d'outil, de clé ou de preuve, ou reconnaît autrement les personnes ; ou un indicateur a une nouvelle définition."
[columns]
lieu_id = "Voir la table lieux ; vide pour une nouvelle définition, qui est celle de tous."
indicateur_id = "L'indicateur qui a une nouvelle définition ; vide sinon."
flux = "attendance, employment ou service_usage."
rupture_le = "Premier jour de la nouvelle source."
ancienne_source = "Source qui s'arrête la veille."
nouvelle_source = "Source qui prend la suite ; la même, où une adresse s'est révélée commune à plusieurs personnes."
motif = "Ce qui change, en une phrase."
*/
SELECT
    b.place_id AS lieu_id,
    CAST(NULL AS VARCHAR) AS indicateur_id,
    b.feed AS flux,
    b.on_day AS rupture_le,
    b.from_source AS ancienne_source,
    b.to_source AS nouvelle_source,
    CASE
        WHEN b.from_source = b.to_source
            THEN 'Une adresse s''est révélée commune à plusieurs personnes : elles ne sont plus reconnues par elle.'
        WHEN b.changes_identity AND b.changes_evidence
            THEN 'Les personnes ne sont plus reconnues de la même façon, et la preuve change.'
        WHEN b.changes_identity THEN 'Les personnes ne sont plus reconnues de la même façon.'
        WHEN b.changes_evidence THEN 'La preuve change : la présence n''est plus connue de la même façon.'
        ELSE 'L''outil change.'
    END AS motif
FROM registry.series_break AS b
UNION ALL
SELECT
    CAST(NULL AS VARCHAR) AS lieu_id,
    r.indicateur_id,
    CAST(NULL AS VARCHAR) AS flux,
    min(r.revisee_le) AS rupture_le,
    CAST(NULL AS VARCHAR) AS ancienne_source,
    CAST(NULL AS VARCHAR) AS nouvelle_source,
    'La définition change (version ' || r.version || ') : les chiffres publiés selon l''ancienne '
    || 'ne se comparent pas à ceux-ci.' AS motif
FROM release.revisions AS r
WHERE r.nature = 'definition'
GROUP BY r.indicateur_id, r.version
ORDER BY lieu_id, indicateur_id, flux, rupture_le, nouvelle_source
