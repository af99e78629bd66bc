/*
comment = "Les financements déclarés par le réseau. Ce que le réseau n'a pas déclaré n'y est pas."
[columns]
financement_id = "Identifiant du financement."
lieu_id = "Lieu financé ; vide si c'est un portefeuille. Voir la table lieux."
portefeuille_id = "Portefeuille financé ; vide si c'est un lieu. Voir la table portefeuilles."
programme_code = "Code du programme ; autre s'il n'est pas dans la liste."
programme = "Nom du programme."
financeur = "Qui finance."
montant_eur = "Montant en euros, pour toute la durée."
debut = "Premier jour."
fin = "Dernier jour, compris."
periode = "Sa période dans la table valeurs, s'il est déclaré comme convention et a commencé. Les chiffres y sont une fois la convention terminée."
*/
SELECT
    g.grant_id AS financement_id,
    g.place_id AS lieu_id,
    g.portfolio_id AS portefeuille_id,
    g.programme_code,
    m.name AS programme,
    g.funder AS financeur,
    CAST(g.amount_eur_cents AS DOUBLE) / 100 AS montant_eur,
    g.starts_on AS debut,
    CAST(g.ends_before - INTERVAL 1 DAY AS DATE) AS fin,
    CASE WHEN p.period_id IS NOT NULL THEN g.grant_id END AS periode
FROM registry.grant AS g
LEFT JOIN registry.programme AS m ON m.programme_code = g.programme_code
LEFT JOIN registry.period AS p ON p.period_id = 'convention:' || g.grant_id
ORDER BY g.grant_id
