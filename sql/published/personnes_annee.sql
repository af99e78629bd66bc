/*
comment = "Les personnes différentes de chaque année, par territoire : elles ne s'additionnent jamais."
question = 3
example = "SELECT annee, territoire_id, libelle, personnes, CASE WHEN modalite <> 'non_communique' THEN 5 * round(20 * personnes / sum(personnes) FILTER (WHERE modalite <> 'non_communique') OVER (PARTITION BY annee, territoire_id)) END AS pour_cent_des_connues FROM personnes_annee WHERE ventilation = 'tranche_age' ORDER BY annee, territoire_id, rang"
[columns]
niveau = "lieu, departement, portefeuille ou reseau."
territoire_id = "Identifiant du territoire, comme dans valeurs."
annee = "Année terminée."
ventilation = "Caractéristique détaillée ; ensemble pour le total."
modalite = "Valeur de la caractéristique ; ensemble pour le total."
libelle = "Son libellé."
rang = "Sa place parmi les autres, de haut en bas."
personnes = "Personnes différentes, arrondies ; 0 veut dire de 0 à 4 ; vide quand il n'y a pas de chiffre."
personnes_min = "Le moins qu'elles puissent être."
personnes_max = "Le plus qu'elles puissent être."
comptage_personnes = "par_lieu ou unique, au-dessus d'un lieu."
statut = "Statut du chiffre ; voir la table libelles."
motif = "Pourquoi le chiffre est absent ou à lire avec prudence."
*/
SELECT
    v.niveau,
    v.territoire_id,
    CAST(v.periode AS INTEGER) AS annee,
    v.ventilation,
    v.modalite,
    t.libelle,
    t.rang,
    v.valeur AS personnes,
    v.valeur_min AS personnes_min,
    v.valeur_max AS personnes_max,
    v.comptage_personnes,
    v.statut,
    v.motif
FROM release.valeurs AS v
LEFT JOIN release.libelles AS t ON t.liste = v.ventilation AND t.code = v.modalite
WHERE v.indicateur_id = 'persons_reached' AND v.granularite = 'annee'
ORDER BY v.niveau, v.territoire_id, annee, v.ventilation, t.rang
