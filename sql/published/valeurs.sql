/*
comment = "Les chiffres : un par indicateur, territoire et période terminée. Une valeur publiée ne change plus, sauf par une révision (voir la table revisions) ; une valeur absente a un motif."
example = "SELECT territoire_id, periode, affichage, motif FROM valeurs WHERE indicateur_id = 'visits' AND niveau = 'lieu' AND granularite = 'annee' AND ventilation = 'ensemble'"
[columns]
indicateur_id = "Voir la table indicateurs."
niveau = "lieu, departement, portefeuille ou reseau."
territoire_id = "Identifiant du lieu ou du portefeuille, code du département, ou reseau."
periode = "2026-10 (mois), 2026-T3 (trimestre), 2026 (année), ou l'identifiant d'une convention : ce sont ses jours, aussi pour un lieu qu'elle ne finance pas (voir financements)."
granularite = "mois, trimestre, annee ou convention : additionnez les lignes d'une seule."
debut = "Premier jour de la période."
fin = "Dernier jour de la période, compris."
ventilation = "Caractéristique détaillée ; ensemble pour le total."
modalite = "Valeur de la caractéristique ; ensemble pour le total."
valeur = "Le chiffre, arrondi ; vide pour une tranche, et quand il n'est pas diffusé ou pas disponible."
valeur_min = "Le moins que le chiffre exact puisse être."
valeur_max = "Le plus qu'il puisse être ; vide pour une tranche sans fin."
affichage = "La valeur comme on l'écrit : 0–4, ≤ 5 %, 35 %, 10–19, 20 et plus."
diffusion = "arrondi, tranche, exact (équipe déclarée publique), non_diffuse, non_disponible, a_venir ou retiree."
etat = "definitif : décidé, publié ou non ; provisoire : pas encore."
statut = "ok, partial, missing, too_early, not_open, closed, not_applicable, identified_per_source, some_places."
completude = "Part des jours attendus pour lesquels des données sont arrivées, de 0 à 1."
rupture_de_serie = "Jour du dernier changement d'outil, de clé ou de preuve dans la période ou l'historique qu'elle demande ; les valeurs d'avant et d'après ne se comparent pas. Voir la table ruptures."
part_observee = "Part de la base du chiffre qui a été vue, pointée ou contrôlée, de 0 à 1 ; le reste est réservé ou déclaré ; à 5 points près. Vide pour les contrats."
comptage_personnes = "Au-dessus d'un lieu : par_lieu quand une personne connue de deux lieux compte une fois dans chacun (une clé par lieu), unique quand elle compte une fois (une clé pour le réseau). Vide pour un lieu, et pour ce qui ne compte pas de personnes."
part_refusee = "Part des lignes reçues qui ont été refusées et attendent une correction, dans les sources dont dépend le chiffre, sur la période et les jours d'avant et d'après qu'elle demande : à 5 points près, de 0 à 1."
part_identifiee = "Part des personnes reçues qui sont reconnues d'une venue à l'autre, de 0 à 1, à 5 points près."
lieux_contributeurs = "Au-dessus d'un lieu : combien de lieux ont un chiffre dans celui-ci. Vide pour un lieu, et pour ce qui n'a pas de chiffre par lieu."
lieux_attendus = "Combien de lieux du territoire sont attendus."
motif = "Pourquoi la valeur est absente ou à lire avec prudence, en une phrase."
version = "Version de la définition de l'indicateur."
regle = "Règle de l'arrondi ; deux chiffres de règles différentes ne sont pas arrondis de la même façon."
publication_id = "Publication dans laquelle ce chiffre a paru ; celle-ci, s'il n'a pas encore paru."
publiee_le = "Jour où ce chiffre a paru, ou où il s'est avéré qu'il ne paraîtrait pas, faute de cas ; vide avant."
revision = "0 à la première publication, puis le nombre de révisions ; voir la table revisions."
lot_id = "La source, parmi celles dont dépend le chiffre, qui a livré en dernier ; voir la table lots."
*/
SELECT
    s.indicateur_id,
    s.niveau,
    s.territoire_id,
    s.periode,
    s.granularite,
    s.debut,
    s.fin,
    s.ventilation,
    s.modalite,
    s.valeur,
    s.valeur_min,
    s.valeur_max,
    s.affichage,
    s.diffusion,
    s.etat,
    s.statut,
    s.completude,
    s.rupture_de_serie,
    s.part_observee,
    s.comptage_personnes,
    s.part_refusee,
    s.part_identifiee,
    s.lieux_contributeurs,
    s.lieux_attendus,
    s.motif,
    s.version,
    s.regle,
    s.publication_id,
    s.publiee_le,
    s.revision,
    s.lot_id
FROM standing_value AS s
UNION ALL
SELECT
    d.indicateur_id,
    d.niveau,
    d.territoire_id,
    d.periode,
    d.granularite,
    d.debut,
    d.fin,
    d.ventilation,
    d.modalite,
    CAST(NULL AS DOUBLE) AS valeur,
    CAST(NULL AS DOUBLE) AS valeur_min,
    CAST(NULL AS DOUBLE) AS valeur_max,
    CAST(NULL AS VARCHAR) AS affichage,
    CASE
        WHEN d.is_sure AND NOT d.is_due AND NOT d.is_small THEN 'a_venir'
        WHEN d.is_shown THEN 'non_diffuse'
        ELSE d.diffusion
    END AS diffusion,
    'provisoire' AS etat,
    d.statut,
    d.completude,
    d.rupture_de_serie,
    CAST(NULL AS DECIMAL(5, 2)) AS part_observee,
    d.comptage_personnes,
    d.part_refusee,
    CAST(NULL AS DECIMAL(5, 2)) AS part_identifiee,
    d.lieux_contributeurs,
    d.lieux_attendus,
    CASE
        WHEN d.is_sure AND NOT d.is_due AND NOT d.is_small
            THEN 'Pas encore publié : il paraît quand la période est terminée depuis '
                || y.settled_days || ' jours.'
        WHEN d.is_shown
            THEN 'Avec ce qui est déjà publié, ce tableau en dirait trop de peu de personnes.'
        ELSE d.motif
    END AS motif,
    d.version,
    d.regle,
    d.publication_id,
    CAST(NULL AS DATE) AS publiee_le,
    CAST(NULL AS BIGINT) AS revision,
    d.lot_id
FROM drawn_figure AS d
CROSS JOIN registry.policy AS y
WHERE NOT EXISTS (
    SELECT 1
    FROM standing_value AS s
    WHERE
        s.indicateur_id = d.indicateur_id
        AND s.niveau = d.niveau
        AND s.territoire_id = d.territoire_id
        AND s.periode = d.periode
        AND s.ventilation = d.ventilation
)
ORDER BY indicateur_id, niveau, territoire_id, debut, fin, ventilation, modalite
