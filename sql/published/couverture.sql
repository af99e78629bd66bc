/*
comment = "Chaque mois de chaque source : la part des jours attendus qui sont arrivés, ou pourquoi rien n'est attendu."
example = "SELECT lieu_id, source, count(*) FILTER (WHERE statut IN ('partial', 'missing')) AS mois_incomplets, min(completude) AS au_moins, max(part_refusee) AS refusee_au_plus FROM couverture GROUP BY ALL ORDER BY mois_incomplets DESC, lieu_id, source"
[columns]
lieu_id = "Voir la table lieux."
source = "Identifiant de la source dans le lieu."
flux = "attendance, employment ou service_usage."
mois = "Premier jour du mois, qui est terminé."
statut = "ok, partial ou missing : les jours attendus sont arrivés, en partie ou pas du tout ; not_due : pas encore en retard d'après le rythme déclaré ; not_open, closed, no_open_day ou not_used : rien n'est attendu."
completude = "Part des jours attendus pour lesquels des données sont arrivées, à 5 points près, de 0 à 1 : 1 s'ils y sont tous, 0 s'il n'y en a aucun. Vide si rien n'est attendu."
part_refusee = "Part des lignes du mois qui ont été refusées et attendent une correction, à 5 points près, de 0 à 1. Vide si rien n'est attendu."
*/
SELECT
    s.place_id AS lieu_id,
    s.source_id AS source,
    s.feed AS flux,
    s.starts_on AS mois,
    CASE
        WHEN s.state = 'received' THEN 'ok'
        WHEN s.state IN ('partial', 'missing') AND NOT s.is_due THEN 'not_due'
        ELSE s.state
    END AS statut,
    CASE
        WHEN s.state IN ('missing', 'partial', 'received')
            THEN CAST(CASE
                WHEN s.recorded_days = 0 THEN 0
                WHEN s.recorded_days = s.expected_days THEN 1
                ELSE least(0.95, greatest(
                    0.05, round(CAST(20 * s.recorded_days AS DOUBLE) / s.expected_days) / 20
                ))
            END AS DECIMAL(5, 2))
    END AS completude,
    CASE
        WHEN s.state IN ('missing', 'partial', 'received')
            THEN CAST(round(CAST(s.lost_share AS DECIMAL(18, 12)) * 20) / 20 AS DECIMAL(5, 2))
    END AS part_refusee
FROM core.source_month AS s
ORDER BY lieu_id, source, mois
