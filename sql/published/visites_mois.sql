/*
comment = "Les passages de chaque lieu, mois par mois : ils s'additionnent, à leurs marges près. Une année terminée a sa propre ligne dans valeurs : c'est elle qui compte."
question = 1
example = "SELECT lieu, year(mois) AS annee, sum(visites) AS visites, sum(visites_min) AS au_moins, sum(visites_max) AS au_plus, count(visites) AS mois_connus FROM visites_mois GROUP BY ALL ORDER BY ALL"
[columns]
lieu_id = "Voir la table lieux."
lieu = "Nom du lieu."
mois = "Premier jour du mois."
visites = "Passages, arrondis ; vide quand le mois n'a pas de chiffre. Une somme ne dit que les mois connus, à la somme de leurs marges près."
visites_min = "Le moins qu'ils puissent être."
visites_max = "Le plus qu'ils puissent être."
statut = "Statut du chiffre ; voir la table libelles."
etat = "provisoire ou definitif."
motif = "Pourquoi le chiffre est absent ou à lire avec prudence."
*/
SELECT
    v.territoire_id AS lieu_id,
    p.nom AS lieu,
    v.debut AS mois,
    v.valeur AS visites,
    v.valeur_min AS visites_min,
    v.valeur_max AS visites_max,
    v.statut,
    v.etat,
    v.motif
FROM release.valeurs AS v
INNER JOIN release.lieux AS p ON p.lieu_id = v.territoire_id
WHERE
    v.indicateur_id = 'visits'
    AND v.niveau = 'lieu'
    AND v.granularite = 'mois'
    AND v.ventilation = 'ensemble'
ORDER BY v.territoire_id, v.debut
