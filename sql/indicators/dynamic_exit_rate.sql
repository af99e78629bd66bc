/*
label = { fr = "Taux de sorties dynamiques", en = "Dynamic exit rate" }
area = "economy"
unit = "share"
direction = "up"
definition.fr = "Part des sorties d'insertion de la période vers un emploi durable, un emploi de transition ou une sortie positive."
definition.en = "Share of the period's exits from insertion towards a lasting job, a transition job or a positive outcome."
formula.fr = "Fins de contrat d'insertion de la période, après 90 jours au moins et sans nouveau contrat chez le même employeur dans les 30 jours, de motif durable, de transition ou positif ÷ ces fins de contrat moins les sorties neutralisées."
formula.en = "Insertion contracts that ended in the period, after at least 90 days and without a new contract with the same employer within 30 days, whose reason is lasting, transition or positive ÷ these ends less neutralised ones."
source = "Insertion par l'activité économique (catégories de sorties) ; DGEFP 2008-21 (plancher de 60 %)"
caveats.fr = [
    "Un motif inconnu compte parmi les sorties, jamais parmi les dynamiques.",
    "Qui a encore un contrat chez le même employeur n'est pas sorti ; deux contrats finis le même jour font une sortie, et le dernier commencé dit le motif.", "Retraite, décès et longue maladie sont neutralisés.",
    "Le motif est celui du jour de la sortie : il ne dit rien de six mois plus tard.",
    "« Positive » est une catégorie de sorties dynamiques, pas leur synonyme.",
]
caveats.en = [
    "An unknown reason counts among the exits, never among the dynamic ones.",
    "Whoever still has a contract with the same employer has not left; two contracts that end on one day are one exit, and the one that began last gives the reason.", "Retirement, death and long illness are neutralised.",
    "The reason is that of the day of the exit: it says nothing of six months later.",
    "'Positive' is one category of dynamic exits, not another word for them.",
]
counts_people = false
periods = ["year", "convention"]
looks_back_days = 0
looks_ahead_days = 30
version = 1

[[examples]]
name = "three exits of 2025, one lasting, one positive, one into unemployment"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | is_insertion | started_on | ended_on   | weekly_minutes | exit_reason
p1       | 1         | a          | equipe   | CDDI          | true         | 2024-06-01 | 2025-03-31 | 1560           | cdi
p1       | 2         | b          | equipe   | CDDI          | true         | 2024-06-01 | 2025-05-31 | 1560           | formation
p1       | 3         | c          | equipe   | CDDI          | true         | 2024-06-01 | 2025-12-31 | 1560           | chomage
"""
expect = """
scope_id | period_id | numerator | denominator | value        | status
p1       | 2025      | 2         | 3           | 0.6666666667 | ok
"""

[[examples]]
name = "no exit: no rate"
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2025      | 0         |             |       | ok
"""

[[examples]]
name = "ninety days of stay are enough, eighty-nine are not"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | is_insertion | started_on | ended_on   | weekly_minutes | exit_reason
p1       | 1         | a          | equipe   | CDDI          | true         | 2025-01-01 | 2025-03-31 | 1560           | cdi
p1       | 2         | b          | equipe   | CDDI          | true         | 2025-01-02 | 2025-03-31 | 1560           | chomage
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2025      | 1         | 1           | 1
"""

[[examples]]
name = "a contract renewed after thirty days is no exit, one after thirty-one is"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | is_insertion | started_on | ended_on   | weekly_minutes | exit_reason
p1       | 1         | a          | equipe   | CDDI          | true         | 2025-01-01 | 2025-05-31 | 1560           | chomage
p1       | 2         | a          | equipe   | CDDI          | true         | 2025-06-30 | 2026-12-31 | 1560           |
p1       | 3         | b          | equipe   | CDDI          | true         | 2025-01-01 | 2025-05-31 | 1560           | cdi
p1       | 4         | b          | equipe   | CDDI          | true         | 2025-07-01 | 2026-12-31 | 1560           |
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 1         | 1
"""

[[examples]]
name = "an unknown reason weighs, a retirement does not"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | is_insertion | started_on | ended_on   | weekly_minutes | exit_reason
p1       | 1         | a          | equipe   | CDDI          | true         | 2024-01-01 | 2025-05-31 | 1560           | cdi
p1       | 2         | b          | equipe   | CDDI          | true         | 2024-01-01 | 2025-05-31 | 1560           |
p1       | 3         | c          | equipe   | CDDI          | true         | 2024-01-01 | 2025-05-31 | 1560           | inconnu
p1       | 4         | d          | equipe   | CDDI          | true         | 2024-01-01 | 2025-05-31 | 1560           | retraite
p1       | 5         | e          | equipe   | CDD           | false        | 2024-01-01 | 2025-05-31 | 2100           | cdi
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2025      | 1         | 3           | 0.3333333333
network  | 2025      | 1         | 3           | 0.3333333333
"""

[[examples]]
name = "a short contract inside a long one does not hide its end; who goes on with the employer has not left"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | is_insertion | started_on | ended_on   | weekly_minutes | exit_reason
p1       | 1         | a          | equipe   | CDDI          | true         | 2024-06-01 | 2025-05-31 | 1050           | cdi
p1       | 2         | a          | equipe   | CDDI          | true         | 2024-09-01 | 2024-09-30 | 1050           | inconnu
p1       | 3         | b          | equipe   | CDI           | false        | 2024-01-01 |            | 1050           |
p1       | 4         | b          | equipe   | CDDI          | true         | 2024-06-01 | 2025-05-31 | 1050           | chomage
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 1         | 1
"""

[[examples]]
name = "two contracts that end on one day are one exit, of which the one that began last tells"
given."core.employment" = """
place_id | record_id | person_key | relation | contract_type | is_insertion | started_on | ended_on   | weekly_minutes | exit_reason
p1       | 1         | a          | equipe   | CDDI          | true         | 2024-06-01 | 2025-05-31 | 1050           | chomage
p1       | 2         | a          | equipe   | CDDI          | true         | 2024-09-01 | 2025-05-31 | 1050           | cdi
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2025      | 1         | 1
"""
*/
SELECT
    s.scope_id,
    p.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(*) FILTER (WHERE x.is_dynamic) AS numerator,
    count(*) AS denominator,
    count(DISTINCT x.worker) AS persons,
    CAST(NULL AS DOUBLE) AS observed,
    sum(x.number) FILTER (WHERE x.is_dynamic) AS numerator_key,
    sum(x.number) AS base_key
FROM (
    SELECT
        e.*,
        e.exit_reason IN (
            'cdi', 'cdd_plus_6m', 'fonction_publique', 'creation_entreprise', 'cdd_moins_6m',
            'contrat_aide', 'formation', 'autre_siae'
        ) AS is_dynamic,
        number_of(concat_ws('/', e.worker, e.ended_on)) AS number
    FROM core.insertion_exit AS e
) AS x
INNER JOIN core.period AS p
    ON
        p.period_type IN ('year', 'convention')
        AND x.ended_on >= p.starts_on
        AND x.ended_on < p.ends_before
INNER JOIN core.scope AS s ON s.place_id = x.place_id
WHERE coalesce(x.exit_reason NOT IN ('retraite', 'deces', 'maladie_longue'), TRUE)
GROUP BY s.scope_id, p.period_id
