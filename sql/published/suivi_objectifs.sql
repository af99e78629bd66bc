/*
comment = "Où en est chaque objectif, pour toute sa durée et pour chacune de ses années, d'après la table valeurs seule : ce qu'elle ne dit pas, elle ne le dit pas non plus."
question = 2
example = "SELECT objectif_id, territoire_id, numero_annee AS an, part_ecoulee, valeur, cible, part_atteinte, statut FROM suivi_objectifs ORDER BY ALL NULLS FIRST"
[columns]
objectif_id = "Identifiant de l'objectif."
portee = "ensemble : toute la durée, qui seule est jugée ; annee : douze mois de la convention à partir de son premier jour, la dernière peut être plus courte."
numero_annee = "Rang de l'année dans la convention : 1, 2, 3… ; vide pour l'ensemble."
financement_id = "Financement auquel il se rattache, s'il y en a un ; voir la table financements."
financeur = "Qui finance."
indicateur_id = "Voir la table indicateurs."
niveau = "lieu, portefeuille ou reseau."
territoire_id = "Identifiant du lieu ou du portefeuille, ou reseau."
debut = "Premier jour de l'objectif, ou de l'année."
fin = "Dernier jour, compris."
part_ecoulee = "Part des jours, de debut à fin, qui sont passés au jour de la publication, de 0 à 1."
decompte = "cumul : sur toute la durée ; moyenne : des mois ; a_la_fin : le dernier mois. Des années, pour ce qui n'est diffusé que par année."
sens = "au_moins : il faut atteindre la cible ; au_plus : ne pas la dépasser, quand l'indicateur est meilleur plus bas."
valeur_de_depart = "D'où l'on part, si c'est déclaré."
cible = "Valeur à atteindre sur toute la durée, dans l'unité de l'indicateur ; la même pour chaque année : personne n'a déclaré de part par année."
valeur = "La valeur, de chiffres arrondis ; avant la fin, celle des mois publiés, jusqu'à valeur_jusqu_au ; pour une année, la sienne. Vide quand elle n'est pas diffusée ou pas disponible."
valeur_min = "Le moins qu'elle puisse être."
valeur_max = "Le plus qu'elle puisse être."
valeur_jusqu_au = "Dernier jour du dernier chiffre qui y compte."
ecart = "Valeur moins cible ; vide pour une année d'un cumul, qui n'en est qu'une part."
part_atteinte = "Valeur divisée par cible, de 0 à 1 ou plus. Pour un cumul, les années s'additionnent ; comparez-la à part_ecoulee sur la ligne d'ensemble."
diffusion = "arrondi, tranche, exact, non_diffuse ou non_disponible."
statut = "atteint ; non_atteint ; en_cours : la durée n'est pas finie et la cible pas encore atteinte ; indecidable : le chiffre exact, entre valeur_min et valeur_max, peut atteindre la cible comme la manquer ; non_disponible. Une année n'est pas jugée : a_venir, en_cours, terminee ou non_disponible."
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

-- the whole of each target, and each of its years: twelve months from its first day
span AS (
    SELECT
        t.* EXCLUDE (starts_on, ends_before),
        y.year,
        y.year IS NOT NULL AS is_part,
        CASE
            WHEN y.year IS NULL THEN t.starts_on
            ELSE CAST(t.starts_on + (y.year - 1) * INTERVAL 1 YEAR AS DATE)
        END AS starts_on,
        CASE
            WHEN y.year IS NULL THEN t.ends_before
            ELSE least(t.ends_before, CAST(t.starts_on + y.year * INTERVAL 1 YEAR AS DATE))
        END AS ends_before
    FROM registry.target AS t
    CROSS JOIN (
        SELECT NULL AS year
        UNION ALL
        SELECT CAST(n.year AS INTEGER) AS year FROM range(1, 101) AS n (year)
    ) AS y
    WHERE y.year IS NULL OR t.starts_on + (y.year - 1) * INTERVAL 1 YEAR < t.ends_before
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
        END AS steps,
        greatest(0, least(
            date_diff('day', t.starts_on, r.today), date_diff('day', t.starts_on, t.ends_before)
        )) / date_diff('day', t.starts_on, t.ends_before) AS elapsed
    FROM span AS t
    INNER JOIN registry.indicator AS i ON i.indicator_id = t.indicator_id
    LEFT JOIN registry.published_table AS m
        ON
            m.indicator_id = t.indicator_id
            AND m.scope_type = t.scope_type
            AND m.period_type = 'month'
            AND m.breakdown = 'all'
    CROSS JOIN registry.run AS r
),

-- the figures that may count: that of the whole period, or those of its months; before the end,
-- what is not published yet does not
told AS (
    SELECT
        t.target_id,
        t.year,
        t.starts_on,
        t.is_ended,
        t.is_monthly,
        t.counting = 'at_end' AS is_last_alone,
        t.counting = 'cumulative' AND NOT t.is_of_whole AS is_sum,
        t.figures_until,
        v.ends_before,
        v.valeur,
        v.at_least,
        v.at_most,
        v.diffusion,
        v.motif,
        max(CASE WHEN v.at_least IS NOT NULL THEN v.ends_before END) OVER (
            PARTITION BY t.target_id, t.year
        ) AS known_before
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
            ELSE v.is_month OR v.is_year AND NOT t.is_monthly
        END
),

reached AS (
    SELECT
        v.target_id,
        v.year,
        max(v.ends_before) AS known_before,
        count(v.at_least) AS known_figures,
        count(*) AS figures,
        count(*) < date_diff('month', v.starts_on, max(v.ends_before))
        AND v.is_monthly AND NOT v.is_last_alone AS has_gap,
        bool_or(v.diffusion IN ('non_diffuse', 'tranche')) AS is_hidden,
        bool_or(v.diffusion = 'non_diffuse') AS is_not_shown,
        bool_and(v.diffusion = 'exact') AS is_exact,
        CASE WHEN v.is_sum THEN sum(v.valeur) ELSE avg(v.valeur) END AS valeur,
        min(CASE WHEN v.at_least IS NULL THEN v.motif END) AS motif,
        min(CASE WHEN v.diffusion = 'non_diffuse' THEN v.motif END) AS not_shown_because,
        CASE WHEN v.is_sum THEN sum(v.at_least) ELSE avg(v.at_least) END AS at_least,
        CASE WHEN v.is_sum THEN sum(v.at_most) ELSE avg(v.at_most) END AS at_most
    FROM told AS v
    WHERE
        CASE
            WHEN v.is_ended THEN NOT v.is_last_alone OR v.ends_before = v.figures_until
            WHEN v.is_last_alone THEN v.ends_before = v.known_before
            ELSE v.ends_before <= v.known_before
        END
    GROUP BY v.target_id, v.year, v.starts_on, v.is_monthly, v.is_last_alone, v.is_sum
),

judged AS (
    SELECT
        d.*,
        CASE
            WHEN d.is_part AND NOT d.has_begun THEN 'a_venir'
            WHEN d.is_part AND NOT d.is_ended THEN 'en_cours'
            WHEN d.is_part AND d.is_known THEN 'terminee'
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
            a.known_before,
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
                    NOT t.is_ended AND NOT a.has_gap
                    OR t.is_of_whole
                    OR t.counting = 'at_end'
                    OR a.figures = t.steps
                ),
                FALSE
            ) AS is_known
        FROM target AS t
        LEFT JOIN reached AS a
            ON a.target_id = t.target_id AND a.year IS NOT DISTINCT FROM t.year
    ) AS d
)

SELECT
    j.target_id AS objectif_id,
    CASE WHEN j.is_part THEN 'annee' ELSE 'ensemble' END AS portee,
    j.year AS numero_annee,
    j.grant_id AS financement_id,
    g.funder AS financeur,
    j.indicator_id AS indicateur_id,
    j.niveau,
    j.territoire_id,
    j.starts_on AS debut,
    CAST(j.ends_before - INTERVAL 1 DAY AS DATE) AS fin,
    CAST(round(CAST(j.elapsed AS DECIMAL(18, 12)), 3) AS DECIMAL(4, 3)) AS part_ecoulee,
    CASE j.counting WHEN 'cumulative' THEN 'cumul' WHEN 'average' THEN 'moyenne' ELSE 'a_la_fin' END
        AS decompte,
    CASE WHEN j.is_limit THEN 'au_plus' ELSE 'au_moins' END AS sens,
    j.baseline AS valeur_de_depart,
    j.target AS cible,
    j.valeur,
    CASE WHEN j.is_known AND isfinite(j.at_most) THEN j.at_least END AS valeur_min,
    CASE WHEN j.is_known AND isfinite(j.at_most) THEN j.at_most END AS valeur_max,
    CASE WHEN j.is_known THEN CAST(j.known_before - INTERVAL 1 DAY AS DATE) END AS valeur_jusqu_au,
    CASE WHEN NOT (j.is_part AND j.counting = 'cumulative') THEN j.valeur - j.target END AS ecart,
    CAST(round(CAST(j.valeur / nullif(j.target, 0) AS DECIMAL(18, 6)), 3) AS DECIMAL(18, 3))
        AS part_atteinte,
    CASE
        WHEN NOT j.is_known THEN 'non_disponible'
        WHEN j.is_not_shown THEN 'non_diffuse'
        WHEN j.is_hidden THEN 'tranche'
        WHEN j.is_exact THEN 'exact'
        ELSE 'arrondi'
    END AS diffusion,
    j.statut,
    CASE
        WHEN NOT j.has_begun AND j.is_part THEN 'L''année n''a pas encore commencé.'
        WHEN NOT j.has_begun THEN 'L''objectif n''a pas encore commencé.'
        WHEN j.is_part AND j.is_of_whole AND NOT j.has_period
            THEN 'Ce chiffre ne s''additionne pas d''un mois à l''autre, et aucune période n''a les dates '
                || 'de cette année : voyez toute la durée.'
        WHEN j.is_of_whole AND NOT j.has_period
            THEN 'Ce chiffre ne s''additionne pas d''un mois à l''autre, et aucune période n''a ces dates : '
                || 'déclarez un financement de ces dates avec convention = true dans grants.toml, '
                || 'ou donnez à l''objectif les dates d''un trimestre ou d''une année.'
        WHEN NOT j.is_ended AND j.is_of_whole
            THEN 'Ce chiffre ne s''additionne pas d''un mois à l''autre : il viendra à la fin.'
        WHEN NOT j.is_ended AND j.figures = 0 THEN 'Aucun mois n''a encore de chiffre.'
        WHEN NOT j.is_ended AND NOT j.is_known
            THEN 'Un mois d''avant n''a pas de chiffre : la valeur à ce jour n''est pas connue.'
        WHEN NOT j.is_known
            THEN coalesce(j.missing_because, 'Des mois n''ont pas de chiffre.')
        WHEN j.is_not_shown AND j.statut IN ('indecidable', 'en_cours', 'terminee')
            THEN 'La valeur n''est pas diffusée. ' || j.not_shown_because
        WHEN j.statut = 'indecidable'
            THEN 'Le chiffre exact, que l''arrondi ne dit pas, peut atteindre la cible comme la manquer.'
        WHEN j.is_hidden AND j.statut IN ('en_cours', 'terminee')
            THEN 'La valeur n''est diffusée qu''en tranches.'
        WHEN j.is_hidden
            THEN 'La valeur n''est pas diffusée, mais toutes celles qu''elle peut prendre ont ce statut.'
        WHEN NOT j.is_ended AND j.is_part
            THEN 'L''année court encore : c''est la valeur des mois publiés.'
        WHEN NOT j.is_ended THEN 'L''objectif court encore : c''est la valeur des mois publiés.'
    END AS motif
FROM judged AS j
LEFT JOIN registry.grant AS g ON g.grant_id = j.grant_id
ORDER BY j.target_id, j.year NULLS FIRST
