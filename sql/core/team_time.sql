/*
grain = "one row per job of the team and stretch of days on which the person has the same contracts with the employer: together they are at most full time"
kept = true
key = "place_id"
*/
SELECT
    j.place_id,
    j.source_id,
    j.record_id,
    j.worker,
    j.number,
    j.contract_type,
    s.on_day AS started_on,
    s.next_day AS ended_before,
    sum(j.weekly_minutes) OVER (
        PARTITION BY j.place_id, j.worker, j.employer, s.on_day
    ) > j.full_time_minutes AS is_more_than_full_time,
    CASE
        WHEN
            sum(j.weekly_minutes) OVER (
                PARTITION BY j.place_id, j.worker, j.employer, s.on_day
            ) > j.full_time_minutes
            THEN j.weekly_minutes * j.full_time_minutes
                / nullif(
                    sum(j.weekly_minutes) OVER (
                        PARTITION BY j.place_id, j.worker, j.employer, s.on_day
                    ),
                    0
                )
        ELSE j.weekly_minutes
    END AS weekly_minutes
FROM core.team_job AS j
INNER JOIN (
    SELECT
        e.place_id,
        e.worker,
        e.employer,
        e.on_day,
        lead(e.on_day) OVER (
            PARTITION BY e.place_id, e.worker, e.employer ORDER BY e.on_day
        ) AS next_day
    FROM (
        SELECT b.place_id, b.worker, b.employer, b.started_on AS on_day
        FROM core.team_job AS b
        UNION
        SELECT d.place_id, d.worker, d.employer, d.ended_before AS on_day
        FROM core.team_job AS d
        WHERE d.ended_before IS NOT NULL
    ) AS e
) AS s
    ON
        s.place_id = j.place_id
        AND s.worker = j.worker
        AND s.employer = j.employer
        AND s.on_day >= j.started_on
        AND (j.ended_before IS NULL OR s.on_day < j.ended_before)
