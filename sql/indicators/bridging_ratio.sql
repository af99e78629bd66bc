/*
label = { fr = "Ratio de liens mixtes", en = "Bridging ratio" }
area = "cohesion"
unit = "ratio"
direction = "up"
definition.fr = "Les liens récurrents joignent-ils des personnes de statuts sociaux différents ? 1 : autant que le hasard ; moins de 1 : on reste entre soi ; 0 : aucun lien n'est mixte."
definition.en = "Do recurring ties join people of different social statuses? 1: as often as chance would; below 1: like keeps to like; 0: no tie is mixed."
formula.fr = "Part des liens récurrents entre statuts différents, parmi ceux dont les deux statuts sont connus ÷ part attendue (1 − Σp²) × n ÷ (n − 1), où n est le nombre de personnes de statut connu avec une heure de départ dans la période et p la part de chaque statut parmi elles."
formula.en = "Share of recurring ties between different statuses, among those whose two statuses are known ÷ expected share (1 − Σp²) × n ÷ (n − 1), where n is the number of people of known status with a check-out in the period and p the share of each status among them."
source = "Famille de l'indice E–I (Krackhardt et Stern, 1988), rapportée au hasard par ce projet"
caveats.fr = [
    "Seul le statut social est comparé : deux personnes de même statut peuvent différer en tout le reste.",
    "Sous 20 liens de statuts connus le ratio n'est pas donné : un seul le changerait de plus d'un vingtième.",
    "Les horaires suffisent à séparer : salariés le soir, retraités le matin.",
    "Le hasard tire parmi toutes les personnes de la période, celles qui ne sont venues qu'une fois comprises.",
    "Sur un territoire, le hasard mêle des personnes de lieux éloignés, qui ne pouvaient guère se rencontrer.",
    "Là où tous ont le même statut, il n'y a pas de ratio.",
    "Un lien est une occasion de se rencontrer, pas une relation : voir recurring_ties_per_100.",
]
caveats.en = [
    "Only social status is compared: two people of one status may differ in everything else.",
    "Below 20 ties of known statuses the ratio is not given: one tie would change it by more than a twentieth.",
    "Hours are enough to part people: workers in the evening, retired people in the morning.",
    "Chance draws among all people of the period, those who came once included.",
    "In a territory chance mixes people of distant places, who could hardly meet.",
    "Where all are of one status there is no ratio.",
    "A tie is an opportunity to meet, not a relationship: see recurring_ties_per_100.",
]
counts_people = true
periods = ["year", "convention"]
looks_back_days = 90
looks_back_from = "end"
looks_ahead_days = 0
version = 1

[[examples]]
name = "seven people who all meet: as many mixed ties as chance would give, so 1"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | social_status
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | c          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | d          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | e          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p1       | f          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p1       | g          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | d          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | e          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p1       | f          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p1       | g          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | d          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | e          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p1       | f          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p1       | g          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
"""
expect = """
scope_id | period_id | numerator    | denominator  | persons | value | status
p1       | 2025      | 0.5714285714 | 0.5714285714 | 7       | 1     | ok
"""

[[examples]]
name = "nobody, or one person: no ratio"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | social_status
p2       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2025      | 0         |             | 0       |       | ok
p2       | 2025      | 0         |             | 0       |       | ok
"""

[[examples]]
name = "twenty ties, workers in the morning and retired people in the afternoon: no tie is mixed, so 0"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | social_status
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | c          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | d          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | e          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | d          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | e          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | d          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | e          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | f          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | g          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | h          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | i          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | j          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | f          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | g          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | h          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | i          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | j          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | f          | 2025-11-05 14:00 | 2025-11-05 17:00 | retraite
p1       | g          | 2025-11-05 14:00 | 2025-11-05 17:00 | retraite
p1       | h          | 2025-11-05 14:00 | 2025-11-05 17:00 | retraite
p1       | i          | 2025-11-05 14:00 | 2025-11-05 17:00 | retraite
p1       | j          | 2025-11-05 14:00 | 2025-11-05 17:00 | retraite
"""
expect = """
scope_id | period_id | numerator | denominator  | persons | value
p1       | 2025      | 0         | 0.5555555556 | 10      | 0
"""

[[examples]]
name = "one person who stays fourteen minutes on the third day leaves sixteen ties: too few to tell"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | social_status
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | c          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | d          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | e          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | d          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | e          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | d          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | e          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | f          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | g          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | h          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | i          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | j          | 2025-11-03 14:00 | 2025-11-03 17:00 | retraite
p1       | f          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | g          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | h          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | i          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | j          | 2025-11-04 14:00 | 2025-11-04 17:00 | retraite
p1       | f          | 2025-11-05 14:00 | 2025-11-05 17:00 | retraite
p1       | g          | 2025-11-05 14:00 | 2025-11-05 17:00 | retraite
p1       | h          | 2025-11-05 14:00 | 2025-11-05 17:00 | retraite
p1       | i          | 2025-11-05 14:00 | 2025-11-05 17:00 | retraite
p1       | j          | 2025-11-05 16:46 | 2025-11-05 17:00 | retraite
"""
expect = """
scope_id | period_id | numerator | denominator  | persons | value
p1       | 2025      |           | 0.5555555556 | 10      |
"""

[[examples]]
name = "ties of somebody of unknown status are on neither side; who checked out once in the year is among those one could have met, who never did is not"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | social_status
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | c          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | d          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | e          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p1       | f          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p1       | g          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p1       | h          | 2025-11-03 09:00 | 2025-11-03 12:00 |
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | d          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | e          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p1       | f          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p1       | g          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p1       | h          | 2025-11-04 09:00 | 2025-11-04 12:00 |
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | d          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | e          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p1       | f          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p1       | g          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p1       | h          | 2025-11-05 09:00 | 2025-11-05 12:00 |
p1       | i          | 2025-03-03 09:00 | 2025-03-03 12:00 | retraite
p1       | j          | 2025-03-03 09:00 |                  | retraite
"""
expect = """
scope_id | period_id | numerator    | denominator  | persons | value
p1       | 2025      | 0.5714285714 | 0.5714285714 | 8       | 1
"""

[[examples]]
name = "the last status known before midnight in Paris at the end of the year tells, for the ties of November too"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | social_status
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | c          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | d          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | e          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p1       | f          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p1       | g          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | d          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | e          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p1       | f          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p1       | g          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | d          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | e          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p1       | f          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p1       | g          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p1       | a          | 2025-12-31 23:59 |                  | scolarise
p1       | b          | 2026-01-01 00:00 |                  | scolarise
"""
expect = """
scope_id | period_id | numerator    | denominator  | persons | value
p1       | 2025      | 0.7142857143 | 0.7142857143 | 7       | 1
"""

[[examples]]
name = "all of one status: chance gives no mixed tie either, so there is no ratio"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | social_status
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | c          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | d          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | e          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | f          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | g          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | d          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | e          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | f          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | g          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | d          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | e          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | f          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | g          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value
p1       | 2025      | 0         | 0           | 7       |
"""

[[examples]]
name = "ten ties at each of two places are too few for either, and enough for their territory"
given."core.attendance" = """
place_id | person_key | checked_in_at    | checked_out_at   | social_status
p1       | a          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | b          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | c          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | d          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | e          | 2025-11-03 09:00 | 2025-11-03 12:00 | en_emploi
p1       | a          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | b          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | c          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | d          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | e          | 2025-11-04 09:00 | 2025-11-04 12:00 | en_emploi
p1       | a          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | b          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | c          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | d          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p1       | e          | 2025-11-05 09:00 | 2025-11-05 12:00 | en_emploi
p2       | f          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p2       | g          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p2       | h          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p2       | i          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p2       | j          | 2025-11-03 09:00 | 2025-11-03 12:00 | retraite
p2       | f          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p2       | g          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p2       | h          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p2       | i          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p2       | j          | 2025-11-04 09:00 | 2025-11-04 12:00 | retraite
p2       | f          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p2       | g          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p2       | h          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p2       | i          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
p2       | j          | 2025-11-05 09:00 | 2025-11-05 12:00 | retraite
"""
expect = """
scope_id       | period_id | numerator | denominator  | persons | value
p1             | 2025      |           | 0            | 5       |
p2             | 2025      |           | 0            | 5       |
epci:240200576 | 2025      | 0         | 0.5555555556 | 10      | 0
"""
*/
SELECT
    n.scope_id,
    n.period_id,
    'all' AS breakdown,
    'all' AS category,
    CASE
        WHEN coalesce(x.ties, 0) >= m.value THEN CAST(x.mixed_ties AS DOUBLE) / nullif(x.ties, 0)
    END AS numerator,
    -- (1 - sum of squared shares) * n / (n - 1), of whole numbers
    CAST(n.persons * n.persons - n.sum_of_squares AS DOUBLE)
    / nullif(n.persons * (n.persons - 1), 0) AS denominator,
    n.persons,
    CAST(NULL AS DOUBLE) AS observed,
    CAST(NULL AS BIGINT) AS numerator_key,
    n.key AS base_key
FROM (
    SELECT
        p.scope_id,
        p.period_id,
        sum(p.checked_out) AS persons,
        sum(p.checked_out * p.checked_out) AS sum_of_squares,
        sum(p.checked_out_key) AS key
    FROM core.person_cell AS p
    INNER JOIN core.period AS t
        ON t.period_id = p.period_id AND t.period_type IN ('year', 'convention')
    WHERE p.breakdown = 'social_status' AND p.category <> 'non_communique'
    GROUP BY p.scope_id, p.period_id
    HAVING sum(p.checked_out) > 1
) AS n
INNER JOIN registry.coefficient AS m ON m.name = 'bridging_min_ties'
LEFT JOIN (
    SELECT
        g.scope_id,
        k.period_id,
        sum(k.known_ties) AS ties,
        sum(k.mixed_ties) AS mixed_ties
    FROM core.pool_tie AS k
    INNER JOIN core.scope_pool AS g ON g.pool_id = k.pool_id
    GROUP BY g.scope_id, k.period_id
) AS x ON x.scope_id = n.scope_id AND x.period_id = n.period_id
