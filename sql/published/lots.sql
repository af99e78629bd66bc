/*
comment = "Les lots de données acceptés : d'où viennent les chiffres."
example = "SELECT i.definition, l.source, l.recu_le, l.fichier_sha256 FROM valeurs AS v JOIN lots AS l USING (lot_id) JOIN indicateurs AS i USING (indicateur_id) WHERE v.indicateur_id = 'visits' AND v.periode = '2026-10'"
[columns]
lot_id = "Identifiant du lot : lieu, source, fenêtre et contenu."
lieu_id = "Voir la table lieux."
source = "Identifiant de la source dans le lieu."
flux = "attendance, employment ou service_usage."
recu_le = "Jour de réception."
fichier_sha256 = "Empreinte du fichier reçu."
lignes_recues = "Lignes lues."
lignes_rejetees = "Lignes mises en quarantaine."
*/
SELECT
    b.batch_id AS lot_id,
    b.place_id AS lieu_id,
    b.source_id AS source,
    b.feed AS flux,
    b.received_on AS recu_le,
    b.content_sha256 AS fichier_sha256,
    a.rows_in AS lignes_recues,
    a.quarantined AS lignes_rejetees
FROM ledger.batch AS b
INNER JOIN ledger.last_attempt AS a ON a.batch_id = b.batch_id
WHERE a.outcome = 'accepted'
ORDER BY b.place_id, b.source_id, b.batch_id
