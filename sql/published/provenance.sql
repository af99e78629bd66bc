/*
comment = "Les sources de chaque chiffre : ce que lit un indicateur dans un lieu. Ses définition, formule et limites sont dans indicateurs."
question = 6
example = "SELECT p.lieu_id, p.source, p.flux, p.derniere_donnee, i.definition, i.limites FROM provenance AS p JOIN indicateurs AS i USING (indicateur_id) WHERE p.indicateur_id = 'persons_reached' ORDER BY ALL"
[columns]
indicateur_id = "Voir la table indicateurs."
lieu_id = "Voir la table lieux."
source = "Identifiant de la source dans le lieu."
flux = "attendance, employment ou service_usage."
derniere_donnee = "Dernier jour couvert par une livraison."
*/
SELECT
    f.indicator_id AS indicateur_id,
    f.place_id AS lieu_id,
    f.source_id AS source,
    b.feed AS flux,
    max(t.last_day) AS derniere_donnee
FROM core.indicator_reader AS f
INNER JOIN ledger.batch AS b ON b.place_id = f.place_id AND b.source_id = f.source_id
INNER JOIN ledger.last_attempt AS a ON a.batch_id = b.batch_id AND a.outcome = 'accepted'
LEFT JOIN core.source_lateness AS t ON t.place_id = f.place_id AND t.source_id = f.source_id
GROUP BY f.indicator_id, f.place_id, f.source_id, b.feed
ORDER BY indicateur_id, lieu_id, source
