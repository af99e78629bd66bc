/*
comment = "Jusqu'à quel jour chaque source de chaque lieu est arrivée, et son retard."
question = 4
example = "SELECT f.lieu_id, f.source, f.derniere_donnee, f.retard_jours, coalesce(CAST(nullif(100 * q.centaines_rejetees, 0) AS VARCHAR), 'moins de 100') AS rejetees, q.premier_motif FROM fraicheur AS f LEFT JOIN qualite AS q USING (lieu_id, source) ORDER BY f.retard_jours DESC"
[columns]
lieu_id = "Voir la table lieux."
source = "Identifiant de la source dans le lieu."
flux = "attendance, employment ou service_usage."
rythme = "Rythme de livraison déclaré."
utilisee_depuis = "Premier jour déclaré de la source, s'il y en a un."
utilisee_jusqu_au = "Dernier jour déclaré de la source, s'il y en a un ; elle n'est plus attendue ensuite."
derniere_donnee = "Dernier jour couvert par une livraison."
retard_jours = "Jours de retard sur le rythme déclaré, depuis la dernière donnée ou, avant la première, depuis l'ouverture du lieu ou le premier jour de la source ; 0 à l'heure ; vide si rien n'est attendu."
*/
SELECT
    s.place_id AS lieu_id,
    s.source_id AS source,
    s.feed AS flux,
    s.rhythm AS rythme,
    max(s.from_day) AS utilisee_depuis,
    max(s.until_day) AS utilisee_jusqu_au,
    max(t.last_day) AS derniere_donnee,
    max(t.late_days) AS retard_jours
FROM registry.source AS s
LEFT JOIN core.source_lateness AS t
    ON t.place_id = s.place_id AND t.source_id = s.source_id
GROUP BY s.place_id, s.source_id, s.feed, s.rhythm
ORDER BY s.place_id, s.source_id
