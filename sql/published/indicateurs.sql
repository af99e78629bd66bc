/*
comment = "Le catalogue : ce que chaque indicateur veut dire, comment il est calculé, ses limites."
[columns]
indicateur_id = "Identifiant stable de l'indicateur."
libelle = "Nom français."
libelle_en = "Nom anglais."
domaine = "cohesion ou economy."
unite = "persons, jobs, organisations ; visits, acts, sessions, fte (équivalents temps plein), hours, days, kg ; share (de 0 à 1), per_mille, per_hundred, index (de 0 à 1), ratio, median_days."
sens = "up : plus haut est mieux ; down : plus bas ; neutral : ni l'un ni l'autre."
definition = "Définition en français."
definition_en = "Définition en anglais."
formule = "Formule en français."
formule_en = "Formule en anglais."
source = "Qui a défini l'indicateur."
limites = "Ce qu'il ne faut pas lui faire dire."
limites_en = "Les mêmes limites en anglais."
additif_temps = "Faux si les périodes ne s'additionnent pas."
additif_lieux = "Faux si les lieux ne s'additionnent pas."
ventilations = "Caractéristiques par lesquelles le chiffre est aussi diffusé, dans les codes de valeurs.ventilation ; vide s'il n'y en a pas."
niveaux = "Niveaux auxquels le chiffre est diffusé, dans les codes de valeurs.niveau."
periodes = "Longueurs de période pour lesquelles il est diffusé, dans les codes de valeurs.granularite."
phare = "Vrai pour les indicateurs mis en avant."
version = "Version de la définition ; elle monte quand les chiffres changent."
sql = "La requête exacte qui l'a calculé."
*/
SELECT
    i.indicator_id AS indicateur_id,
    i.label_fr AS libelle,
    i.label_en AS libelle_en,
    i.area AS domaine,
    i.unit AS unite,
    i.direction AS sens,
    i.definition_fr AS definition,
    i.definition_en,
    i.formula_fr AS formule,
    i.formula_en AS formule_en,
    i.source,
    i.caveats_fr AS limites,
    i.caveats_en AS limites_en,
    i.unit IN ('visits', 'acts', 'sessions', 'hours', 'days', 'kg') AS additif_temps,
    i.unit IN ('visits', 'acts', 'sessions', 'hours', 'days', 'kg', 'fte') AS additif_lieux,
    coalesce(t.ventilations, '') AS ventilations,
    coalesce(t.niveaux, '') AS niveaux,
    coalesce(t.periodes, '') AS periodes,
    i.headline AS phare,
    i.version,
    i.select_sql AS sql
FROM registry.indicator AS i
LEFT JOIN (
    SELECT
        a.indicator_id,
        string_agg(DISTINCT b.label_fr, ', ' ORDER BY b.label_fr)
            FILTER (WHERE a.breakdown <> 'all') AS ventilations,
        string_agg(DISTINCT n.niveau, ', ' ORDER BY n.niveau) AS niveaux,
        string_agg(DISTINCT p.granularite, ', ' ORDER BY p.granularite) AS periodes
    FROM registry.published_table AS a
    INNER JOIN registry.breakdown AS b ON b.breakdown = a.breakdown
    INNER JOIN (
        VALUES ('place', 'lieu'), ('departement', 'departement'), ('portfolio', 'portefeuille'),
        ('network', 'reseau')
    ) AS n (scope_type, niveau) ON n.scope_type = a.scope_type
    INNER JOIN (
        VALUES ('month', 'mois'), ('quarter', 'trimestre'), ('year', 'annee'),
        ('convention', 'convention')
    ) AS p (period_type, granularite) ON p.period_type = a.period_type
    GROUP BY a.indicator_id
) AS t ON t.indicator_id = i.indicator_id
ORDER BY i.indicator_id
