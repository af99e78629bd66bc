/*
comment = "Ce qui a changé depuis la publication précédente, chiffre par chiffre, et pourquoi. Vide tant que la première publication n'a été suivie d'aucune autre ; quand une publication ne change aucun chiffre, elle redit les derniers changements."
question = 7
example = "SELECT periode, territoire_id, indicateur_id, affichage_avant, affichage, raison FROM changements WHERE changement IN ('modifie', 'disparu') AND ventilation = 'ensemble'"
[columns]
indicateur_id = "Voir la table indicateurs."
niveau = "Comme dans valeurs."
territoire_id = "Comme dans valeurs."
periode = "Comme dans valeurs."
granularite = "mois, trimestre, annee ou convention."
debut = "Premier jour de la période."
fin = "Dernier jour de la période, compris."
ventilation = "Caractéristique détaillée ; ensemble pour le total."
modalite = "Valeur de la caractéristique ; ensemble pour le total."
changement = "nouveau : une ligne de plus ; paru : le chiffre paraît ; modifie ; disparu ; confirme : la valeur est la même, sa définition a une autre version."
valeur_avant = "Le chiffre de la publication précédente ; vide s'il n'y en avait pas, ou une tranche."
valeur = "Le chiffre de cette publication."
affichage_avant = "La valeur précédente, comme on l'écrit."
affichage = "La valeur, comme on l'écrit."
statut_avant = "Son statut dans la publication précédente ; vide si elle n'y était pas."
statut = "Son statut ; vide si elle a disparu."
etat_avant = "provisoire ou definitif, dans la publication précédente."
etat = "provisoire ou definitif."
version_avant = "Version de la définition, dans la publication précédente."
version = "Version de la définition."
raison = "Pourquoi, en une phrase ou en plusieurs."
publiee_le = "Jour où les chiffres de la publication qui a changé sont arrêtés."
precedente_le = "Jour où étaient arrêtés ceux de la publication à laquelle elle est comparée."
*/
SELECT
    m.indicateur_id,
    m.niveau,
    m.territoire_id,
    m.periode,
    coalesce(m.granularite_apres, m.granularite_avant) AS granularite,
    m.debut,
    m.fin,
    m.ventilation,
    m.modalite,
    CASE
        WHEN m.statut_avant IS NULL THEN 'nouveau'
        WHEN m.statut_apres IS NULL THEN 'disparu'
        WHEN m.etat_avant = 'provisoire' AND m.affichage_apres IS NOT NULL THEN 'paru'
        WHEN m.is_said_otherwise THEN 'modifie'
        ELSE 'confirme'
    END AS changement,
    m.avant AS valeur_avant,
    m.apres AS valeur,
    m.affichage_avant,
    m.affichage_apres AS affichage,
    m.statut_avant,
    m.statut_apres AS statut,
    m.etat_avant,
    m.etat_apres AS etat,
    m.version_avant,
    m.version_apres AS version,
    concat_ws(
        ' ',
        CASE WHEN list_contains(m.causes, 'revision') THEN r.raison END,
        CASE
            WHEN NOT list_contains(m.causes, 'calendar') THEN NULL
            WHEN m.statut_avant IS NULL THEN 'Nouvelle période.'
            WHEN m.statut_avant = 'too_early' AND m.statut_apres <> 'too_early'
                THEN 'Le délai d''observation après la période est passé.'
            ELSE 'Le chiffre paraît : le délai des corrections est passé.'
        END,
        CASE
            WHEN list_contains(m.causes, 'definition')
                THEN 'La définition de l''indicateur ou une règle de la publication a changé.'
        END,
        CASE
            WHEN list_contains(m.causes, 'data')
                THEN 'Des données sont arrivées pour des jours qui manquaient.'
        END,
        CASE
            WHEN list_contains(m.causes, 'correction')
                THEN 'Des données déjà reçues ont été corrigées.'
        END,
        CASE
            WHEN list_contains(m.causes, 'declaration')
                THEN 'Ce que le lieu ou le réseau déclare a changé.'
        END
    ) AS raison,
    CAST(p.calculee_au AS DATE) AS publiee_le,
    m.day_before AS precedente_le
FROM moved_figure AS m
CROSS JOIN release.publication AS p
LEFT JOIN release.revisions AS r
    ON
        list_contains(m.causes, 'revision')
        AND r.indicateur_id = m.indicateur_id
        AND r.niveau = m.niveau
        AND r.territoire_id = m.territoire_id
        AND r.periode = m.periode
        AND r.ventilation = m.ventilation
        AND r.modalite = m.modalite
        AND r.publication_id = p.publication_id
WHERE NOT list_contains(m.causes, 'first')
ORDER BY
    m.indicateur_id, m.niveau, m.territoire_id, m.debut, m.fin, m.periode, m.ventilation, m.modalite
