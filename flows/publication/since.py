"""What came into the warehouse since a release: on which days of which source, and of what kind.

A day that no delivery had proven before is `data` that arrived. A record that is new, other or
gone on a day that was proven, and a refused row that came right or was set aside, is a
`correction`. What lasts, as a contract does, spans many days of both kinds: it is a `span`.
"""

from schemas import FEEDS

LONGEST_GAP = 27
"""Days between which two touched ones are told as one stretch: every period is longer."""


def touched_records() -> str:
    """The records whose present version came since, one SELECT a feed."""
    selects = []
    for name, feed in FEEDS.items():
        last = f"coalesce(r.{feed.ends}, DATE '9999-12-31')" if feed.ends else f"r.{feed.day}"
        selects.append(f"""
            SELECT r.place_id, r.source_id, CAST(r.{feed.day} AS DATE) AS first_day,
                   CAST({last} AS DATE) AS last_day, {bool(feed.lasts)} AS lasts,
                   r.deleted AS is_correction
            FROM record.{name} AS r
            SEMI JOIN new_attempt AS n ON n.attempt_id = r.attempt_id
        """)
    return " UNION ALL ".join(selects)


TOUCHED = f"""
    WITH new_attempt AS (
        SELECT a.attempt_id FROM ledger.attempt AS a, days AS d WHERE a.attempted_at > d.since
    ),
    proven AS (
        SELECT p.place_id, p.source_id, p.day,
               -- a day that goes on has more to come
               bool_or(a.attempted_at <= d.since AND b.received_on > p.day) AS was_proven
        FROM ledger.proof AS p
        INNER JOIN ledger.batch AS b ON b.batch_id = p.batch_id
        INNER JOIN ledger.attempt AS a ON a.batch_id = p.batch_id AND a.outcome = 'accepted'
        CROSS JOIN days AS d
        GROUP BY ALL
    ),
    record AS (
        {touched_records()}
        UNION ALL
        SELECT q.place_id, q.source_id, q.day, coalesce(q.until_day, q.day), FALSE,
               NOT coalesce(q.attempt_id IN (FROM new_attempt), FALSE)
        FROM ledger.quarantine AS q
        WHERE q.is_record AND (
            q.attempt_id IN (FROM new_attempt) AND NOT EXISTS (
                -- the same row came before, and was refused then too
                FROM ledger.quarantine AS o
                WHERE o.place_id = q.place_id AND o.source_id = q.source_id
                  AND o.digest = q.digest AND o.attempt_id NOT IN (FROM new_attempt)
            )
            OR q.closed_by IN (FROM new_attempt)
            OR q.batch_id IN (
                SELECT s.batch_id FROM ledger.set_aside AS s, days AS d
                WHERE s.set_aside_at > d.since
            )
        )
    ),
    touched AS (
        SELECT p.place_id, p.source_id, 'data' AS cause, p.day AS first_day, p.day AS last_day
        FROM proven AS p WHERE NOT p.was_proven
        UNION
        SELECT r.place_id, r.source_id,
               CASE
                   WHEN r.is_correction THEN 'correction'
                   WHEN r.lasts THEN 'span'
                   WHEN p.was_proven OR r.first_day IS NULL THEN 'correction'
                   ELSE 'data'
               END, r.first_day, r.last_day
        FROM record AS r
        LEFT JOIN proven AS p
            ON p.place_id = r.place_id AND p.source_id = r.source_id AND p.day = r.first_day
    ),
    begun AS (
        SELECT t.*, coalesce(
                   t.first_day - max(t.last_day) OVER (
                       PARTITION BY t.place_id, t.source_id, t.cause
                       ORDER BY t.first_day, t.last_day
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                   ) > {LONGEST_GAP}, TRUE
               ) AS begins
        FROM touched AS t
    ),
    stretch AS (
        SELECT b.*, sum(CAST(b.begins AS INTEGER)) OVER (
                   PARTITION BY b.place_id, b.source_id, b.cause ORDER BY b.first_day, b.last_day
               ) AS number
        FROM begun AS b
    )
    SELECT s.place_id, s.source_id, s.cause, min(s.first_day) AS first_day,
           max(s.last_day) AS last_day
    FROM stretch AS s
    GROUP BY s.place_id, s.source_id, s.cause, s.number
"""
"""Needs `days.since`; what has no day that can be read is there without one."""
