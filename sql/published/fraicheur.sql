/*
comment = "Jusqu'à quel jour chaque source de chaque lieu est arrivée, et son retard."
[columns]
lieu_id = "Voir la table lieux."
source = "Identifiant de la source dans le lieu."
flux = "attendance, employment ou service_usage."
rythme = "Rythme de livraison déclaré."
utilisee_depuis = "Premier jour déclaré de la source, s'il y en a un."
utilisee_jusqu_au = "Dernier jour déclaré de la source, s'il y en a un ; elle n'est plus attendue ensuite."
derniere_donnee = "Dernier jour couvert par une livraison."
retard_jours = "Jours de retard sur le rythme déclaré ; 0 à l'heure ; vide si rien n'est attendu."
*/
SELECT
    s.place_id AS lieu_id,
    s.source_id AS source,
    s.feed AS flux,
    s.rhythm AS rythme,
    max(s.from_day) AS utilisee_depuis,
    max(s.until_day) AS utilisee_jusqu_au,
    max(p.day) AS derniere_donnee,
    CASE
        WHEN max(s.until_day) < max(r.today) THEN CAST(NULL AS BIGINT)
        WHEN max(s.late_after_days) IS NOT NULL AND max(p.day) IS NOT NULL
            THEN greatest(0, date_diff('day', max(p.day), max(r.today)) - max(s.late_after_days))
    END AS retard_jours
FROM registry.source AS s
CROSS JOIN registry.run AS r
LEFT JOIN core.proof AS p
    ON p.place_id = s.place_id AND p.source_id = s.source_id AND p.is_recorded
GROUP BY s.place_id, s.source_id, s.feed, s.rhythm
ORDER BY s.place_id, s.source_id
