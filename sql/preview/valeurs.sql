/*
comment = "Chiffres exacts et en cours, pour l'exploitant seul : ne pas diffuser."
[columns]
indicateur_id = "Voir la table indicateurs."
scope_type = "place, epci, departement ou network."
scope_id = "Identifiant du périmètre."
periode = "Mois, trimestre ou année, terminé ou en cours."
debut = "Premier jour de la période."
terminee = "Faux tant que la période court."
statut = "Pourquoi la valeur publiée existe ou non."
completude = "Part des jours attendus qui sont arrivés."
rupture_de_serie = "Jour du dernier changement d'outil, de clé ou de preuve, s'il touche la période."
numerateur = "Numérateur exact."
denominateur = "Dénominateur exact, s'il y en a un."
personnes = "Personnes différentes derrière le chiffre."
valeur_en_cours = "Ce que disent les enregistrements reçus, quelle que soit la couverture."
valeur = "La valeur exacte, quand la couverture suffit."
*/
SELECT
    v.indicator_id AS indicateur_id,
    v.scope_type,
    v.scope_id,
    v.period_id AS periode,
    v.starts_on AS debut,
    v.is_ended AS terminee,
    v.status AS statut,
    v.completeness AS completude,
    v.broken_on AS rupture_de_serie,
    v.numerator AS numerateur,
    v.denominator AS denominateur,
    v.persons AS personnes,
    v.running AS valeur_en_cours,
    v.value AS valeur
FROM indicator.value AS v
ORDER BY indicateur_id, scope_id, debut, periode
