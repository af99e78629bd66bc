/*
comment = "Cette publication : date, versions, règles, licence."
[columns]
publication_id = "Identifiant de la publication."
calculee_au = "Instant auquel les chiffres sont arrêtés, à l'heure de Paris."
version_schema = "Version de la structure de ce fichier."
version_logiciel = "Version du logiciel qui l'a produit."
regle_secret = "La règle par laquelle les chiffres sont arrondis ou ne sont pas diffusés, et qui l'a assouplie, le cas échéant."
secret_public = "Vrai si l'arrondi est tiré avec un secret connu de tous : seulement quand tous les lieux sont inventés."
empreinte_secret = "Ce qui reconnaît le secret de l'arrondi, et n'en dit rien."
licence = "Licence des données."
synthetique = "Vrai si au moins un lieu a des données générées pour la démonstration."
avertissement = "À lire avant de citer un chiffre."
*/
SELECT
    p.publication_id,
    CAST(r.as_of AS TIMESTAMP) AS calculee_au,
    p.schema_version AS version_schema,
    p.software_version AS version_logiciel,
    y.version
    || ' : nombres arrondis à ' || y.count_step || ', parts à ' || y.points || ' points à partir de '
    || y.cases || ' cas et à ' || y.coarse_points || ' points à partir de ' || y.coarse_cases
    || ', emplois d''un lieu en tranches ; territoires de ' || y.territory_places
    || ' lieux au moins ; rien d''autre n''est diffusé.'
    || CASE y.decision WHEN '' THEN '' ELSE ' Assouplie par ' || y.decision END AS regle_secret,
    secret_fingerprint() = public_fingerprint() AS secret_public,
    secret_fingerprint() AS empreinte_secret,
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
CROSS JOIN registry.policy AS y
