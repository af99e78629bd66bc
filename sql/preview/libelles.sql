/*
comment = "Le libellé de chaque code. Pour une modalité : liste = ventilation et code = modalite ; pour une autre colonne, liste est le nom de la colonne."
[columns]
liste = "Nom de la colonne dans laquelle le code se trouve ; pour une modalité, la ventilation."
code = "Le code, tel qu'il est dans la colonne."
libelle = "Ce qu'il veut dire."
rang = "Place du code dans sa liste."
*/
SELECT
    t.list AS liste,
    t.code,
    t.label AS libelle,
    t.rank AS rang
FROM registry.label AS t
UNION ALL
SELECT
    'thematique' AS liste,
    v.category AS code,
    replace(replace(v.category, 'numerique--', ''), '-', ' ') AS libelle,
    1 + row_number() OVER (ORDER BY v.category) AS rang
FROM indicator.value AS v
WHERE v.breakdown = 'theme' AND v.category <> 'non_communique'
GROUP BY v.category
ORDER BY liste, rang
