/*
grain = "one row per figure that could be published now, in the words of the release"
*/
SELECT
    x.indicator_id AS indicateur_id,
    CASE x.scope_type
        WHEN 'place' THEN 'lieu'
        WHEN 'network' THEN 'reseau'
        WHEN 'portfolio' THEN 'portefeuille'
        ELSE x.scope_type
    END AS niveau,
    CASE x.scope_type
        WHEN 'departement' THEN replace(x.scope_id, 'departement:', '')
        WHEN 'portfolio' THEN replace(x.scope_id, 'portfolio:', '')
        WHEN 'network' THEN 'reseau'
        ELSE x.scope_id
    END AS territoire_id,
    replace(x.period_id, 'convention:', '') AS periode,
    CASE x.period_type
        WHEN 'month' THEN 'mois'
        WHEN 'quarter' THEN 'trimestre'
        WHEN 'year' THEN 'annee'
        ELSE x.period_type
    END AS granularite,
    x.starts_on AS debut,
    CAST(x.ends_before - INTERVAL 1 DAY AS DATE) AS fin,
    b.label_fr AS ventilation,
    CASE x.category WHEN 'all' THEN 'ensemble' ELSE x.category END AS modalite,
    x.valeur,
    -- outwards, so that what is exact is never outside
    floor(CAST(round(CAST(1000 * x.at_least AS DECIMAL(18, 6)), 3) AS DOUBLE)) / 1000 AS valeur_min,
    ceil(CAST(round(CAST(1000 * x.at_most AS DECIMAL(18, 6)), 3) AS DOUBLE)) / 1000 AS valeur_max,
    CASE
        WHEN NOT x.is_shown THEN NULL
        WHEN x.protection = 'band' AND x.last_number IS NULL THEN x.first_number || ' et plus'
        WHEN x.protection = 'band' THEN x.first_number || '–' || x.last_number
        WHEN x.points IS NOT NULL AND x.valeur = 0 THEN '≤ ' || x.points || ' %'
        WHEN x.points IS NOT NULL AND x.valeur = 1 THEN '≥ ' || (100 - x.points) || ' %'
        WHEN x.unit = 'share'
            THEN CAST(CAST(round(CAST(x.valeur * 100 AS DECIMAL(18, 6)), 0) AS BIGINT) AS VARCHAR) || ' %'
        WHEN x.valeur = 0 AND x.protection IN ('count', 'volume', 'kg', 'fte')
            THEN '0–' || replace(replace(CAST(x.margin AS VARCHAR), '.0', ''), '.', ',')
        ELSE
            replace(
                regexp_replace(CAST(CAST(x.valeur AS DECIMAL(18, 2)) AS VARCHAR), '\.?0+$', ''),
                '.', ','
            )
    END AS affichage,
    CASE
        WHEN NOT x.is_defined THEN 'non_disponible'
        WHEN NOT x.is_shown THEN 'non_diffuse'
        WHEN x.protection = 'band' THEN 'tranche'
        WHEN x.protection = 'exact' THEN 'exact'
        ELSE 'arrondi'
    END AS diffusion,
    'definitif' AS etat,
    x.status AS statut,
    round(CAST(x.completeness AS DECIMAL(18, 12)), 4) AS completude,
    x.broken_on AS rupture_de_serie,
    CASE
        WHEN x.is_shown AND x.breakdown = 'all'
            THEN CAST(round(
                CAST(x.observed / nullif(coalesce(x.denominator, x.numerator), 0) AS DECIMAL(18, 12)) * 20
            ) / 20 AS DECIMAL(5, 2))
    END AS part_observee,
    CASE
        WHEN i.counts_people AND x.scope_type <> 'place'
            THEN CASE r.person_key WHEN 'network' THEN 'unique' ELSE 'par_lieu' END
    END AS comptage_personnes,
    CAST(round(CAST(x.lost_share AS DECIMAL(18, 12)) * 20) / 20 AS DECIMAL(5, 2)) AS part_refusee,
    CAST(round(CAST(x.identified_share AS DECIMAL(18, 12)) * 20) / 20 AS DECIMAL(5, 2))
        AS part_identifiee,
    x.places AS lieux_attendus,
    x.sure_places AS lieux_contributeurs,
    CASE
        WHEN x.is_late AND x.is_shown
            THEN 'Chiffre de ' || x.sure_places || ' lieux sur ' || x.places
                || ' : les autres n''avaient pas de chiffre ' || y.late_days
                || ' jours après la fin de la période.'
        WHEN x.status = 'not_open' THEN 'Le lieu n''était pas encore ouvert.'
        WHEN x.status = 'closed' THEN 'Le lieu était définitivement fermé.'
        WHEN x.status = 'not_applicable'
            THEN 'Aucun lieu du territoire n''offre ce service ou ne transmet ces données.'
        WHEN x.status = 'missing' THEN 'Aucune donnée n''a été reçue pour cette période.'
        WHEN x.status = 'partial' AND x.lost_by IS NULL
            THEN 'Données incomplètes : des jours attendus n''ont pas été reçus.'
        WHEN x.status = 'partial' AND x.completeness < 1
            THEN 'Données incomplètes : des jours attendus n''ont pas été reçus, et trop de lignes ont '
                || 'été refusées, surtout de la source ' || x.lost_by || '.'
        WHEN x.status = 'partial'
            THEN 'Données incomplètes : trop de lignes ont été refusées, surtout de la source '
                || x.lost_by || '.'
        WHEN x.status = 'too_early' AND i.looks_ahead_days > 0
            THEN 'Trop tôt : il faut ' || i.looks_back_days || ' jours d''historique et attendre '
                || i.looks_ahead_days || ' jours après la période.'
        WHEN x.status = 'too_early'
            THEN 'Historique trop court : il faut ' || i.looks_back_days || ' jours avant '
                || CASE i.looks_back_from WHEN 'end' THEN 'la fin de la période' ELSE 'la période' END
                || ', sans rupture de série.'
        WHEN NOT x.is_defined AND x.numerator IS NULL
            THEN 'Trop peu de cas, ou de personnes dont la caractéristique est connue.'
        WHEN NOT x.is_defined
            THEN 'Aucun cas dont on sache ce que le rapport demande : il n''est pas défini.'
        WHEN x.is_of_few_places
            THEN 'Moins de ' || y.territory_places || ' lieux y contribuent : voyez chaque lieu.'
        WHEN x.protection = 'band'
            THEN 'Tranche : ' || CASE
                WHEN x.last_number IS NULL THEN x.first_number || ' et plus.'
                ELSE 'de ' || x.first_number || ' à ' || x.last_number || '.'
            END
        WHEN NOT x.is_shown AND x.protection IN ('rate', 'rate_of_people')
            THEN 'Une part n''est diffusée qu''à partir de ' || y.coarse_cases || ' cas.'
        WHEN NOT x.is_shown THEN 'Diffusé à partir de ' || y.people || ' personnes.'
        WHEN i.counts_people AND x.identified_share < q.value
            THEN 'Prudence : moins de la moitié des personnes reçues sont identifiées.'
    END AS motif,
    i.version,
    x.rule AS regle,
    p.publication_id,
    r.today AS publiee_le,
    0 AS revision,
    l.lot_id,
    secret_fingerprint() AS secret_fingerprint,
    x.is_shown,
    x.is_small,
    x.is_sure,
    x.exact,
    -- the first night: what it looks ahead on is over too, or it is too early
    x.is_sure AND date_diff('day', x.ends_before, r.today) >= y.settled_days AS is_due
FROM rounded_cell AS x
INNER JOIN registry.indicator AS i ON i.indicator_id = x.indicator_id
INNER JOIN registry.breakdown AS b ON b.breakdown = x.breakdown
INNER JOIN registry.coefficient AS q ON q.name = 'identified_share_min'
CROSS JOIN registry.policy AS y
CROSS JOIN registry.run AS r
CROSS JOIN registry.publication AS p
LEFT JOIN (
    SELECT
        f.indicator_id,
        s.scope_id,
        max_by(b.place_id || '/' || b.source_id, (b.received_at, b.place_id, b.source_id)) AS lot_id
    FROM core.indicator_reader AS f
    INNER JOIN ledger.batch AS b ON b.place_id = f.place_id AND b.source_id = f.source_id
    INNER JOIN ledger.last_attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
    INNER JOIN core.scope AS s ON s.place_id = b.place_id
    GROUP BY f.indicator_id, s.scope_id
) AS l ON l.indicator_id = x.indicator_id AND l.scope_id = x.scope_id
WHERE x.breakdown = 'all' OR NOT x.is_of_few_places
