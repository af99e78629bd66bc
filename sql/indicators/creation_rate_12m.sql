/*
label = { fr = "Création d'entreprise à 12 mois", en = "Business creation within 12 months" }
area = "economy"
unit = "share"
direction = "up"
definition.fr = "Part des porteurs de projet qui ont créé leur entreprise dans les douze mois de leur premier accompagnement."
definition.en = "Share of project holders who created their business within twelve months of their first accompaniment."
formula.fr = "Porteurs ayant une suite « entreprise créée » au plus 365 jours après leur premier jour d'incubation ÷ porteurs dont ce premier jour tombe dans les 365 jours qui finissent 365 jours avant la fin de la période."
formula.en = "Project holders with the outcome company created at most 365 days after their first day of incubation ÷ project holders whose first day lies in the 365 days that end 365 days before the period's end."
source = "IRIS+ PI3527 (forme du taux de placement) ; délai et cohorte de ce projet"
caveats.fr = [
    "La cohorte est celle de l'année d'avant les douze derniers mois, quelle que soit la longueur de la période.",
    "Une création que personne n'a notée n'est pas comptée ; une création n'est pas due au lieu seul.",
    "Le premier accompagnement est le premier connu : d'où deux ans d'historique.",
    "Sur un territoire, une personne suivie par deux lieux compte une fois quand ils la connaissent sous un même pseudonyme.",
]
caveats.en = [
    "The cohort is that of the year before the last twelve months, however long the period.",
    "A creation that nobody noted is not counted; a creation is not due to the place alone.",
    "The first accompaniment is the first on record: hence two years of history.",
    "In a territory, a person followed by two places counts once when both know the person by one pseudonym.",
]
counts_people = true
services = ["incubation"]
looks_back_days = 730
looks_back_from = "end"
looks_ahead_days = 0
version = 1

[[examples]]
name = "two people began in 2024, one of them created a business eight months later"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | outcome          | evidence
p1       | a          | 2024-04-10 10:00 | incubation   | a_poursuivre     | seen
p1       | a          | 2024-12-10 10:00 | incubation   | entreprise_creee | declared
p1       | b          | 2024-05-10 10:00 | incubation   | abandonne        | declared
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 1         | 2           | 2       | 0.5   | ok     | 0.5
"""

[[examples]]
name = "nobody began in the cohort: no rate, and that is not zero"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | outcome
p1       | a          | 2025-10-10 10:00 | incubation   | entreprise_creee
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2026-01   | 0         |             |       | ok
p2       | 2026-01   | 0         |             |       | not_applicable
"""

[[examples]]
name = "the cohort of January 2026 goes from 2 February 2024, as that year had a day more, to 31 January 2025, midnight to midnight in Paris"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code
p1       | a          | 2024-02-01 23:59 | incubation
p1       | b          | 2024-02-02 00:00 | incubation
p1       | c          | 2025-01-31 23:59 | incubation
p1       | d          | 2025-02-01 00:00 | incubation
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 0         | 2
"""

[[examples]]
name = "the 365th day still counts, the day after does not; a creation noted on the first day counts"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | outcome
p1       | a          | 2024-06-01 10:00 | incubation   |
p1       | a          | 2025-06-01 23:59 | incubation   | entreprise_creee
p1       | b          | 2024-06-01 10:00 | incubation   |
p1       | b          | 2025-06-02 00:00 | incubation   | entreprise_creee
p1       | c          | 2024-06-01 10:00 | incubation   | entreprise_creee
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 2         | 3
"""

[[examples]]
name = "who first came before the cohort is not of it, though seen again in it; another service says nothing"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code    | outcome
p1       | a          | 2024-01-10 10:00 | incubation      |
p1       | a          | 2024-09-10 10:00 | incubation      | entreprise_creee
p1       | b          | 2024-09-10 10:00 | incubation      |
p1       | b          | 2024-10-10 10:00 | france_services | entreprise_creee
p1       |            | 2024-10-10 10:00 | incubation      | entreprise_creee
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         | 1           | 0
"""

[[examples]]
name = "without two years of history the figure waits; with exactly two it does not"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | outcome
p1       | a          | 2024-01-05 10:00 | incubation   | entreprise_creee
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2025-11   | 1         | 1           |       | too_early
p1       | 2025-12   | 1         | 1           | 1     | ok
"""

[[examples]]
name = "a person of two places is one of the territory, and created where either place noted it"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code | outcome
p1       | a          | 2024-06-01 10:00 | incubation   |
p2       | a          | 2024-07-01 10:00 | incubation   | entreprise_creee
p2       | b          | 2024-07-01 10:00 | incubation   |
"""
expect = """
scope_id       | period_id | numerator | denominator
p1             | 2026-01   | 0         | 1
departement:02 | 2026-01   | 1         | 2
network        | 2026-01   | 1         | 2
"""
*/
SELECT
    h.scope_id,
    h.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(*) FILTER (WHERE h.has_created) AS numerator,
    count(*) AS denominator,
    count(*) AS persons,
    count(*) FILTER (WHERE h.is_observed) AS observed,
    sum(number_of(h.person_key)) FILTER (WHERE h.has_created) AS numerator_key,
    sum(number_of(h.person_key)) AS base_key
FROM (
    SELECT
        s.scope_id,
        p.period_id,
        u.person_key,
        bool_or(coalesce(date_diff('day', u.first_day, u.created_on) <= d.value, FALSE))
            AS has_created,
        bool_or(u.is_observed) AS is_observed
    FROM core.project_holder AS u
    INNER JOIN registry.coefficient AS d ON d.name = 'creation_delay_days'
    INNER JOIN registry.coefficient AS c ON c.name = 'creation_cohort_days'
    INNER JOIN core.period AS p
        ON
            date_diff('day', u.first_day, p.ends_before) > d.value
            AND date_diff('day', u.first_day, p.ends_before) <= d.value + c.value
    INNER JOIN core.scope AS s ON s.place_id = u.place_id
    GROUP BY s.scope_id, p.period_id, u.person_key
) AS h
GROUP BY h.scope_id, h.period_id
