/*
comment = "Où en est chaque objectif, d'après la table valeurs seule : ce qu'elle cache reste caché."
example = "SELECT objectif_id, indicateur_id, valeur, cible, statut, motif FROM suivi_objectifs ORDER BY fin"
[columns]
objectif_id = "Identifiant de l'objectif."
financement_id = "Financement auquel il se rattache, s'il y en a un ; voir la table financements."
financeur = "Qui finance."
indicateur_id = "Voir la table indicateurs."
niveau = "lieu, portefeuille ou reseau."
territoire_id = "Identifiant du lieu ou du portefeuille, ou reseau."
debut = "Premier jour de l'objectif."
fin = "Dernier jour, compris."
decompte = "cumul : sur toute la durée ; moyenne : des mois ; a_la_fin : le dernier mois."
sens = "au_moins : il faut atteindre la cible ; au_plus : ne pas la dépasser, quand l'indicateur est meilleur plus bas."
valeur_de_depart = "D'où l'on part, si c'est déclaré."
cible = "Valeur à atteindre, dans l'unité de l'indicateur."
valeur = "La valeur ; avant la fin, celle des mois terminés. Vide quand elle n'est pas diffusée ou pas disponible."
ecart = "Valeur moins cible."
diffusion = "exact, non_diffuse (secret) ou non_disponible."
statut = "atteint ; non_atteint ; en_cours : la durée n'est pas finie et la cible pas encore atteinte ; indecidable : ce que le secret cache peut atteindre la cible comme la manquer ; non_disponible."
motif = "Pourquoi la valeur est absente, ou ce qu'elle couvre, en une phrase."
*/
WITH published AS (
    -- what a reader knows of each figure: an interval, of one point where the value is shown
    SELECT
        v.indicateur_id,
        v.niveau,
        v.territoire_id,
        v.debut,
        CAST(v.fin + INTERVAL 1 DAY AS DATE) AS ends_before,
        v.granularite = 'mois' AS is_month,
        v.valeur,
        v.diffusion,
        v.motif,
        CASE
            WHEN v.diffusion = 'exact' THEN v.valeur
            WHEN v.diffusion = 'non_diffuse' AND (NOT i.is_ratio OR i.unit IN ('share', 'index'))
                THEN CAST(0 AS DOUBLE)
            WHEN v.diffusion = 'non_diffuse' THEN CAST('-infinity' AS DOUBLE)
        END AS at_least,
        CASE
            WHEN v.diffusion = 'exact' THEN v.valeur
            WHEN v.diffusion = 'non_diffuse' AND i.unit IN ('share', 'index') THEN CAST(1 AS DOUBLE)
            -- only a small value is hidden with these words, so they say how high it can be
            WHEN v.motif LIKE 'Secret : moins de %' AND i.protection IN ('value', 'organisations')
                THEN CAST(regexp_extract(v.motif, '[0-9]+') AS DOUBLE) - 1
            WHEN v.diffusion = 'non_diffuse' THEN CAST('infinity' AS DOUBLE)
        END AS at_most
    FROM release.valeurs AS v
    INNER JOIN registry.indicator AS i ON i.indicator_id = v.indicateur_id
    WHERE v.ventilation = 'ensemble'
),

target AS (
    SELECT
        t.*,
        CASE t.scope_type
            WHEN 'place' THEN 'lieu' WHEN 'portfolio' THEN 'portefeuille' ELSE 'reseau'
        END AS niveau,
        CASE t.scope_type
            WHEN 'portfolio' THEN replace(t.scope_id, 'portfolio:', '')
            WHEN 'network' THEN 'reseau'
            ELSE t.scope_id
        END AS territoire_id,
        i.direction = 'down' AS is_limit,
        t.counting = 'cumulative' AND (
            i.unit NOT IN ('visits', 'acts', 'sessions', 'hours', 'days', 'kg')
            OR m.indicator_id IS NULL
        ) AS is_of_whole,
        t.counting = 'cumulative' AND EXISTS (
            SELECT 1
            FROM registry.period AS p
            WHERE p.starts_on = t.starts_on AND p.ends_before = t.ends_before
        ) AS has_period,
        t.starts_on <= r.today AS has_begun,
        t.ends_before <= r.today AS is_ended,
        least(t.ends_before, CAST(date_trunc('month', r.today) AS DATE)) AS months_until,
        date_diff('month', t.starts_on, t.ends_before) AS months
    FROM registry.target AS t
    INNER JOIN registry.indicator AS i ON i.indicator_id = t.indicator_id
    LEFT JOIN registry.indicator_period AS m
        ON m.indicator_id = t.indicator_id AND m.period_type = 'month'
    CROSS JOIN registry.run AS r
),

-- the figures that count: that of the whole period, the last month, or every month
reached AS (
    SELECT
        t.target_id,
        count(v.at_least) AS known_figures,
        count(*) AS figures,
        bool_or(v.diffusion = 'non_diffuse') AS is_hidden,
        min(CASE WHEN v.at_least IS NULL THEN v.motif END) AS motif,
        CASE
            WHEN t.counting = 'cumulative' AND NOT t.is_of_whole THEN sum(v.at_least)
            ELSE avg(v.at_least)
        END AS at_least,
        CASE
            WHEN t.counting = 'cumulative' AND NOT t.is_of_whole THEN sum(v.at_most)
            ELSE avg(v.at_most)
        END AS at_most
    FROM target AS t
    INNER JOIN published AS v
        ON
            v.indicateur_id = t.indicator_id
            AND v.niveau = t.niveau
            AND v.territoire_id = t.territoire_id
            AND v.debut >= t.starts_on
            AND v.ends_before <= t.ends_before
    WHERE
        CASE
            WHEN t.is_of_whole THEN v.debut = t.starts_on AND v.ends_before = t.ends_before
            WHEN t.counting = 'at_end' THEN v.is_month AND v.ends_before = t.months_until
            ELSE v.is_month
        END
    GROUP BY t.target_id, t.counting, t.is_of_whole
),

judged AS (
    SELECT
        d.*,
        CASE
            WHEN d.has_begun AND d.is_of_whole AND NOT d.has_period THEN 'non_disponible'
            WHEN NOT d.is_ended AND d.counting = 'cumulative' AND NOT d.is_limit
                AND d.at_least >= d.target
                THEN 'atteint'
            WHEN NOT d.is_ended THEN 'en_cours'
            WHEN NOT d.is_known THEN 'non_disponible'
            WHEN d.is_limit AND d.at_most <= d.target THEN 'atteint'
            WHEN d.is_limit AND d.at_least > d.target THEN 'non_atteint'
            WHEN NOT d.is_limit AND d.at_least >= d.target THEN 'atteint'
            WHEN NOT d.is_limit AND d.at_most < d.target THEN 'non_atteint'
            ELSE 'indecidable'
        END AS statut,
        CASE WHEN d.is_known AND NOT d.is_hidden THEN d.at_least END AS valeur
    FROM (
        SELECT
            t.*,
            a.at_least,
            a.at_most,
            coalesce(a.is_hidden, FALSE) AS is_hidden,
            coalesce(a.figures, 0) AS figures,
            a.motif AS missing_because,
            coalesce(
                a.known_figures = a.figures
                AND (
                    NOT t.is_ended
                    OR t.is_of_whole
                    OR t.counting = 'at_end'
                    OR a.figures = t.months
                ),
                FALSE
            ) AS is_known
        FROM target AS t
        LEFT JOIN reached AS a ON a.target_id = t.target_id
    ) AS d
)

SELECT
    j.target_id AS objectif_id,
    j.grant_id AS financement_id,
    g.funder AS financeur,
    j.indicator_id AS indicateur_id,
    j.niveau,
    j.territoire_id,
    j.starts_on AS debut,
    CAST(j.ends_before - INTERVAL 1 DAY AS DATE) AS fin,
    CASE j.counting WHEN 'cumulative' THEN 'cumul' WHEN 'average' THEN 'moyenne' ELSE 'a_la_fin' END
        AS decompte,
    CASE WHEN j.is_limit THEN 'au_plus' ELSE 'au_moins' END AS sens,
    j.baseline AS valeur_de_depart,
    j.target AS cible,
    j.valeur,
    j.valeur - j.target AS ecart,
    CASE
        WHEN NOT j.is_known THEN 'non_disponible'
        WHEN j.is_hidden THEN 'non_diffuse'
        ELSE 'exact'
    END AS diffusion,
    j.statut,
    CASE
        WHEN NOT j.has_begun THEN 'L''objectif n''a pas encore commencé.'
        WHEN j.is_of_whole AND NOT j.has_period
            THEN 'Ce chiffre ne s''additionne pas d''un mois à l''autre, et aucune période n''a ces dates : '
                || 'déclarez un financement de ces dates avec convention = true dans grants.toml, '
                || 'ou donnez à l''objectif les dates d''un trimestre ou d''une année.'
        WHEN NOT j.is_ended AND j.is_of_whole
            THEN 'Ce chiffre ne s''additionne pas d''un mois à l''autre : il viendra à la fin.'
        WHEN NOT j.is_ended AND j.figures = 0 THEN 'Aucun mois de l''objectif n''est encore terminé.'
        WHEN NOT j.is_ended AND NOT j.is_known
            THEN 'Des mois terminés n''ont pas de chiffre : la valeur à ce jour n''est pas connue.'
        WHEN NOT j.is_known
            THEN coalesce(j.missing_because, 'Des mois de l''objectif n''ont pas de chiffre.')
        WHEN j.statut = 'indecidable'
            THEN 'Secret : ce qui est caché peut atteindre la cible comme la manquer.'
        WHEN j.is_hidden AND j.statut = 'en_cours'
            THEN 'Secret : la valeur à ce jour n''est pas diffusée.'
        WHEN j.is_hidden
            THEN 'Secret : la valeur est cachée, mais toutes celles qu''elle peut prendre ont ce statut.'
        WHEN NOT j.is_ended THEN 'L''objectif court encore : c''est la valeur des mois terminés.'
    END AS motif
FROM judged AS j
LEFT JOIN registry.grant AS g ON g.grant_id = j.grant_id
ORDER BY j.target_id
