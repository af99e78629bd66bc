/*
comment = "Ce qui avait paru et n'est plus pareil : chaque chiffre révisé, retiré ou calculé selon une nouvelle définition, de combien, et pourquoi."
example = "SELECT revisee_le, indicateur_id, territoire_id, periode, avant, apres, raison FROM revisions ORDER BY revisee_le DESC"
[columns]
indicateur_id = "Voir la table indicateurs."
niveau = "lieu, departement, portefeuille ou reseau."
territoire_id = "Identifiant du territoire, comme dans valeurs."
periode = "La période, comme dans valeurs."
ventilation = "Caractéristique détaillée ; ensemble pour le total."
modalite = "Valeur de la caractéristique ; ensemble pour le total."
nature = "revision, retrait ou definition."
avant = "Le chiffre qui avait paru, comme on l'écrit."
apres = "Celui qui le remplace, comme on l'écrit ; vide s'il est retiré."
valeur_avant = "Le chiffre qui avait paru ; vide pour une tranche."
valeur_apres = "Celui qui le remplace."
ecart = "Le second moins le premier."
parue_le = "Jour où le premier avait paru."
revisee_le = "Jour où le second a paru."
raison = "Pourquoi, en une phrase."
forcee = "Vrai si la période avait déjà été révisée depuis moins d'un an."
version_avant = "Version de la définition du premier."
version = "Version de la définition du second."
revision = "Combien de fois ce chiffre a été révisé."
publication_id = "Publication dans laquelle le second a paru."
*/
WITH known AS (
    SELECT l.* FROM ledger.published_value AS l
    UNION ALL
    SELECT n.* FROM new_value AS n
),

following AS (
    SELECT
        k.*,
        lag(k.affichage) OVER w AS shown_before,
        lag(k.valeur) OVER w AS value_before,
        lag(k.publiee_le) OVER w AS published_before,
        lag(k.version) OVER w AS version_before
    FROM known AS k
    WINDOW w AS (
        PARTITION BY k.indicateur_id, k.niveau, k.territoire_id, k.periode, k.ventilation, k.modalite
        ORDER BY k.version, k.revision
    )
)

SELECT
    f.indicateur_id,
    f.niveau,
    f.territoire_id,
    f.periode,
    f.ventilation,
    f.modalite,
    CASE
        WHEN f.version <> f.version_before THEN 'definition'
        WHEN f.diffusion = 'retiree' THEN 'retrait'
        ELSE 'revision'
    END AS nature,
    f.shown_before AS avant,
    f.affichage AS apres,
    f.value_before AS valeur_avant,
    f.valeur AS valeur_apres,
    f.valeur - f.value_before AS ecart,
    f.published_before AS parue_le,
    f.publiee_le AS revisee_le,
    CASE
        WHEN f.version <> f.version_before
            THEN 'Nouvelle définition : version ' || f.version || ' au lieu de ' || f.version_before || '.'
        ELSE f.reason
    END AS raison,
    coalesce(f.is_forced, FALSE) AS forcee,
    f.version_before AS version_avant,
    f.version,
    f.revision,
    f.publication_id
FROM following AS f
WHERE f.version_before IS NOT NULL
ORDER BY revisee_le, indicateur_id, niveau, territoire_id, periode, ventilation, modalite
