/*
comment = "Le libellé de chaque code. Pour une modalité : liste = ventilation et code = modalite ; pour une autre colonne, liste est le nom de la colonne."
example = "SELECT v.valeur, m.libelle FROM valeurs AS v JOIN libelles AS m ON m.liste = v.ventilation AND m.code = v.modalite"
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
    v.modalite AS code,
    replace(replace(v.modalite, 'numerique--', ''), '-', ' ') AS libelle,
    1 + row_number() OVER (ORDER BY v.modalite) AS rang
FROM release.valeurs AS v
WHERE v.ventilation = 'thematique' AND v.modalite <> 'non_communique'
GROUP BY v.modalite
ORDER BY liste, rang
