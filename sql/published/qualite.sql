/*
comment = "Ce qui a été vérifié avant de publier, et les lignes reçues et refusées par source."
example = "SELECT lieu_id, source, centaines_recues, centaines_rejetees, premier_motif FROM qualite WHERE controle = 'lignes_recues'"
[columns]
controle = "Identifiant de la promesse vérifiée, ou lignes_recues."
phrase = "Ce qui est vérifié, en français."
phrase_en = "La même phrase en anglais."
gravite = "critical : arrête la publication ; warning : la publication le signale ; info."
respecte = "Vrai si la promesse est tenue ; pour les lignes reçues, si moins de cent sont refusées."
lieu_id = "Lieu concerné, pour les lignes reçues."
source = "Source concernée, pour les lignes reçues."
centaines_recues = "Lignes reçues, en centaines entières : 0 veut dire moins de cent."
centaines_rejetees = "Lignes refusées qui attendent une correction, chacune une fois, en centaines entières : 0 veut dire moins de cent."
premier_motif = "Motif de refus le plus fréquent, à partir de cent lignes refusées."
*/
SELECT
    p.promise_id AS controle,
    p.sentence_fr AS phrase,
    p.sentence_en AS phrase_en,
    p.severity AS gravite,
    p.is_kept AS respecte,
    CAST(NULL AS VARCHAR) AS lieu_id,
    CAST(NULL AS VARCHAR) AS source,
    CAST(NULL AS BIGINT) AS centaines_recues,
    CAST(NULL AS BIGINT) AS centaines_rejetees,
    CAST(NULL AS VARCHAR) AS premier_motif
FROM ledger.promise AS p
INNER JOIN registry.publication AS n ON n.publication_id = p.release_id
UNION ALL
SELECT
    'lignes_recues' AS controle,
    'Lignes reçues et refusées de cette source.' AS phrase,
    'Rows received and refused of this source.' AS phrase_en,
    'info' AS gravite,
    coalesce(max(l.lost), 0) < 100 AS respecte,
    b.place_id AS lieu_id,
    b.source_id AS source,
    CAST(floor(CAST(sum(a.rows_in) AS DOUBLE) / 100) AS BIGINT) AS centaines_recues,
    CAST(floor(CAST(coalesce(max(l.lost), 0) AS DOUBLE) / 100) AS BIGINT) AS centaines_rejetees,
    CASE WHEN max(l.lost) >= 100 THEN max(m.sentence_fr) END AS premier_motif
FROM ledger.last_attempt AS a
INNER JOIN ledger.batch AS b ON b.batch_id = a.batch_id
LEFT JOIN (
    SELECT r.place_id, r.source_id, CAST(sum(r.lost) AS BIGINT) AS lost
    FROM core.lost_row AS r
    GROUP BY r.place_id, r.source_id
) AS l ON l.place_id = b.place_id AND l.source_id = b.source_id
LEFT JOIN (
    SELECT
        q.place_id,
        q.source_id,
        q.sentence_fr
    FROM ledger.open_reject AS q
    GROUP BY q.place_id, q.source_id, q.sentence_fr
    QUALIFY row_number() OVER (
        PARTITION BY q.place_id, q.source_id ORDER BY count(*) DESC, q.sentence_fr
    ) = 1
) AS m ON m.place_id = b.place_id AND m.source_id = b.source_id
WHERE a.outcome = 'accepted'
GROUP BY b.place_id, b.source_id
ORDER BY controle, lieu_id, source
