/*
comment = "Les sources de chaque lieu : ce qu'elles ont livré, et jusqu'à quel jour."
example = "SELECT lieu_id, source, flux, derniere_donnee, centaines_de_lignes FROM lots ORDER BY ALL"
[columns]
lot_id = "Identifiant : lieu et source."
lieu_id = "Voir la table lieux."
source = "Identifiant de la source dans le lieu."
flux = "attendance, employment ou service_usage."
derniere_donnee = "Dernier jour couvert par une livraison."
centaines_de_lignes = "Lignes reçues, en centaines entières."
*/
SELECT
    b.place_id || '/' || b.source_id AS lot_id,
    b.place_id AS lieu_id,
    b.source_id AS source,
    b.feed AS flux,
    max(t.last_day) AS derniere_donnee,
    CAST(floor(CAST(sum(a.rows_in) AS DOUBLE) / 100) AS BIGINT) AS centaines_de_lignes
FROM ledger.batch AS b
INNER JOIN ledger.last_attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
LEFT JOIN core.source_lateness AS t ON t.place_id = b.place_id AND t.source_id = b.source_id
GROUP BY b.place_id, b.source_id, b.feed
ORDER BY lieu_id, source
