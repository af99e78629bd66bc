/*
comment = "Les emplois à la fin de chaque année : en tranches pour un lieu, par nature de contrat pour un territoire d'au moins trois lieux. Sous trois lieux, un département n'a pas de ligne : voyez ses lieux."
question = 5
example = "SELECT e.annee, e.territoire_id, e.indicateur_id, e.libelle, e.affichage, e.motif FROM emplois_annee AS e LEFT JOIN lieux AS l ON l.lieu_id = e.territoire_id WHERE '02' IN (e.territoire_id, l.departement_code) ORDER BY ALL"
[columns]
niveau = "lieu, departement, portefeuille ou reseau."
territoire_id = "Identifiant du territoire, comme dans valeurs."
annee = "Année terminée."
indicateur_id = "direct_jobs_eop : équipe du lieu ; hosted_jobs_eop : structures hébergées."
modalite = "Nature du contrat ; ensemble pour le total."
libelle = "Son libellé."
affichage = "Les emplois en fin d'année comme on les écrit : une tranche ou un nombre arrondi."
emplois = "Le nombre arrondi ; vide pour une tranche, et quand il n'y a pas de chiffre."
emplois_min = "Le moins qu'ils puissent être."
emplois_max = "Le plus qu'ils puissent être."
statut = "Statut du chiffre ; voir la table libelles."
motif = "Pourquoi le chiffre est absent ou à lire avec prudence."
*/
SELECT
    v.niveau,
    v.territoire_id,
    CAST(v.periode AS INTEGER) AS annee,
    v.indicateur_id,
    v.modalite,
    t.libelle,
    v.affichage,
    v.valeur AS emplois,
    v.valeur_min AS emplois_min,
    v.valeur_max AS emplois_max,
    v.statut,
    v.motif
FROM release.valeurs AS v
LEFT JOIN release.libelles AS t ON t.liste = v.ventilation AND t.code = v.modalite
WHERE
    v.indicateur_id IN ('direct_jobs_eop', 'hosted_jobs_eop')
    AND v.granularite = 'annee'
    AND v.ventilation IN ('ensemble', 'type_contrat')
ORDER BY v.niveau, v.territoire_id, annee, v.indicateur_id, t.rang
