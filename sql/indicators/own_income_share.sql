/*
label = { fr = "Part de recettes propres", en = "Own income share" }
area = "economy"
unit = "share"
direction = "neutral"
definition.fr = "Part de ce que les usagers ont payé, dans le total de ces recettes et des subventions déclarées, au prorata des jours."
definition.en = "Share of what users paid, in the total of that income and of the declared grants, by days."
formula.fr = "Montants des usages de la période, dans les lieux dont une subvention déclarée couvre un jour de la période ÷ ces montants + subventions × jours communs à la subvention et à la période ÷ jours de la subvention."
formula.en = "Amounts of the period's uses at the places of which a declared grant covers a day of the period ÷ those amounts + grants × days common to grant and period ÷ days of the grant."
source = "France Tiers-Lieux (moitié subventions, moitié recettes propres) ; Fabriques de territoire"
caveats.fr = [
    "Ce n'est pas un compte de résultat : seules comptent les recettes que les outils notent et les subventions que le réseau déclare.",
    "Un lieu sans subvention déclarée pour lui n'y est pas, ni ses recettes : une liste incomplète ne fait pas un lieu autonome.",
    "Une subvention donnée à un portefeuille n'est pas répartie entre ses lieux.",
    "Une subvention est étalée également sur ses jours, quel que soit le jour du versement ; une période en cours la porte entière.",
]
caveats.en = [
    "This is no income statement: only the income that tools note and the grants that the network declares count.",
    "A place without a grant declared for it is left out, with its income: an incomplete list makes no place self-sufficient.",
    "A grant to a portfolio is not divided among its places.",
    "A grant is spread evenly over its days, whatever the day of payment; a running period bears its whole share.",
]
counts_people = false
feeds = ["service_usage"]
looks_back_days = 0
looks_ahead_days = 0
version = 1

[[examples]]
name = "one user pays 100 euros, and a grant of 36 500 euros for 2026 gives 3 100 to January"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | amount_eur_cents
p1       | a          | 2026-01-05 10:00 | fablab       | 10000
"""
given."registry.grant" = """
grant_id | place_id | amount_eur_cents | starts_on  | ends_before
g1       | p1       | 3650000          | 2026-01-01 | 2027-01-01
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value   | status
p1       | 2026-01   | 100       | 3200        |         | 0.03125 | ok
"""

[[examples]]
name = "nobody paid: a share of zero, since there was a grant"
given."registry.grant" = """
grant_id | place_id | amount_eur_cents | starts_on  | ends_before
g1       | p1       | 3650000          | 2026-01-01 | 2027-01-01
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 0         | 3100        | 0     | ok
"""

[[examples]]
name = "a place without a declared grant gives no share, and its income none of the network's"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | amount_eur_cents
p1       | a          | 2026-01-05 10:00 | fablab       | 10000
p3       | b          | 2026-01-05 10:00 | fablab       | 500000
"""
given."registry.grant" = """
grant_id | place_id | amount_eur_cents | starts_on  | ends_before
g1       | p1       | 3650000          | 2026-01-01 | 2027-01-01
"""
expect = """
scope_id | period_id | numerator | denominator | value   | status
p3       | 2026-01   | 0         |             |         | ok
network  | 2026-01   | 100       | 3200        | 0.03125 | ok
"""

[[examples]]
name = "a grant that ends before February says nothing of it; its last day brings in the income of all January"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | amount_eur_cents
p1       | a          | 2026-01-31 23:59 | fablab       | 30000
p1       | a          | 2026-02-01 00:00 | fablab       | 70000
"""
given."registry.grant" = """
grant_id | place_id | amount_eur_cents | starts_on  | ends_before
g1       | p1       | 100000           | 2025-12-23 | 2026-01-02
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2025-12   | 0         | 900         | 0
p1       | 2026-01   | 300       | 400         | 0.75
p1       | 2026-02   | 0         |             |
"""

[[examples]]
name = "a grant to a portfolio is no place's"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | amount_eur_cents
p1       | a          | 2026-01-05 10:00 | fablab       | 10000
"""
given."registry.grant" = """
grant_id | place_id | portfolio_id | amount_eur_cents | starts_on  | ends_before
g1       |          | f1           | 3650000          | 2026-01-01 | 2027-01-01
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         |             |
network  | 2026-01   | 0         |             |
"""

[[examples]]
name = "two grants of one place add up, and its income counts once; the share of two places is not the mean of theirs"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | amount_eur_cents
p1       | a          | 2026-01-05 10:00 | fablab       | 10000
p1       |            | 2026-01-06 10:00 | salle        |
p3       | b          | 2026-01-05 10:00 | fablab       | 310000
"""
given."registry.grant" = """
grant_id | place_id | amount_eur_cents | starts_on  | ends_before
g1       | p1       | 365000           | 2026-01-01 | 2027-01-01
g2       | p1       | 59000            | 2026-01-01 | 2026-03-01
g3       | p3       | 3650000          | 2026-01-01 | 2027-01-01
"""
expect = """
scope_id       | period_id | numerator | denominator | value
p1             | 2026-01   | 100       | 720         | 0.1388888889
departement:80 | 2026-01   | 3100      | 6200        | 0.5
network        | 2026-01   | 3200      | 6920        | 0.4624277457
"""
*/
SELECT
    s.scope_id,
    b.period_id,
    'all' AS breakdown,
    'all' AS category,
    sum(b.income_eur_cents) / 100 AS numerator,
    CAST(sum(b.income_eur_cents + b.grant_eur_cents) AS DOUBLE) / 100 AS denominator,
    CAST(NULL AS BIGINT) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(b.key) AS numerator_key,
    sum(b.key) AS base_key
FROM core.budget AS b
INNER JOIN core.scope AS s ON s.place_id = b.place_id
GROUP BY s.scope_id, b.period_id
