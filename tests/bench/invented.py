"""The SQL of `country`: how days, places, people and records are drawn. `{…}` is filled in there."""

DRAW = """
CREATE OR REPLACE TEMP MACRO draw(number, what, below) AS
    CAST(hash(number, what, {seed}) % below AS BIGINT)
"""

DAY_WEIGHTS = """
SELECT
    CAST(d AS DATE) AS day,
    CASE isodow(d) WHEN 7 THEN 0 WHEN 6 THEN 5 ELSE 10 END
    * CASE month(d) WHEN 7 THEN 0.7 WHEN 8 THEN 0.4 WHEN 12 THEN 0.8 ELSE 1 END
    * (1 + date_diff('month', DATE '{first}', d) / 100) AS weight
FROM range(DATE '{first}', DATE '{last}' + 1, INTERVAL 1 DAY) AS r (d)
"""
"""Closed on Sundays, quiet in summer, and each month has a hundredth more than the first."""

PLACE_OF = "CAST(floor(pow(draw(n.i, 1, 1000000) / 1e6, 2) * {places}) AS INTEGER)"
"""Of 300 places the busiest has a seventeenth of all visits, the quietest one in six hundred."""

VISITS = """
SELECT
    v.i,
    v.day,
    v.place,
    'p' || v.place AS place_id,
    CASE
        WHEN draw(v.i, 2, 100) >= 3
            -- the most faithful comes four times a week, the many ten times in two years
            THEN b.first + CAST(floor(
                (pow(0.15 + 0.85 * draw(v.i, 3, 1000000) / 1e6, 3) - 0.003375) / 0.996626 * b.persons
            ) AS BIGINT)
    END AS person,
    draw(v.i, 4, 1000000007) AS chance,
    timezone('Europe/Paris', v.day + to_minutes(
        480 + CASE WHEN draw(v.i, 5, 100) = 0 THEN 840 ELSE draw(v.i, 5, 600) END
    )) AS starts_at
FROM (SELECT n.i, n.day, {place} AS place FROM ({numbers}) AS n) AS v
INNER JOIN busy AS b ON b.place = v.place
"""
"""One visit in a hundred begins at ten in the evening, and goes on past midnight."""

CODES = {
    "space_code": "['coworking', 'fablab', 'salle'][1 + CAST(chance % 3 AS INTEGER)]",
    "activity_id": "CASE WHEN chance % 10 = 0 THEN 'A' || chance % 500 END",
    "gender": "['feminin', 'masculin', 'non_communique'][1 + CAST(trait % 3 AS INTEGER)]",
}

TRAITS = f"""
    CASE WHEN trait % 3 > 0 THEN {{ages}}[1 + CAST(trait // 7 % len({{ages}}) AS INTEGER)] END
        AS age_band,
    {CODES["gender"]} AS gender,
    CASE WHEN trait % 2 > 0 THEN {{statuses}}[1 + CAST(trait // 7 % len({{statuses}}) AS INTEGER)] END
        AS social_status,
    {{communes}}[1 + CAST(trait % len({{communes}}) AS INTEGER)] AS home_commune
"""

RECORDS = {
    "attendance": f"""
        SELECT place_id, place_id || '-attendance' AS source_id, CAST(i AS VARCHAR) AS record_id,
            person_key, CASE WHEN person_key IS NOT NULL THEN 'email' END AS identity_kind,
            {{traits}}, starts_at AS checked_in_at,
            starts_at + to_minutes(45 + chance % 300) AS checked_out_at,
            timezone('Europe/Paris', checked_in_at) AS checked_in_local,
            timezone('Europe/Paris', checked_out_at) AS checked_out_local,
            CASE WHEN person_key IS NULL THEN 1 + chance % 20 ELSE 1 END AS headcount,
            {CODES["space_code"]} AS space_code, {CODES["activity_id"]} AS activity_id,
            CASE WHEN chance % 50 = 0 THEN 'equipe' ELSE 'usager' END AS role,
            CASE WHEN chance % 30 = 0 THEN 'absent' ELSE 'present' END AS attendance_status,
            CASE WHEN chance % 4 = 0 THEN 'booked' ELSE 'checked_in' END AS evidence
        FROM visit
    """,
    "service_usage": """
        SELECT place_id, place_id || '-service-usage' AS source_id, 'u' || i AS record_id,
            person_key, CASE WHEN person_key IS NOT NULL THEN 'email' END AS identity_kind,
            {traits}, starts_at AS occurred_at,
            timezone('Europe/Paris', occurred_at) AS occurred_local,
            20 + chance % 60 AS duration_minutes,
            CASE WHEN person_key IS NULL THEN 1 + chance % 20 ELSE 1 END AS headcount,
            {services}[1 + CAST(chance % len({services}) AS INTEGER)] AS service_code,
            CASE WHEN chance % 3 = 0 THEN 'resolu_sur_place' ELSE 'oriente' END AS outcome,
            'checked_in' AS evidence
        FROM visit WHERE i % 8 = 0
    """,
    "employment": """
        SELECT 'p' || i % {places} AS place_id, 'p' || i % {places} || '-employment' AS source_id,
            'e' || i AS record_id, md5('e' || i // 2) AS person_key, 'email' AS identity_kind,
            CASE WHEN i % 2 = 0 THEN 'feminin' ELSE 'masculin' END AS gender,
            CASE WHEN i % 3 = 0 THEN 'equipe' ELSE 'structure_hebergee' END AS relation,
            CASE WHEN i % 2 = 0 THEN 'CDI' ELSE 'CDD' END AS contract_type,
            DATE '{first}' - 300 + CAST(draw(i, 6, 900) AS INTEGER) AS started_on,
            CASE WHEN i % 2 = 1 THEN DATE '{first}' + 600 + CAST(draw(i, 7, 100) AS INTEGER) END
                AS ended_on,
            2100 AS weekly_minutes, i % 12 = 0 AS is_insertion
        FROM range({places} * 20) AS r (i)
    """,
}
