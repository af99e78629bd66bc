/*
label = { fr = "Gain d'autonomie", en = "Autonomy gain" }
area = "cohesion"
unit = "share"
direction = "up"
definition.fr = "Part des personnes suivies en médiation numérique individuelle dont l'autonomie, jugée par le conseiller, a progressé entre leur première et leur dernière évaluation de l'année."
definition.en = "Share of the people followed in individual digital mediation whose autonomy, as rated by the adviser, rose between their first and last rating of the year."
formula.fr = "Personnes évaluées deux fois au moins dans les 365 jours avant la fin de la période, dont la dernière évaluation dépasse la première ÷ celles dont la première n'était pas déjà au maximum."
formula.en = "People rated at least twice in the 365 days before the end of the period whose last rating is above the first ÷ those whose first was not yet the highest."
source = "La Coop de la médiation numérique (autonomie) ; progression calculée par ce projet"
caveats.fr = [
    "C'est le jugement d'un conseiller, à trois degrés ; deux conseillers ne jugent pas de même.",
    "Qui était autonome dès le début ne peut pas progresser et n'entre pas dans le calcul.",
    "Qui n'est venu qu'une fois n'y est pas, et c'est parfois parce qu'une fois suffisait.",
    "Une progression entre deux visites puis un retour au point de départ n'est pas un gain.",
    "La fenêtre est d'un an avant la fin de la période, même pour un mois.",
    "Les séances collectives et à distance ne comptent pas.",
]
caveats.en = [
    "It is the judgement of an adviser, in three degrees; two advisers do not judge alike.",
    "Who was autonomous from the start cannot progress and is left out.",
    "Who came once only is not in it, sometimes because once was enough.",
    "A rise between two visits followed by a return to where one began is no gain.",
    "The window is one year before the end of the period, even for a month.",
    "Group and remote sessions do not count.",
]
counts_people = true
feeds = ["service_usage"]
services = ["mediation_numerique"]
looks_back_days = 365
looks_back_from = "end"
looks_ahead_days = 0
version = 1

[[examples]]
name = "one of two people has progressed"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | mode       | autonomy               | evidence
p1       | a          | 2025-11-05 10:00 | mediation_numerique | individuel | entierement_accompagne | seen
p1       | a          | 2026-01-05 10:00 | mediation_numerique | individuel | partiellement_autonome | seen
p1       | b          | 2025-11-05 10:00 | mediation_numerique | individuel | partiellement_autonome | declared
p1       | b          | 2026-01-05 10:00 | mediation_numerique | individuel | partiellement_autonome | seen
"""
expect = """
scope_id | period_id | numerator | denominator | persons | value | status | observed_share
p1       | 2026-01   | 1         | 2           | 2       | 0.5   | ok     | 0.5
"""

[[examples]]
name = "nobody was rated: no rate; a place without digital mediation has no figure"
expect = """
scope_id | period_id | numerator | denominator | persons | value | status
p1       | 2026-01   | 0         |             | 0       |       | ok
p3       | 2026-01   | 0         |             | 0       |       | not_applicable
"""

[[examples]]
name = "one rating is no progress, and who began autonomous cannot progress"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | mode       | autonomy
p1       | a          | 2026-01-05 10:00 | mediation_numerique | individuel | entierement_accompagne
p1       | b          | 2026-01-05 10:00 | mediation_numerique | individuel | autonome
p1       | b          | 2026-01-06 10:00 | mediation_numerique | individuel | autonome
p1       | c          | 2026-01-05 10:00 | mediation_numerique | individuel | partiellement_autonome
p1       | c          | 2026-01-06 10:00 | mediation_numerique | individuel | autonome
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 1         | 1           | 1
"""

[[examples]]
name = "the 365th day before the end counts, the 366th does not; midnight in Paris ends the period"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | mode       | autonomy
p1       | a          | 2025-02-01 00:00 | mediation_numerique | individuel | entierement_accompagne
p1       | a          | 2026-01-31 23:59 | mediation_numerique | individuel | autonome
p1       | b          | 2025-01-31 23:59 | mediation_numerique | individuel | entierement_accompagne
p1       | b          | 2026-01-05 10:00 | mediation_numerique | individuel | autonome
p1       | c          | 2026-01-05 10:00 | mediation_numerique | individuel | entierement_accompagne
p1       | c          | 2026-02-01 00:00 | mediation_numerique | individuel | autonome
"""
expect = """
scope_id | period_id | numerator | denominator
p1       | 2026-01   | 1         | 1
p1       | 2026-02   | 1         | 1
"""

[[examples]]
name = "the first and the last rating tell, not the best; of two at one instant, the lower is first"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | mode       | autonomy
p1       | a          | 2026-01-05 10:00 | mediation_numerique | individuel | entierement_accompagne
p1       | a          | 2026-01-06 10:00 | mediation_numerique | individuel | autonome
p1       | a          | 2026-01-07 10:00 | mediation_numerique | individuel | entierement_accompagne
p1       | b          | 2026-01-05 10:00 | mediation_numerique | individuel | autonome
p1       | b          | 2026-01-05 10:00 | mediation_numerique | individuel | partiellement_autonome
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 1         | 2           | 0.5
"""

[[examples]]
name = "group sessions, unrated ones and other services are no rating"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | mode       | autonomy
p1       | a          | 2026-01-05 10:00 | mediation_numerique | individuel | entierement_accompagne
p1       | a          | 2026-01-06 10:00 | mediation_numerique | collectif  | autonome
p1       | a          | 2026-01-07 10:00 | mediation_numerique | individuel |
p1       | a          | 2026-01-08 10:00 | france_services     | individuel | autonome
p1       | a          | 2026-01-09 10:00 | mediation_numerique |            | autonome
p1       |            | 2026-01-09 10:00 | mediation_numerique | individuel | autonome
"""
expect = """
scope_id | period_id | numerator | denominator | value
p1       | 2026-01   | 0         |             |
"""

[[examples]]
name = "one rating at each of two places is a progress of the territory alone"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | mode       | autonomy
p1       | a          | 2026-01-05 10:00 | mediation_numerique | individuel | entierement_accompagne
p2       | a          | 2026-01-06 10:00 | mediation_numerique | individuel | autonome
"""
expect = """
scope_id       | period_id | numerator | denominator | value
p1             | 2026-01   | 0         |             |
epci:240200576 | 2026-01   | 1         | 1           | 1
"""

[[examples]]
name = "with less than a year of records before its end, the figure waits"
given."core.service_usage" = """
place_id | person_key | occurred_at      | service_code        | mode       | autonomy
p1       | a          | 2024-06-05 10:00 | mediation_numerique | individuel | entierement_accompagne
p1       | a          | 2024-06-06 10:00 | mediation_numerique | individuel | autonome
"""
expect = """
scope_id | period_id | numerator | denominator | value | status
p1       | 2024-06   | 1         | 1           |       | too_early
p1       | 2024      | 1         | 1           | 1     | ok
"""
*/
SELECT
    x.scope_id,
    x.period_id,
    'all' AS breakdown,
    'all' AS category,
    count(*) FILTER (WHERE x.last_rank > x.first_rank) AS numerator,
    count(*) AS denominator,
    count(*) AS persons,
    count(*) FILTER (WHERE x.is_observed) AS observed,
    sum(number_of(x.person_key)) FILTER (WHERE x.last_rank > x.first_rank) AS numerator_key,
    sum(number_of(x.person_key)) AS base_key
FROM (
    SELECT
        s.scope_id,
        w.period_id,
        r.person_key,
        min(r.rated_at) % 4 AS first_rank,
        max(r.rated_at) % 4 AS last_rank,
        bool_and(r.is_observed) AS is_observed
    FROM core.rated_mediation AS r
    INNER JOIN core.look_back_month AS w
        ON
            w.window_name = 'autonomy'
            AND w.month = r.month
            AND date_diff('day', r.day, w.ends_before) BETWEEN 1 AND w.days
    INNER JOIN core.scope AS s ON s.place_id = r.place_id
    INNER JOIN registry.coefficient AS n ON n.name = 'autonomy_min_ratings'
    GROUP BY s.scope_id, w.period_id, r.person_key, n.value
    HAVING count(*) >= n.value
) AS x
CROSS JOIN (SELECT max(c.rank) AS rank FROM registry.code AS c WHERE c.list = 'autonomy') AS h
WHERE x.first_rank < h.rank
GROUP BY x.scope_id, x.period_id
