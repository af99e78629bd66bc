/*
comment = "Les chiffres : un par indicateur, territoire et période terminée. Une valeur absente a un motif."
[columns]
indicateur_id = "Voir la table indicateurs."
niveau = "lieu, epci, departement ou reseau."
territoire_id = "Identifiant du lieu, SIREN de l'EPCI, code du département, ou reseau."
periode = "2026-10 (mois), 2026-T3 (trimestre) ou 2026 (année)."
debut = "Premier jour de la période."
fin = "Dernier jour de la période, compris."
ventilation = "Caractéristique détaillée ; ensemble pour le total."
modalite = "Valeur de la caractéristique ; ensemble pour le total."
valeur = "Le chiffre ; vide quand il n'est pas diffusé ou pas disponible."
diffusion = "exact, non_diffuse (secret) ou non_disponible."
etat = "provisoire ou definitif."
statut = "ok, partial, missing, too_early, not_open, closed, not_applicable, identified_per_source."
completude = "Part des jours attendus pour lesquels des données sont arrivées, de 0 à 1."
rupture_de_serie = "Jour du dernier changement d'outil, de clé ou de preuve dans la période ou l'historique qu'elle demande ; les valeurs d'avant et d'après ne se comparent pas. Voir la table ruptures."
motif = "Pourquoi la valeur est absente, en une phrase."
version = "Version de la définition de l'indicateur."
publication_id = "Publication qui contient ce chiffre."
lot_id = "Dernier lot reçu parmi ceux dont dépend le chiffre ; voir la table lots."
*/
SELECT
    x.indicator_id AS indicateur_id,
    CASE x.scope_type WHEN 'place' THEN 'lieu' WHEN 'network' THEN 'reseau' ELSE x.scope_type END
        AS niveau,
    CASE x.scope_type
        WHEN 'epci' THEN replace(x.scope_id, 'epci:', '')
        WHEN 'departement' THEN replace(x.scope_id, 'departement:', '')
        WHEN 'network' THEN 'reseau'
        ELSE x.scope_id
    END AS territoire_id,
    x.period_id AS periode,
    x.starts_on AS debut,
    CAST(x.ends_before - INTERVAL 1 DAY AS DATE) AS fin,
    'ensemble' AS ventilation,
    'ensemble' AS modalite,
    CASE WHEN NOT x.is_small THEN x.value END AS valeur,
    CASE
        WHEN x.value IS NULL THEN 'non_disponible'
        WHEN x.is_small THEN 'non_diffuse'
        ELSE 'exact'
    END AS diffusion,
    CASE
        WHEN date_diff('day', x.ends_before, x.today) < x.provisional_days THEN 'provisoire'
        ELSE 'definitif'
    END AS etat,
    x.status AS statut,
    round(x.completeness, 4) AS completude,
    x.broken_on AS rupture_de_serie,
    CASE
        WHEN x.status = 'not_open' THEN 'Le lieu n''était pas encore ouvert.'
        WHEN x.status = 'closed' THEN 'Le lieu était définitivement fermé.'
        WHEN x.status = 'not_applicable'
            THEN 'Aucun lieu du territoire n''offre ce service ou ne transmet ces données.'
        WHEN x.status = 'missing' THEN 'Aucune donnée n''a été reçue pour cette période.'
        WHEN x.status = 'partial'
            THEN 'Données incomplètes : des jours attendus n''ont pas été reçus.'
        WHEN x.status = 'too_early'
            THEN 'Historique trop court : il faut ' || x.looks_back_days
            || ' jours avant la période, sans rupture de série.'
        WHEN x.value IS NULL THEN 'Aucun cas pendant la période : la part n''est pas définie.'
        WHEN x.is_small
            THEN 'Secret : moins de ' || x.smallest_count || ' personnes ou cas.'
    END AS motif,
    x.version,
    p.publication_id,
    l.lot_id
FROM (
    SELECT
        v.*,
        i.looks_back_days,
        i.version,
        r.today,
        CAST(c.value AS BIGINT) AS smallest_count,
        CAST(d.value AS BIGINT) AS provisional_days,
        coalesce(
            i.unit IN ('persons', 'jobs') AND v.value < c.value
            OR i.unit = 'share' AND v.denominator < c.value,
            FALSE
        ) AS is_small
    FROM indicator.value AS v
    INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
    INNER JOIN registry.coefficient AS c ON c.name = 'smallest_published_count'
    INNER JOIN registry.coefficient AS d ON d.name = 'provisional_days'
    CROSS JOIN registry.run AS r
    WHERE v.is_ended
) AS x
CROSS JOIN registry.publication AS p
LEFT JOIN (
    SELECT
        f.indicator_id,
        s.scope_id,
        max_by(b.batch_id, b.received_at) AS lot_id
    FROM registry.indicator_feed AS f
    INNER JOIN ledger.batch AS b ON b.feed = f.feed
    INNER JOIN ledger.last_attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
    INNER JOIN core.scope AS s ON s.place_id = b.place_id
    GROUP BY f.indicator_id, s.scope_id
) AS l ON l.indicator_id = x.indicator_id AND l.scope_id = x.scope_id
ORDER BY indicateur_id, niveau, territoire_id, debut, fin
