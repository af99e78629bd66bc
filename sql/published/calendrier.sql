/*
comment = "Les périodes qui viennent : quand chacune sera terminée, et quand ses chiffres paraîtront."
example = "SELECT periode, publiee_des FROM calendrier WHERE granularite = 'mois'"
[columns]
periode = "La période, comme dans valeurs."
granularite = "mois, trimestre, annee ou convention."
debut = "Premier jour."
fin = "Dernier jour, compris."
publiee_des = "Premier jour où ses chiffres peuvent être publiés, si les données sont arrivées ; ils ne changent plus ensuite."
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
    CAST(p.ends_before + y.settled_days * INTERVAL 1 DAY AS DATE) AS publiee_des
FROM registry.period AS p
CROSS JOIN registry.run AS r
CROSS JOIN registry.policy AS y
WHERE date_diff('day', p.ends_before, r.today) < y.settled_days
ORDER BY p.ends_before, p.starts_on
