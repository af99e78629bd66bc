/*
grain = "one row per published cell: its figure as it is drawn, and the least and the most that the exact one can be"
*/
-- what is drawn: a count of cases, the two parts of a quotient, a share in steps of points
WITH drawn AS (
    SELECT
        t.*,
        -- few cases and none are said alike
        t.is_sure AND CASE
            WHEN t.protection IN ('rate', 'rate_of_people') THEN TRUE
            WHEN t.protection IN ('index', 'median', 'per_hundred')
                THEN t.exact IS NOT NULL
                OR coalesce(rounded(t.persons, y.count_step, draw(t.base_key)), 0) < y.people
            ELSE t.exact IS NOT NULL
        END AS is_defined,
        CASE
            WHEN t.protection = 'money' THEN y.points
            WHEN rounded(t.cases, y.count_step, draw(t.base_key)) >= y.cases THEN y.points
            WHEN rounded(t.cases, y.count_step, draw(t.base_key)) >= y.coarse_cases
                THEN y.coarse_points
        END AS points,
        rounded(t.persons, y.count_step, draw(t.base_key)) AS people,
        coalesce(rounded(t.persons, y.count_step, draw(t.base_key)), 0) >= y.people AS has_people,
        draw(coalesce(CAST(t.numerator_key AS VARCHAR), '') || '/' || CAST(t.base_key AS VARCHAR))
            AS u_of_share,
        draw(t.numerator_key) AS u,
        y.count_step - 1 AS people_margin
    FROM (
        SELECT
            d.*,
            CASE
                WHEN d.protection = 'rate_of_people' THEN d.persons
                WHEN d.protection IN ('rate', 'money') THEN d.denominator
            END AS cases,
            CASE
                WHEN d.denominator IS NOT NULL THEN d.numerator / nullif(d.denominator, 0)
                WHEN i.is_ratio THEN NULL
                ELSE d.numerator
            END AS exact
        FROM published_cell AS d
        INNER JOIN registry.indicator AS i ON i.indicator_id = d.indicator_id
    ) AS t
    CROSS JOIN registry.policy AS y
),

protected AS (
    SELECT
        d.*,
        b.first_number,
        b.last_number,
        CASE d.protection
            WHEN 'count' THEN rounded(d.exact, d.step, d.u)
            WHEN 'volume' THEN rounded(d.exact, d.step, d.u)
            WHEN 'kg' THEN rounded(d.exact, d.step, d.u)
            WHEN 'fte' THEN rounded(d.exact, d.step, d.u)
            WHEN 'exact' THEN d.exact
            WHEN 'occupancy'
                THEN rounded(d.numerator / 60, d.step, d.u) / nullif(d.denominator / 60, 0)
            WHEN 'per_mille' THEN 1000 * d.people / nullif(d.denominator, 0)
            WHEN 'per_hundred' THEN
                CASE
                    WHEN d.has_people
                        THEN 100 * rounded(d.numerator / 100, d.step, d.u) / nullif(d.people, 0)
                END
            WHEN 'index' THEN CASE WHEN d.has_people THEN d.exact END
            WHEN 'median' THEN CASE WHEN d.has_people THEN d.exact END
            WHEN 'band' THEN NULL
            ELSE
                rounded(
                    100 * d.numerator / nullif(d.denominator * d.points, 0),
                    1,
                    d.u_of_share
                ) * d.points / 100
        END AS unrounded,
        -- how far the exact one may be, below and above
        CASE d.protection
            WHEN 'exact' THEN 0
            WHEN 'occupancy' THEN d.step / nullif(d.denominator / 60, 0)
            WHEN 'per_mille' THEN 1000 * d.people_margin / nullif(d.denominator, 0)
            WHEN 'index' THEN 0.005
            WHEN 'median' THEN 0.5
            WHEN 'rate' THEN d.points / CAST(100 AS DOUBLE)
            WHEN 'rate_of_people' THEN d.points / CAST(100 AS DOUBLE)
            WHEN 'money' THEN d.points / CAST(100 AS DOUBLE)
            ELSE d.margin
        END AS distance
    FROM drawn AS d
    LEFT JOIN registry.band AS b
        ON
            d.protection = 'band'
            AND d.exact >= b.first_number
            AND (b.last_number IS NULL OR d.exact <= b.last_number)
),

shown AS (
    SELECT
        p.*,
        i.unit,
        p.is_defined AND NOT p.is_of_few_places
        AND (p.unrounded IS NOT NULL OR p.protection = 'band') AS is_shown,
        CASE
            WHEN p.protection IN ('median', 'count', 'volume', 'kg') THEN
                CAST(round(CAST(p.unrounded AS DECIMAL(18, 6)), 0) AS DOUBLE)
            WHEN p.protection = 'occupancy' THEN
                CAST(round(CAST(p.unrounded AS DECIMAL(18, 12)), 3) AS DOUBLE)
            ELSE CAST(round(CAST(p.unrounded AS DECIMAL(18, 12)), 2) AS DOUBLE)
        END AS rounded_value
    FROM protected AS p
    INNER JOIN registry.indicator AS i ON i.indicator_id = p.indicator_id
)

SELECT
    s.*,
    CASE WHEN s.is_shown THEN s.rounded_value END AS valeur,
    CASE
        WHEN NOT s.is_shown THEN NULL
        WHEN s.protection = 'band' THEN s.first_number
        WHEN s.protection = 'per_hundred'
            THEN 100 * greatest(0, s.unrounded * s.people / 100 - s.margin)
                / (s.people + s.people_margin)
        WHEN s.protection IN ('index', 'median') THEN greatest(0, s.rounded_value - s.distance)
        ELSE greatest(0, s.unrounded - s.distance)
    END AS at_least,
    CASE
        WHEN NOT s.is_shown THEN NULL
        WHEN s.protection = 'band' THEN s.last_number
        WHEN s.protection = 'per_hundred'
            THEN 100 * (s.unrounded * s.people / 100 + s.margin)
                / nullif(s.people - s.people_margin, 0)
        WHEN s.protection = 'median' THEN s.rounded_value + s.distance
        WHEN s.unit = 'index' THEN least(1, s.rounded_value + s.distance)
        WHEN s.protection = 'index' THEN s.rounded_value + s.distance
        WHEN s.unit = 'share' THEN least(1, s.unrounded + s.distance)
        ELSE s.unrounded + s.distance
    END AS at_most
FROM shown AS s
