/*
comment = "Les emplois de chaque lieu à la fin de chaque année, au total et par nature de contrat."
example = "SELECT e.annee, e.libelle, e.emplois, e.motif FROM emplois_annee AS e JOIN lieux AS l USING (lieu_id) WHERE l.departement_code = '02'"
[columns]
lieu_id = "Voir la table lieux."
lieu = "Nom du lieu."
annee = "Année terminée."
indicateur_id = "direct_jobs_eop : équipe du lieu ; hosted_jobs_eop : structures hébergées."
modalite = "Nature du contrat ; ensemble pour le total."
libelle = "Son libellé."
emplois = "Emplois en fin d'année ; vide quand il n'y a pas de chiffre."
statut = "Statut du chiffre ; voir la table libelles."
motif = "Pourquoi le chiffre est absent ou à lire avec prudence."
*/
SELECT
    v.territoire_id AS lieu_id,
    p.nom AS lieu,
    CAST(v.periode AS INTEGER) AS annee,
    v.indicateur_id,
    v.modalite,
    t.libelle,
    v.valeur AS emplois,
    v.statut,
    v.motif
FROM release.valeurs AS v
INNER JOIN release.lieux AS p ON p.lieu_id = v.territoire_id
LEFT JOIN release.libelles AS t ON t.liste = v.ventilation AND t.code = v.modalite
WHERE
    v.indicateur_id IN ('direct_jobs_eop', 'hosted_jobs_eop')
    AND v.niveau = 'lieu'
    AND v.granularite = 'annee'
    AND v.ventilation IN ('ensemble', 'type_contrat')
ORDER BY v.territoire_id, annee, v.indicateur_id, t.rang
