/*
comment = "Les chiffres : un par indicateur, territoire et période terminée. Une valeur absente a un motif."
example = "SELECT valeur, statut, motif FROM valeurs WHERE indicateur_id = 'visits' AND niveau = 'lieu' AND granularite = 'annee' AND ventilation = 'ensemble'"
[columns]
indicateur_id = "Voir la table indicateurs."
niveau = "lieu, epci, departement, portefeuille ou reseau."
territoire_id = "Identifiant du lieu ou du portefeuille, SIREN de l'EPCI, code du département, ou reseau."
periode = "2026-10 (mois), 2026-T3 (trimestre), 2026 (année), ou l'identifiant d'une convention."
granularite = "mois, trimestre, annee ou convention : additionnez les lignes d'une seule."
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
part_observee = "Part de la base du chiffre qui a été vue, pointée ou contrôlée, de 0 à 1 ; le reste est réservé ou déclaré ; à 5 points près. Vide pour les contrats."
comptage_personnes = "Au-dessus d'un lieu : par_lieu quand une personne connue de deux lieux compte une fois dans chacun (une clé par lieu), unique quand elle compte une fois (une clé pour le réseau). Vide pour un lieu, et pour ce qui ne compte pas de personnes."
part_refusee = "Part des lignes reçues qui ont été refusées et attendent une correction, dans les sources dont dépend le chiffre, sur la période et les jours d'avant et d'après qu'elle demande : à 5 points près, de 0 à 1."
part_identifiee = "Part des personnes reçues qui sont reconnues d'une venue à l'autre, de 0 à 1, à 5 points près."
motif = "Pourquoi la valeur est absente ou à lire avec prudence, en une phrase."
version = "Version de la définition de l'indicateur."
publication_id = "Publication qui contient ce chiffre."
lot_id = "Dernier lot reçu parmi ceux dont dépend le chiffre ; voir la table lots."
*/
SELECT
    x.indicator_id AS indicateur_id,
    x.niveau,
    CASE x.scope_type
        WHEN 'epci' THEN replace(x.scope_id, 'epci:', '')
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
    x.ventilation,
    CASE x.category WHEN 'all' THEN 'ensemble' ELSE x.category END AS modalite,
    CASE WHEN NOT x.is_hidden THEN x.value END AS valeur,
    CASE
        WHEN x.value IS NULL THEN 'non_disponible'
        WHEN x.is_hidden THEN 'non_diffuse'
        ELSE 'exact'
    END AS diffusion,
    CASE
        WHEN
            x.status = 'too_early'
            OR date_diff('day', x.ends_before, x.today) < x.provisional_days
            THEN 'provisoire'
        ELSE 'definitif'
    END AS etat,
    x.status AS statut,
    round(CAST(x.completeness AS DECIMAL(18, 12)), 4) AS completude,
    x.broken_on AS rupture_de_serie,
    CASE
        WHEN NOT x.is_hidden AND x.value IS NOT NULL
            THEN CAST(round(CAST(x.observed_share AS DECIMAL(18, 12)) * 20) / 20 AS DECIMAL(5, 2))
    END AS part_observee,
    CASE
        WHEN x.counts_people AND x.scope_type <> 'place'
            THEN CASE x.person_key WHEN 'network' THEN 'unique' ELSE 'par_lieu' END
    END AS comptage_personnes,
    CAST(round(CAST(x.lost_share AS DECIMAL(18, 12)) * 20) / 20 AS DECIMAL(5, 2)) AS part_refusee,
    CAST(round(CAST(x.identified_share AS DECIMAL(18, 12)) * 20) / 20 AS DECIMAL(5, 2))
        AS part_identifiee,
    CASE
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
        WHEN x.status = 'too_early' AND x.looks_ahead_days > 0
            THEN 'Trop tôt : il faut ' || x.looks_back_days || ' jours d''historique et attendre '
                || x.looks_ahead_days || ' jours après la période.'
        WHEN x.status = 'too_early'
            THEN 'Historique trop court : il faut ' || x.looks_back_days || ' jours avant '
                || CASE x.looks_back_from WHEN 'end' THEN 'la fin de la période' ELSE 'la période' END
                || ', sans rupture de série.'
        WHEN x.value IS NULL AND x.numerator IS NULL
            THEN 'Trop peu de cas, ou de personnes dont la caractéristique est connue.'
        WHEN x.value IS NULL
            THEN 'Aucun cas dont on sache ce que le rapport demande : il n''est pas défini.'
        WHEN x.is_small AND x.protection = 'organisations'
            THEN 'Secret : moins de ' || x.smallest_organisations || ' organisations.'
        WHEN x.is_small THEN 'Secret : moins de ' || x.smallest_count || ' personnes ou cas.'
        WHEN x.is_hidden THEN 'Secret : cette valeur révélerait une valeur voisine par soustraction.'
        WHEN x.counts_people AND x.identified_share < x.smallest_identified_share
            THEN 'Prudence : moins de la moitié des personnes reçues sont identifiées.'
    END AS motif,
    x.version,
    p.publication_id,
    l.lot_id
FROM (
    SELECT
        y.*,
        -- a category alone to be hidden would be the total less the others: one more is hidden
        coalesce(
            y.is_small
            OR y.breakdown <> 'all'
            AND y.small_categories = 1
            AND y.rank_of_shown = 1,
            FALSE
        ) AS is_hidden
    FROM (
        SELECT
            z.*,
            count(*) FILTER (WHERE z.is_small) OVER (
                PARTITION BY z.indicator_id, z.scope_id, z.period_id, z.breakdown
            ) AS small_categories,
            row_number() OVER (
                PARTITION BY z.indicator_id, z.scope_id, z.period_id, z.breakdown
                ORDER BY z.is_small, z.value, z.category
            ) AS rank_of_shown
        FROM (
            SELECT
                v.*,
                i.looks_back_days,
                i.looks_back_from,
                i.looks_ahead_days,
                i.version,
                i.counts_people,
                i.protection,
                r.today,
                r.person_key,
                b.label_fr AS ventilation,
                CASE v.scope_type
                    WHEN 'place' THEN 'lieu'
                    WHEN 'network' THEN 'reseau'
                    WHEN 'portfolio' THEN 'portefeuille'
                    ELSE v.scope_type
                END AS niveau,
                CAST(c.value AS BIGINT) AS smallest_count,
                CAST(o.value AS BIGINT) AS smallest_organisations,
                k.value AS smallest_identified_share,
                CAST(d.value AS BIGINT) AS provisional_days,
                coalesce(
                    CASE i.protection
                        WHEN 'value' THEN v.value < c.value
                        -- a hundred weeks may be those of one student
                        WHEN 'denominator' THEN v.denominator < c.value OR v.persons < c.value
                        WHEN 'persons' THEN v.persons < c.value
                        WHEN 'organisations' THEN v.value < o.value
                    END,
                    FALSE
                ) AS is_small
            FROM indicator.value AS v
            INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
            INNER JOIN registry.breakdown AS b ON b.breakdown = v.breakdown
            INNER JOIN registry.coefficient AS c ON c.name = 'smallest_published_count'
            INNER JOIN registry.coefficient AS o ON o.name = 'smallest_published_organisations'
            INNER JOIN registry.coefficient AS k ON k.name = 'identified_share_min'
            INNER JOIN registry.coefficient AS d ON d.name = 'provisional_days'
            CROSS JOIN registry.run AS r
            WHERE v.is_ended
        ) AS z
    ) AS y
) AS x
CROSS JOIN registry.publication AS p
LEFT JOIN (
    SELECT
        f.indicator_id,
        s.scope_id,
        max_by(b.batch_id, b.received_at) AS lot_id
    FROM core.indicator_reader AS f
    INNER JOIN ledger.batch AS b ON b.place_id = f.place_id AND b.source_id = f.source_id
    INNER JOIN ledger.last_attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
    INNER JOIN core.scope AS s ON s.place_id = b.place_id
    GROUP BY f.indicator_id, s.scope_id
) AS l ON l.indicator_id = x.indicator_id AND l.scope_id = x.scope_id
ORDER BY indicateur_id, niveau, territoire_id, debut, fin, ventilation, modalite
