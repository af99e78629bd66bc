/*
comment = "Les chiffres : un par indicateur, territoire et période terminée. Une valeur absente a un motif."
example = "SELECT valeur, statut, motif FROM valeurs WHERE indicateur_id = 'visits' AND niveau = 'lieu' AND granularite = 'annee' AND ventilation = 'ensemble'"
[columns]
indicateur_id = "Voir la table indicateurs."
niveau = "lieu, departement, portefeuille ou reseau."
territoire_id = "Identifiant du lieu ou du portefeuille, code du département, ou reseau."
periode = "2026-10 (mois), 2026-T3 (trimestre), 2026 (année), ou l'identifiant d'une convention."
granularite = "mois, trimestre, annee ou convention : additionnez les lignes d'une seule."
debut = "Premier jour de la période."
fin = "Dernier jour de la période, compris."
ventilation = "Caractéristique détaillée ; ensemble pour le total."
modalite = "Valeur de la caractéristique ; ensemble pour le total."
valeur = "Le chiffre, arrondi ; vide pour une tranche, et quand il n'est pas diffusé ou pas disponible."
valeur_min = "Le moins que le chiffre exact puisse être."
valeur_max = "Le plus qu'il puisse être ; vide pour une tranche sans fin."
affichage = "La valeur comme on l'écrit : 0–4, ≤ 5 %, 35 %, 10–19, 20 et plus."
diffusion = "arrondi, tranche, exact (équipe déclarée publique), non_diffuse ou non_disponible."
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
lot_id = "La source, parmi celles dont dépend le chiffre, qui a livré en dernier ; voir la table lots."
*/
WITH category AS (
    SELECT c.indicator_id, c.breakdown, c.category
    FROM registry.published_category AS c
    UNION ALL
    -- a theme is a word of the places: those of which the network has enough
    SELECT v.indicator_id, v.breakdown, v.category
    FROM indicator.value AS v
    CROSS JOIN registry.policy AS y
    WHERE v.breakdown = 'theme' AND v.scope_type = 'network' AND v.period_type = 'year' AND v.is_ended
    GROUP BY v.indicator_id, v.breakdown, v.category
    HAVING bool_or(rounded(v.numerator, y.count_step, draw(v.numerator_key)) > 0)
),

part AS (
    -- who is under 18 is one class
    SELECT
        v.indicator_id,
        v.scope_id,
        v.period_id,
        v.breakdown,
        CASE
            WHEN v.category IN ('moins_de_douze', 'douze_dix_huit') THEN 'moins_de_dix_huit'
            ELSE v.category
        END AS category,
        sum(v.numerator) AS numerator,
        sum(v.denominator) AS denominator,
        sum(v.persons) AS persons,
        sum(v.observed) AS observed,
        sum(v.numerator_key) AS numerator_key,
        sum(v.base_key) AS base_key
    FROM indicator.value AS v
    WHERE v.breakdown <> 'all' AND v.is_ended
    GROUP BY ALL
),

-- in how many of its places there is something to see, as far as the release says so
contributing AS (
    SELECT
        v.indicator_id,
        s.scope_id,
        v.period_id,
        count(*) AS places,
        count(*) FILTER (
            WHERE rounded(
                CASE
                    WHEN i.unit = 'share' AND v.base_key IS NULL THEN v.numerator / 60
                    ELSE coalesce(v.persons, v.denominator, v.numerator)
                END,
                y.count_step,
                draw(coalesce(v.base_key, v.numerator_key))
            ) > 0
        ) AS seen_places
    FROM indicator.value AS v
    INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicator_id
    INNER JOIN core.scope AS s ON s.place_id = v.scope_id AND s.scope_type <> 'place'
    CROSS JOIN registry.policy AS y
    WHERE
        v.scope_type = 'place'
        AND v.breakdown = 'all'
        AND v.is_ended
        AND v.status NOT IN ('not_open', 'closed', 'not_applicable')
    GROUP BY v.indicator_id, s.scope_id, v.period_id
),

-- an indicator of the network alone has no figure of its places: those that offer the service count
offering AS (
    SELECT n.indicator_id, count(DISTINCT o.place_id) AS places
    FROM registry.indicator_service AS n
    INNER JOIN registry.offer AS o ON o.service_code = n.service_code
    GROUP BY n.indicator_id
),

territory AS (
    SELECT s.scope_id, count(*) AS places
    FROM core.scope AS s
    GROUP BY s.scope_id
),

told AS (
    SELECT
        a.indicator_id,
        a.scope_type,
        a.scope_id,
        a.period_id,
        a.period_type,
        a.starts_on,
        a.ends_before,
        a.status,
        a.completeness,
        a.lost_share,
        a.lost_by,
        a.broken_on,
        a.identified_share,
        t.breakdown,
        c.category,
        CASE
            WHEN l.is_team_public AND a.period_type = 'year' AND t.breakdown = 'all'
                AND a.indicator_id IN ('direct_jobs_eop', 'direct_fte')
                THEN 'exact'
            ELSE t.protection
        END AS protection,
        t.step,
        t.margin,
        a.scope_type <> 'place'
        AND coalesce(CASE WHEN t.is_of_few THEN k.places ELSE k.seen_places END, o.places, 0)
        < y.territory_places AS is_of_few_places,
        a.status IN ('ok', 'identified_per_source') AS is_sure,
        CASE WHEN t.breakdown = 'all' THEN a.numerator ELSE coalesce(x.numerator, 0) END AS numerator,
        CASE WHEN t.breakdown = 'all' THEN a.denominator ELSE x.denominator END AS denominator,
        CASE WHEN t.breakdown = 'all' THEN a.persons ELSE coalesce(x.persons, 0) END AS persons,
        CASE WHEN t.breakdown = 'all' THEN a.observed ELSE x.observed END AS observed,
        CASE WHEN t.breakdown = 'all' THEN a.numerator_key ELSE x.numerator_key END AS numerator_key,
        CASE WHEN t.breakdown = 'all' THEN a.base_key ELSE x.base_key END AS base_key
    FROM indicator.value AS a
    INNER JOIN registry.published_table AS t
        ON
            t.indicator_id = a.indicator_id
            AND t.scope_type = a.scope_type
            AND t.period_type = a.period_type
    INNER JOIN category AS c ON c.indicator_id = a.indicator_id AND c.breakdown = t.breakdown
    INNER JOIN territory AS n ON n.scope_id = a.scope_id
    CROSS JOIN registry.policy AS y
    LEFT JOIN registry.place AS l ON l.place_id = a.scope_id
    LEFT JOIN contributing AS k
        ON
            k.indicator_id = a.indicator_id
            AND k.scope_id = a.scope_id
            AND k.period_id = a.period_id
    LEFT JOIN offering AS o ON o.indicator_id = a.indicator_id
    LEFT JOIN part AS x
        ON
            x.indicator_id = a.indicator_id
            AND x.scope_id = a.scope_id
            AND x.period_id = a.period_id
            AND x.breakdown = t.breakdown
            AND x.category = c.category
    WHERE
        a.breakdown = 'all'
        AND a.is_ended
        AND (t.breakdown = 'all' OR a.status IN ('ok', 'identified_per_source'))
        AND (
            a.scope_type = 'place'
            OR n.places >= y.territory_places
            OR a.scope_type IN ('portfolio', 'network') AND t.breakdown = 'all'
        )
),

-- what is drawn: a count of cases, the two parts of a quotient, a share in steps of points
drawn AS (
    SELECT
        t.*,
        -- few cases and none are said alike
        t.is_sure AND CASE
            WHEN t.protection IN ('rate', 'rate_of_people') THEN TRUE
            WHEN t.protection IN ('index', 'median', 'per_hundred')
                THEN t.exact IS NOT NULL
                OR coalesce(rounded(t.persons, y.count_step, draw(t.base_key)), 0) < y.people
            ELSE t.exact IS NOT NULL
        END AS is_defined,
        CASE
            WHEN t.protection = 'money' THEN y.points
            WHEN rounded(t.cases, y.count_step, draw(t.base_key)) >= y.cases THEN y.points
            WHEN rounded(t.cases, y.count_step, draw(t.base_key)) >= y.coarse_cases
                THEN y.coarse_points
        END AS points,
        rounded(t.persons, y.count_step, draw(t.base_key)) AS people,
        coalesce(rounded(t.persons, y.count_step, draw(t.base_key)), 0) >= y.people AS has_people,
        draw(coalesce(CAST(t.numerator_key AS VARCHAR), '') || '/' || CAST(t.base_key AS VARCHAR))
            AS u_of_share,
        draw(t.numerator_key) AS u,
        y.count_step - 1 AS people_margin
    FROM (
        SELECT
            d.*,
            CASE
                WHEN d.protection = 'rate_of_people' THEN d.persons
                WHEN d.protection IN ('rate', 'money') THEN d.denominator
            END AS cases,
            CASE
                WHEN d.denominator IS NOT NULL THEN d.numerator / nullif(d.denominator, 0)
                WHEN i.is_ratio THEN NULL
                ELSE d.numerator
            END AS exact
        FROM told AS d
        INNER JOIN registry.indicator AS i ON i.indicator_id = d.indicator_id
    ) AS t
    CROSS JOIN registry.policy AS y
),

protected AS (
    SELECT
        d.*,
        b.first_number,
        b.last_number,
        CASE d.protection
            WHEN 'count' THEN rounded(d.exact, d.step, d.u)
            WHEN 'volume' THEN rounded(d.exact, d.step, d.u)
            WHEN 'kg' THEN rounded(d.exact, d.step, d.u)
            WHEN 'fte' THEN rounded(d.exact, d.step, d.u)
            WHEN 'exact' THEN d.exact
            WHEN 'occupancy'
                THEN rounded(d.numerator / 60, d.step, d.u) / nullif(d.denominator / 60, 0)
            WHEN 'per_mille' THEN 1000 * d.people / nullif(d.denominator, 0)
            WHEN 'per_hundred' THEN
                CASE
                    WHEN d.has_people
                        THEN 100 * rounded(d.numerator / 100, d.step, d.u) / nullif(d.people, 0)
                END
            WHEN 'index' THEN CASE WHEN d.has_people THEN d.exact END
            WHEN 'median' THEN CASE WHEN d.has_people THEN d.exact END
            WHEN 'band' THEN NULL
            ELSE
                rounded(
                    100 * d.numerator / nullif(d.denominator * d.points, 0),
                    1,
                    d.u_of_share
                ) * d.points / 100
        END AS unrounded,
        -- how far the exact one may be, below and above
        CASE d.protection
            WHEN 'exact' THEN 0
            WHEN 'occupancy' THEN d.step / nullif(d.denominator / 60, 0)
            WHEN 'per_mille' THEN 1000 * d.people_margin / nullif(d.denominator, 0)
            WHEN 'index' THEN 0.005
            WHEN 'median' THEN 0.5
            WHEN 'rate' THEN d.points / CAST(100 AS DOUBLE)
            WHEN 'rate_of_people' THEN d.points / CAST(100 AS DOUBLE)
            WHEN 'money' THEN d.points / CAST(100 AS DOUBLE)
            ELSE d.margin
        END AS distance
    FROM drawn AS d
    LEFT JOIN registry.band AS b
        ON
            d.protection = 'band'
            AND d.exact >= b.first_number
            AND (b.last_number IS NULL OR d.exact <= b.last_number)
),

shown AS (
    SELECT
        p.*,
        i.unit,
        p.is_defined AND NOT p.is_of_few_places
        AND (p.unrounded IS NOT NULL OR p.protection = 'band') AS is_shown,
        CASE
            WHEN p.protection IN ('median', 'count', 'volume', 'kg') THEN
                CAST(round(CAST(p.unrounded AS DECIMAL(18, 6)), 0) AS DOUBLE)
            WHEN p.protection = 'occupancy' THEN
                CAST(round(CAST(p.unrounded AS DECIMAL(18, 12)), 3) AS DOUBLE)
            ELSE CAST(round(CAST(p.unrounded AS DECIMAL(18, 12)), 2) AS DOUBLE)
        END AS rounded_value
    FROM protected AS p
    INNER JOIN registry.indicator AS i ON i.indicator_id = p.indicator_id
),

bounded AS (
    SELECT
        s.*,
        CASE WHEN s.is_shown THEN s.rounded_value END AS valeur,
        CASE
            WHEN NOT s.is_shown THEN NULL
            WHEN s.protection = 'band' THEN s.first_number
            WHEN s.protection = 'per_hundred'
                THEN 100 * greatest(0, s.unrounded * s.people / 100 - s.margin)
                    / (s.people + s.people_margin)
            WHEN s.protection IN ('index', 'median') THEN greatest(0, s.rounded_value - s.distance)
            ELSE greatest(0, s.unrounded - s.distance)
        END AS at_least,
        CASE
            WHEN NOT s.is_shown THEN NULL
            WHEN s.protection = 'band' THEN s.last_number
            WHEN s.protection = 'per_hundred'
                THEN 100 * (s.unrounded * s.people / 100 + s.margin)
                    / nullif(s.people - s.people_margin, 0)
            WHEN s.protection = 'median' THEN s.rounded_value + s.distance
            WHEN s.unit = 'index' THEN least(1, s.rounded_value + s.distance)
            WHEN s.protection = 'index' THEN s.rounded_value + s.distance
            WHEN s.unit = 'share' THEN least(1, s.unrounded + s.distance)
            ELSE s.unrounded + s.distance
        END AS at_most
    FROM shown AS s
)

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
    CASE
        WHEN
            x.status = 'too_early'
            OR date_diff('day', x.ends_before, r.today) < e.value
            THEN 'provisoire'
        ELSE 'definitif'
    END AS etat,
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
    p.publication_id,
    l.lot_id
FROM bounded AS x
INNER JOIN registry.indicator AS i ON i.indicator_id = x.indicator_id
INNER JOIN registry.breakdown AS b ON b.breakdown = x.breakdown
INNER JOIN registry.coefficient AS q ON q.name = 'identified_share_min'
INNER JOIN registry.coefficient AS e ON e.name = 'provisional_days'
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
ORDER BY indicateur_id, niveau, territoire_id, debut, fin, ventilation, modalite
