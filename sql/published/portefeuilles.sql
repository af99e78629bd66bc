/*
comment = "Les portefeuilles : des lieux que l'on regarde ensemble, par exemple ceux d'un financeur."
[columns]
portefeuille_id = "Identifiant du portefeuille : territoire_id au niveau portefeuille de la table valeurs."
nom = "Nom du portefeuille."
lieu_id = "Un de ses lieux ; voir la table lieux."
*/
SELECT
    f.portfolio_id AS portefeuille_id,
    f.name AS nom,
    f.place_id AS lieu_id
FROM registry.portfolio AS f
ORDER BY f.portfolio_id, f.place_id
