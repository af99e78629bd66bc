/*
comment = "Les tiers-lieux du réseau, y compris ceux qui ne sont pas encore ouverts."
[columns]
lieu_id = "Identifiant stable du lieu."
nom = "Nom du lieu."
commune_code = "Code officiel géographique de la commune."
commune = "Nom de la commune."
departement_code = "Code du département."
epci_code = "SIREN de l'intercommunalité."
siret = "SIRET du lieu, s'il est déclaré."
forme_juridique = "Forme juridique déclarée."
labels = "Labels déclarés, séparés par des virgules."
ouvert_le = "Date d'ouverture ; vide si le lieu n'est pas encore ouvert."
ferme_le = "Date de fermeture définitive."
statut = "open, not_open ou closed à la date de la publication."
synthetique = "Vrai si les données de ce lieu sont générées pour la démonstration."
*/
SELECT
    p.place_id AS lieu_id,
    p.name AS nom,
    p.commune_code,
    p.commune_name AS commune,
    p.departement_code,
    p.epci_code,
    p.siret,
    p.legal_form AS forme_juridique,
    p.labels,
    p.opened_on AS ouvert_le,
    p.closed_on AS ferme_le,
    CASE
        WHEN p.opened_on IS NULL OR p.opened_on > r.today THEN 'not_open'
        WHEN p.closed_on < r.today THEN 'closed'
        ELSE 'open'
    END AS statut,
    p.is_synthetic AS synthetique
FROM registry.place AS p
CROSS JOIN registry.run AS r
ORDER BY p.place_id
