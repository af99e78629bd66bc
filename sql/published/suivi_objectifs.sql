/*
comment = "Où en est chaque objectif, d'après la table valeurs seule : ce qu'elle ne dit pas, elle ne le dit pas non plus."
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
decompte = "cumul : sur toute la durée ; moyenne : des mois ; a_la_fin : le dernier mois. Des années, pour ce qui n'est diffusé que par année."
sens = "au_moins : il faut atteindre la cible ; au_plus : ne pas la dépasser, quand l'indicateur est meilleur plus bas."
valeur_de_depart = "D'où l'on part, si c'est déclaré."
cible = "Valeur à atteindre, dans l'unité de l'indicateur."
valeur = "La valeur, de chiffres arrondis ; avant la fin, celle des mois terminés. Vide quand elle n'est pas diffusée ou pas disponible."
valeur_min = "Le moins qu'elle puisse être."
valeur_max = "Le plus qu'elle puisse être."
ecart = "Valeur moins cible."
diffusion = "arrondi, tranche, exact, non_diffuse ou non_disponible."
statut = "atteint ; non_atteint ; en_cours : la durée n'est pas finie et la cible pas encore atteinte ; indecidable : le chiffre exact, entre valeur_min et valeur_max, peut atteindre la cible comme la manquer ; non_disponible."
motif = "Pourquoi la valeur est absente, ou ce qu'elle couvre, en une phrase."
*/
WITH published AS (
    -- what a reader knows of each figure: an interval
    SELECT
        v.indicateur_id,
        v.niveau,
        v.territoire_id,
        v.debut,
        CAST(v.fin + INTERVAL 1 DAY AS DATE) AS ends_before,
        v.granularite = 'mois' AS is_month,
        v.granularite = 'annee' AS is_year,
        v.valeur,
        v.diffusion,
        v.motif,
        CASE
            WHEN v.diffusion IN ('arrondi', 'tranche', 'exact') THEN v.valeur_min
            WHEN v.diffusion = 'non_diffuse' THEN CAST(0 AS DOUBLE)
        END AS at_least,
        CASE
            WHEN v.diffusion IN ('arrondi', 'tranche', 'exact') AND v.valeur_max IS NOT NULL
                THEN v.valeur_max
            WHEN v.diffusion = 'non_diffuse' AND i.unit IN ('share', 'index') THEN CAST(1 AS DOUBLE)
            WHEN v.diffusion IN ('arrondi', 'tranche', 'exact', 'non_diffuse')
                THEN CAST('infinity' AS DOUBLE)
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
        m.indicator_id IS NOT NULL AS is_monthly,
        CASE
            WHEN m.indicator_id IS NOT NULL
                THEN least(t.ends_before, CAST(date_trunc('month', r.today) AS DATE))
            ELSE least(
                CAST(date_trunc('year', t.ends_before) AS DATE), CAST(date_trunc('year', r.today) AS DATE)
            )
        END AS figures_until,
        CASE
            WHEN m.indicator_id IS NOT NULL THEN date_diff('month', t.starts_on, t.ends_before)
            ELSE date_diff('year', t.starts_on, t.ends_before)
        END AS steps
    FROM registry.target AS t
    INNER JOIN registry.indicator AS i ON i.indicator_id = t.indicator_id
    LEFT JOIN registry.published_table AS m
        ON
            m.indicator_id = t.indicator_id
            AND m.scope_type = t.scope_type
            AND m.period_type = 'month'
            AND m.breakdown = 'all'
    CROSS JOIN registry.run AS r
),

-- the figures that count: that of the whole period, the last month, or every month
reached AS (
    SELECT
        t.target_id,
        count(v.at_least) AS known_figures,
        count(*) AS figures,
        bool_or(v.diffusion IN ('non_diffuse', 'tranche')) AS is_hidden,
        bool_or(v.diffusion = 'non_diffuse') AS is_not_shown,
        bool_and(v.diffusion = 'exact') AS is_exact,
        CASE
            WHEN t.counting = 'cumulative' AND NOT t.is_of_whole THEN sum(v.valeur)
            ELSE avg(v.valeur)
        END AS valeur,
        min(CASE WHEN v.at_least IS NULL THEN v.motif END) AS motif,
        min(CASE WHEN v.diffusion = 'non_diffuse' THEN v.motif END) AS not_shown_because,
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
            WHEN t.counting = 'at_end'
                THEN (v.is_month OR v.is_year AND NOT t.is_monthly) AND v.ends_before = t.figures_until
            ELSE v.is_month OR v.is_year AND NOT t.is_monthly
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
        CASE WHEN d.is_known AND NOT d.is_hidden THEN d.found END AS valeur
    FROM (
        SELECT
            t.*,
            a.at_least,
            a.at_most,
            a.valeur AS found,
            coalesce(a.is_hidden, FALSE) AS is_hidden,
            coalesce(a.is_not_shown, FALSE) AS is_not_shown,
            coalesce(a.is_exact, FALSE) AS is_exact,
            coalesce(a.figures, 0) AS figures,
            a.motif AS missing_because,
            a.not_shown_because,
            coalesce(
                a.known_figures = a.figures
                AND (
                    NOT t.is_ended
                    OR t.is_of_whole
                    OR t.counting = 'at_end'
                    OR a.figures = t.steps
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
    CASE WHEN j.is_known AND isfinite(j.at_most) THEN j.at_least END AS valeur_min,
    CASE WHEN j.is_known AND isfinite(j.at_most) THEN j.at_most END AS valeur_max,
    j.valeur - j.target AS ecart,
    CASE
        WHEN NOT j.is_known THEN 'non_disponible'
        WHEN j.is_not_shown THEN 'non_diffuse'
        WHEN j.is_hidden THEN 'tranche'
        WHEN j.is_exact THEN 'exact'
        ELSE 'arrondi'
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
        WHEN j.is_not_shown AND j.statut IN ('indecidable', 'en_cours')
            THEN 'La valeur n''est pas diffusée. ' || j.not_shown_because
        WHEN j.statut = 'indecidable'
            THEN 'Le chiffre exact, que l''arrondi ne dit pas, peut atteindre la cible comme la manquer.'
        WHEN j.is_hidden AND j.statut = 'en_cours' THEN 'La valeur à ce jour n''est pas diffusée.'
        WHEN j.is_hidden
            THEN 'La valeur n''est pas diffusée, mais toutes celles qu''elle peut prendre ont ce statut.'
        WHEN NOT j.is_ended THEN 'L''objectif court encore : c''est la valeur des mois terminés.'
    END AS motif
FROM judged AS j
LEFT JOIN registry.grant AS g ON g.grant_id = j.grant_id
ORDER BY j.target_id
