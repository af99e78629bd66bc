/*
comment = "Cette publication : date, versions, règles, licence."
[columns]
publication_id = "Identifiant de la publication."
calculee_au = "Instant auquel les chiffres sont arrêtés, à l'heure de Paris."
version_schema = "Version de la structure de ce fichier."
version_logiciel = "Version du logiciel qui l'a produit."
regle_secret = "Ce qui n'est pas diffusé."
licence = "Licence des données."
synthetique = "Vrai si au moins un lieu a des données générées pour la démonstration."
avertissement = "À lire avant de citer un chiffre."
*/
SELECT
    p.publication_id,
    CAST(r.as_of AS TIMESTAMP) AS calculee_au,
    p.schema_version AS version_schema,
    p.software_version AS version_logiciel,
    'Périodes terminées seulement ; nombres de personnes et dénominateurs de parts inférieurs à '
    || CAST(c.value AS BIGINT) || ' non diffusés.' AS regle_secret,
    'Licence Ouverte 2.0 (Etalab)' AS licence,
    s.is_synthetic AS synthetique,
    CASE
        WHEN s.is_synthetic
            THEN 'Données synthétiques de démonstration : ces chiffres ne décrivent aucun lieu réel.'
        ELSE 'Ce sont des réalisations et des indices, pas un impact causal mesuré.'
    END AS avertissement
FROM registry.publication AS p
CROSS JOIN registry.run AS r
CROSS JOIN (SELECT bool_or(l.is_synthetic) AS is_synthetic FROM registry.place AS l) AS s
INNER JOIN registry.coefficient AS c ON c.name = 'smallest_published_count'
