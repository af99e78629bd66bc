/*
comment = "Les périodes qui viennent : quand chacune sera terminée, et quand ses chiffres seront définitifs."
example = "SELECT periode, publiee_des, definitive_le FROM calendrier WHERE granularite = 'mois'"
[columns]
periode = "La période, comme dans valeurs."
granularite = "mois, trimestre, annee ou convention."
debut = "Premier jour."
fin = "Dernier jour, compris."
publiee_des = "Premier jour où ses chiffres peuvent être publiés, si les données sont arrivées."
definitive_le = "Jour où ses chiffres deviennent définitifs."
*/
SELECT
    replace(p.period_id, 'convention:', '') AS periode,
    CASE p.period_type
        WHEN 'month' THEN 'mois'
        WHEN 'quarter' THEN 'trimestre'
        WHEN 'year' THEN 'annee'
        ELSE p.period_type
    END AS granularite,
    p.starts_on AS debut,
    CAST(p.ends_before - INTERVAL 1 DAY AS DATE) AS fin,
    p.ends_before AS publiee_des,
    CAST(p.ends_before + CAST(c.value AS INTEGER) * INTERVAL 1 DAY AS DATE) AS definitive_le
FROM registry.period AS p
CROSS JOIN registry.run AS r
INNER JOIN registry.coefficient AS c ON c.name = 'provisional_days'
WHERE date_diff('day', p.ends_before, r.today) < c.value
ORDER BY p.ends_before, p.starts_on
