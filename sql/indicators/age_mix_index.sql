/*
label = { fr = "Mixité d'âge", en = "Age mix" }
area = "cohesion"
unit = "index"
direction = "up"
definition.fr = "À quel point les personnes accueillies se répartissent également entre les tranches d'âge : 0 si toutes sont d'une seule, 1 si toutes les tranches sont aussi nombreuses."
definition.en = "How evenly the people reached spread over the age bands: 0 if all are in one, 1 if all bands are equally large."
formula.fr = "Entropie de Shannon −Σ p ln p des tranches d'âge connues ÷ ln 7, son maximum pour sept tranches ; p est la part d'une tranche parmi les personnes d'âge connu."
formula.en = "Shannon's entropy −Σ p ln p of the known age bands ÷ ln 7, its maximum for seven bands; p is the share of a band among people of known age."
source = "Indice de Shannon, rapporté à son maximum ; tranches d'âge de La Coop de la médiation numérique"
caveats.fr = [
    "L'indice n'est pas donné quand l'âge est connu pour moins de la moitié des personnes.",
    "Les tranches sont de largeurs différentes : une population ordinaire n'atteint pas 1.",
    "Il dit qui vient, pas si les âges se rencontrent.",
    "L'âge est celui du jour de la venue ; la dernière tranche connue de la période compte.",
    "Sur peu de personnes l'indice est bas par hasard.",
]
caveats.en = [
    "The index is not given where the age is known for fewer than half of the people.",
    "The bands are of unequal width: an ordinary population does not reach 1.",
    "It says who comes, not whether ages meet.",
    "Age is that of the day of the visit; the last known band of the period counts.",
    "With few people the index is low by chance.",
]
counts_people = true
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "two bands, one person in each: ln 2 of ln 7"
given."core.attendance" = """
place_id | person_key | checked_in_at    | age_band               | evidence
p1       | a          | 2026-01-05 10:00 | vingt_cinq_trente_neuf | seen
p1       | b          | 2026-01-05 10:00 | soixante_dix_plus      | booked
"""
expect = """
scope_id | period_id | numerator    | denominator  | persons | value        | status | observed_share
p1       | 2026-01   | 0.6931471806 | 1.9459101491 | 2       | 0.3562071871 | ok     | 0.5
"""

[[examples]]
name = "nobody came: no index, and that is not zero"
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2026-01   | 0         |             | 0       |       | ok
"""

[[examples]]
name = "one person, or all of one band: no mix"
given."core.attendance" = """
place_id | person_key | checked_in_at    | age_band
p1       | a          | 2026-01-05 10:00 | moins_de_douze
p1       | a          | 2026-02-05 10:00 | moins_de_douze
p1       | b          | 2026-02-05 10:00 | moins_de_douze
"""
expect = """
scope_id | period_id | numerator | denominator  | persons | value
p1       | 2026-01   | 0         | 1.9459101491 | 1       | 0
p1       | 2026-02   | 0         | 1.9459101491 | 2       | 0
"""

[[examples]]
name = "seven bands, equally many: the whole mix"
given."core.attendance" = """
place_id | person_key | checked_in_at    | age_band
p1       | a          | 2026-01-05 10:00 | moins_de_douze
p1       | b          | 2026-01-05 10:00 | douze_dix_huit
p1       | c          | 2026-01-05 10:00 | dix_huit_vingt_quatre
p1       | d          | 2026-01-05 10:00 | vingt_cinq_trente_neuf
p1       | e          | 2026-01-05 10:00 | quarante_cinquante_neuf
p1       | f          | 2026-01-05 10:00 | soixante_soixante_neuf
p1       | g          | 2026-01-05 10:00 | soixante_dix_plus
"""
expect = """
scope_id | period_id | persons | value
p1       | 2026-01   | 7       | 1
"""

[[examples]]
name = "an unknown age is no band; half of them known is enough, less is not"
given."core.attendance" = """
place_id | person_key | checked_in_at    | age_band
p1       | a          | 2026-01-05 10:00 | moins_de_douze
p1       | b          | 2026-01-05 10:00 | soixante_dix_plus
p1       | c          | 2026-01-05 10:00 | non_communique
p1       | d          | 2026-01-05 10:00 |
p1       | a          | 2026-02-05 10:00 | moins_de_douze
p1       | c          | 2026-02-05 10:00 | non_communique
p1       | d          | 2026-02-05 10:00 |
p1       | d          | 2026-03-05 10:00 |
"""
expect = """
scope_id | period_id | numerator    | denominator  | persons | value
p1       | 2026-01   | 0.6931471806 | 1.9459101491 | 2       | 0.3562071871
p1       | 2026-02   |              | 1.9459101491 | 1       |
p1       | 2026-03   |              | 1.9459101491 | 0       |
"""

[[examples]]
name = "a birthday at midnight in Paris: each month has the band of its last day, the quarter the last"
given."core.attendance" = """
place_id | person_key | checked_in_at    | age_band
p1       | a          | 2026-01-31 23:59 | dix_huit_vingt_quatre
p1       | a          | 2026-02-01 00:00 | vingt_cinq_trente_neuf
p1       | b          | 2026-01-05 10:00 | vingt_cinq_trente_neuf
p1       | b          | 2026-02-05 10:00 | vingt_cinq_trente_neuf
"""
expect = """
scope_id | period_id | persons | value
p1       | 2026-01   | 2       | 0.3562071871
p1       | 2026-02   | 2       | 0
p1       | 2026-T1   | 2       | 0
"""

[[examples]]
name = "two places without any mix make a mixed network; visits do not weigh"
given."core.attendance" = """
place_id | person_key | checked_in_at    | age_band
p1       | a          | 2026-01-05 10:00 | dix_huit_vingt_quatre
p1       | a          | 2026-01-06 10:00 | dix_huit_vingt_quatre
p1       | a          | 2026-01-07 10:00 | dix_huit_vingt_quatre
p3       | b          | 2026-01-05 10:00 | soixante_dix_plus
"""
expect = """
scope_id | period_id | value
p1       | 2026-01   | 0
p3       | 2026-01   | 0
network  | 2026-01   | 0.3562071871
"""
*/
SELECT
    m.scope_id,
    m.period_id,
    'all' AS breakdown,
    'all' AS category,
    CASE WHEN m.known >= (1 - u.value) * m.persons THEN m.entropy END AS numerator,
    ln(n.value) AS denominator,
    m.known AS persons,
    ln(n.value) * m.observed_known / nullif(m.known, 0) AS observed,
    CAST(NULL AS BIGINT) AS numerator_key,
    m.known_key AS base_key
FROM core.profile_mix AS m
INNER JOIN registry.coefficient AS n ON n.name = 'age_bands_count'
INNER JOIN registry.coefficient AS u ON u.name = 'unknown_share_max'
WHERE m.breakdown = 'age_band'
