/*
comment = "Chiffres exacts et en cours, pour l'exploitant seul : ne pas diffuser."
[columns]
indicateur_id = "Voir la table indicateurs."
niveau = "lieu, epci, departement, portefeuille ou reseau."
territoire_id = "Identifiant du lieu ou du portefeuille, SIREN de l'EPCI, code du département, ou reseau."
periode = "Mois, trimestre, année ou convention, terminé ou en cours."
granularite = "mois, trimestre, annee ou convention."
debut = "Premier jour de la période."
fin = "Dernier jour de la période, compris."
ventilation = "Caractéristique détaillée ; ensemble pour le total."
modalite = "Valeur de la caractéristique ; ensemble pour le total."
terminee = "Faux tant que la période court."
statut = "Pourquoi la valeur publiée existe ou non."
completude = "Part des jours attendus qui sont arrivés."
rupture_de_serie = "Jour du dernier changement d'outil, de clé ou de preuve, s'il touche la période."
part_refusee = "Part des lignes reçues qui ont été refusées et attendent une correction."
lignes_perdues = "Combien de lignes cela fait ; une ligne sans jour lisible compte en partie dans chaque période de sa livraison."
motif = "Ce qui manque, quand le statut est partial."
numerateur = "Numérateur exact."
denominateur = "Dénominateur exact, s'il y en a un."
personnes = "Personnes différentes derrière le chiffre."
part_observee = "Part de la base du chiffre qui a été vue, pointée ou contrôlée à l'entrée."
part_identifiee = "Part des personnes reçues qui sont reconnues d'une venue à l'autre."
valeur_en_cours = "Ce que disent les enregistrements reçus, quelle que soit la couverture."
valeur = "La valeur exacte, quand la couverture suffit."
*/
SELECT
    v.indicator_id AS indicateur_id,
    CASE v.scope_type
        WHEN 'place' THEN 'lieu'
        WHEN 'network' THEN 'reseau'
        WHEN 'portfolio' THEN 'portefeuille'
        ELSE v.scope_type
    END AS niveau,
    CASE v.scope_type
        WHEN 'epci' THEN replace(v.scope_id, 'epci:', '')
        WHEN 'departement' THEN replace(v.scope_id, 'departement:', '')
        WHEN 'portfolio' THEN replace(v.scope_id, 'portfolio:', '')
        WHEN 'network' THEN 'reseau'
        ELSE v.scope_id
    END AS territoire_id,
    replace(v.period_id, 'convention:', '') AS periode,
    CASE v.period_type
        WHEN 'month' THEN 'mois'
        WHEN 'quarter' THEN 'trimestre'
        WHEN 'year' THEN 'annee'
        ELSE v.period_type
    END AS granularite,
    v.starts_on AS debut,
    CAST(v.ends_before - INTERVAL 1 DAY AS DATE) AS fin,
    b.label_fr AS ventilation,
    CASE v.category WHEN 'all' THEN 'ensemble' ELSE v.category END AS modalite,
    v.is_ended AS terminee,
    v.status AS statut,
    v.completeness AS completude,
    v.broken_on AS rupture_de_serie,
    v.lost_share AS part_refusee,
    v.lost_rows AS lignes_perdues,
    CASE
        WHEN v.status = 'partial' AND v.lost_by IS NULL
            THEN 'Des jours attendus n''ont pas été reçus.'
        WHEN v.status = 'partial'
            THEN CASE WHEN v.completeness < 1 THEN 'Des jours attendus n''ont pas été reçus. ' ELSE '' END
                || replace(replace(CAST(round(v.lost_rows, 1) AS VARCHAR), '.0', ''), '.', ',')
                || ' lignes ont été refusées, surtout de la source ' || v.lost_by
                || ' : impact rejects.'
    END AS motif,
    v.numerator AS numerateur,
    v.denominator AS denominateur,
    v.persons AS personnes,
    v.observed_share AS part_observee,
    v.identified_share AS part_identifiee,
    v.running AS valeur_en_cours,
    v.value AS valeur
FROM indicator.value AS v
INNER JOIN registry.breakdown AS b ON b.breakdown = v.breakdown
ORDER BY indicateur_id, niveau, territoire_id, debut, periode, ventilation, modalite
