/*
label = { fr = "Part des femmes", en = "Women's share" }
area = "cohesion"
unit = "share"
direction = "neutral"
definition.fr = "Part des femmes parmi les personnes accueillies dont le genre est connu."
definition.en = "Share of women among the people reached whose gender is known."
formula.fr = "Personnes accueillies de genre féminin ÷ personnes accueillies de genre féminin ou masculin, selon le dernier genre connu de la période."
formula.en = "Women reached ÷ women and men reached, by the last gender known in the period."
source = "La Coop de la médiation numérique (genre des bénéficiaires)"
caveats.fr = [
    "Un genre non communiqué n'est d'aucun côté : la part ne dit rien de ces personnes.",
    "Ce sont des personnes, pas des passages : une habituée compte une fois.",
    "Les personnes anonymes n'y sont pas.",
]
caveats.en = [
    "A gender that was not given is on neither side: the share says nothing of these people.",
    "These are people, not visits: a regular counts once.",
    "Anonymous people are not in it.",
]
counts_people = true
breakdowns = ["age_band", "social_status"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one woman and one man"
given."core.attendance" = """
place_id | person_key | checked_in_at    | gender   | evidence
p1       | a          | 2026-01-05 10:00 | feminin  | seen
p1       | b          | 2026-01-05 10:00 | masculin | booked
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 1         | 2           | 2       | 0.5   | ok     | 0.5
"""

[[examples]]
name = "nobody came: no share"
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2026-01   | 0         |             | 0       |       | ok
"""

[[examples]]
name = "a gender that was not given is on neither side, and alone it gives no share"
given."core.attendance" = """
place_id | person_key | checked_in_at    | gender
p1       | a          | 2026-01-05 10:00 | feminin
p1       | b          | 2026-01-05 10:00 | non_communique
p1       | c          | 2026-01-05 10:00 |
p1       | b          | 2026-02-05 10:00 | non_communique
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value
p1       | 2026-01   | 1         | 1           | 1       | 1
p1       | 2026-02   | 0         |             | 0       |
"""

[[examples]]
name = "one person: the last known gender of the period tells, and midnight in Paris parts two months"
given."core.attendance" = """
place_id | person_key | checked_in_at    | gender
p1       | a          | 2026-01-31 23:59 | masculin
p1       | a          | 2026-02-01 00:00 | feminin
p1       | a          | 2026-02-02 10:00 | non_communique
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
p1       | 2026-02   | 1         | 1           | 1
p1       | 2026-T1   | 1         | 1           | 1
"""

[[examples]]
name = "a regular counts once, and once for the network when both places know her by one key"
given."core.attendance" = """
place_id | person_key | checked_in_at    | gender   | age_band              | social_status
p1       | a          | 2026-01-05 10:00 | feminin  | vingt_cinq_trente_neuf | en_emploi
p1       | a          | 2026-01-06 10:00 | feminin  | vingt_cinq_trente_neuf | en_emploi
p3       | a          | 2026-01-07 10:00 | feminin  | vingt_cinq_trente_neuf | en_emploi
p3       | b          | 2026-01-07 10:00 | masculin | soixante_dix_plus     | retraite
"""
expect = """
scope_id | period_id | breakdown | category               | numerator | denominator | value
p1       | 2026-01   | all       | all                    | 1         | 1           | 1
p3       | 2026-01   | all       | all                    | 1         | 2           | 0.5
network  | 2026-01   | all       | all                    | 1         | 2           | 0.5
network  | 2026-01   | age_band  | vingt_cinq_trente_neuf | 1         | 1           | 1
network  | 2026-01   | age_band  | soixante_dix_plus      | 0         | 1           | 0
"""
*/
SELECT
    p.scope_id,
    p.period_id,
    p.breakdown,
    p.category,
    p.women AS numerator,
    p.women + p.men AS denominator,
    p.women + p.men AS persons,
    p.observed_women_and_men AS observed,
    p.women_key AS numerator_key,
    coalesce(p.women_key, 0) + coalesce(p.men_key, 0) AS base_key
FROM core.person_cell AS p
WHERE p.breakdown IN ('all', 'age_band', 'social_status') AND p.women + p.men > 0
