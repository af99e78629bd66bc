-- months, quarters and years, each with the months that it holds
SELECT 'month' AS kind, month AS starts_on, month FROM (SELECT month FROM {{ ref('visit') }} UNION SELECT month FROM {{ ref('use') }})
UNION ALL
SELECT 'quarter', CAST(date_trunc('quarter', month) AS DATE), month
FROM (SELECT month FROM {{ ref('visit') }} UNION SELECT month FROM {{ ref('use') }})
UNION ALL
SELECT 'year', CAST(date_trunc('year', month) AS DATE), month
FROM (SELECT month FROM {{ ref('visit') }} UNION SELECT month FROM {{ ref('use') }})
