"""Published values that the records of now say otherwise: which may be drawn anew, and their rows.

Asked on a connection that reads the warehouse, and has `drawn_figure` and `standing_value`.
"""

from datetime import date, timedelta

import duckdb
import polars as pl

from flows.publication.gate.edge import LEFT_OUT, NOT_DRAWN
from flows.publication.moved import WINDOWS
from flows.publication.once import TABLE, same
from flows.publication.revision import Chosen, Release, lists, of_place
from schemas import CONTRACTS, FEEDS

CHANGED_PEOPLE = 10
"""A value that so many people do not change is not drawn anew: it would speak of few."""
YEAR = timedelta(days=365)
KEY = (*TABLE, "modalite")


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


IS_OUTSIDE = f"""(
    -- a thousandth is what the bounds are rounded to
    s.valeur_min IS NOT NULL AND (
        d.exact IS NULL
        OR d.exact < s.valeur_min - 0.001
        OR d.exact > coalesce(s.valeur_max, CAST('infinity' AS DOUBLE)) + 0.001
    )
    OR s.valeur_min IS NULL AND d.is_shown AND s.motif IS DISTINCT FROM {quoted(LEFT_OUT)}
    AND s.motif IS DISTINCT FROM {quoted(NOT_DRAWN)}
)"""
"""A value stays while the truth lies within its bounds; what cannot be told now is not outside, nor
is what the gate left out."""
OTHER = f"""
    CREATE OR REPLACE TEMP TABLE other_cell AS
    SELECT {", ".join(f"s.{name}" for name in KEY)}, s.debut, s.fin, s.version,
           s.publication_id, s.publiee_le, {IS_OUTSIDE} AS is_outside
    FROM standing_value AS s
    INNER JOIN drawn_figure AS d USING ({", ".join(KEY)}, version)
    WHERE d.is_sure AND s.diffusion <> 'retiree'
        AND ({IS_OUTSIDE} OR s.lieux_contributeurs IS DISTINCT FROM d.lieux_contributeurs)
"""
"""Also of a territory that has more places than before: its value may stand, its row says so."""
CHOSEN = f"""
    CREATE OR REPLACE TEMP TABLE other_table AS
    SELECT {", ".join(f"o.{name}" for name in TABLE)}, o.debut, o.fin,
           max(coalesce(b.built_at, CAST(o.publiee_le AS TIMESTAMPTZ))) AS since
    FROM other_cell AS o
    LEFT JOIN ledger.build AS b ON b.release_id = o.publication_id
    WHERE (len($indicateur_id) = 0 OR list_contains($indicateur_id, o.indicateur_id))
        AND (len($periode) = 0 OR EXISTS (
            FROM standing_value AS s WHERE list_contains($periode, s.periode)
            AND s.debut <= o.fin AND s.fin >= o.debut
        ))
        AND (len($territoire_id) = 0 OR list_contains($territoire_id, o.territoire_id) OR EXISTS (
            FROM core.scope AS p WHERE list_contains($territoire_id, p.place_id) AND {of_place("o")}
        ))
    GROUP BY ALL
"""
"""What was chosen, with the territories of its places, and all periods that share its days."""


def late_records() -> str:
    """The records that came since the earliest of these values, one SELECT a feed."""
    selects = []
    for name, feed in FEEDS.items():
        last = f"coalesce(r.{feed.ends}, DATE '9999-12-31')" if feed.ends else f"r.{feed.day}"
        heads = "r.headcount" if "headcount" in CONTRACTS[name].to_schema().columns else "0"
        selects.append(f"""
            SELECT r.place_id, r.source_id, r.person_key, {heads} AS heads, a.attempted_at,
                   CAST(r.{feed.day} AS DATE) AS first_day, CAST({last} AS DATE) AS last_day
            FROM record.{name} AS r
            INNER JOIN ledger.attempt AS a ON a.attempt_id = r.attempt_id
            WHERE NOT r.deleted AND a.attempted_at > (SELECT min(since) FROM other_table)
        """)
    return " UNION ALL ".join(selects)


CHANGED = f"""
    WITH late AS ({late_records()}),
    changed AS (
        SELECT o.*, r.person_key, r.heads, r.first_day
        FROM other_table AS o
        INNER JOIN windows AS w USING (indicateur_id, niveau, territoire_id, debut, fin)
        INNER JOIN core.scope AS s ON s.scope_id = w.scope_id
        INNER JOIN core.indicator_reader AS i
            ON i.indicator_id = o.indicateur_id AND i.place_id = s.place_id
        INNER JOIN late AS r
            ON r.place_id = i.place_id AND r.source_id = i.source_id AND r.attempted_at > o.since
            AND r.first_day < w.before_day AND r.last_day >= w.first_day
    ),
    named AS (
        SELECT {", ".join(TABLE)}, count(DISTINCT person_key) AS people FROM changed GROUP BY ALL
    ),
    unnamed AS (
        SELECT {", ".join(TABLE)}, first_day, sum(heads) AS heads
        FROM changed WHERE person_key IS NULL GROUP BY ALL
    ),
    crowd AS (SELECT {", ".join(TABLE)}, max(heads) AS people FROM unnamed GROUP BY ALL),
    revised AS (
        SELECT periode, max(publiee_le) AS revised_on FROM ledger.published_value
        WHERE revision > 0 AND diffusion <> 'retiree' GROUP BY periode
    )
    SELECT {", ".join(f"v.{name}" for name in TABLE)},
           CAST(coalesce(n.people, 0) + coalesce(c.people, 0) AS BIGINT) AS people, r.revised_on
    FROM other_table AS v
    LEFT JOIN named AS n ON {same("n")}
    LEFT JOIN crowd AS c ON {same("c")}
    LEFT JOIN revised AS r ON r.periode = v.periode
    ORDER BY ALL
"""
"""Who is not named counts on the day on which most of them came: they are that many at least."""
KEPT = ("valeur", "valeur_min", "valeur_max", "affichage", "diffusion", "part_observee")
DRAWN = f"""
    SELECT d.* EXCLUDE (is_shown, is_small, is_sure, exact, is_due) REPLACE (
        {", ".join(f"CASE WHEN o.is_outside THEN d.{n} ELSE s.{n} END AS {n}" for n in KEPT)},
        CASE WHEN o.is_outside OR s.diffusion = d.diffusion THEN d.motif ELSE s.motif END AS motif,
        $release_id AS publication_id, $day AS publiee_le, s.revision + 1 AS revision
    ), $reason AS reason, coalesce(v.revised_on > $a_year_ago, FALSE) AS is_forced
    FROM other_cell AS o
    INNER JOIN accepted AS v ON {same("o")}
    INNER JOIN drawn_figure AS d ON {same("d")} AND d.modalite = o.modalite
    INNER JOIN standing_value AS s ON {same("s")} AND s.modalite = o.modalite
    ORDER BY ALL
"""


def outside(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The cells of `standing_value` that `drawn_figure` says otherwise, as KEY."""
    connection.execute(OTHER)
    return connection.execute(
        f"SELECT {', '.join(KEY)} FROM other_cell WHERE is_outside ORDER BY ALL"
    ).pl()


def others(connection: duckdb.DuckDBPyConnection, chosen: Chosen) -> pl.DataFrame:
    """The tables of which the records of now say something else, as TABLE: how many `people`
    changed since, and when their period was revised last, `revised_on`.
    """
    connection.execute(OTHER)
    connection.execute(CHOSEN, lists(chosen))
    connection.execute("CREATE OR REPLACE TEMP TABLE moved AS FROM other_table")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE windows AS {WINDOWS}")
    return connection.execute(CHANGED).pl()


def drawn_anew(
    connection: duckdb.DuckDBPyConnection, accepted: pl.DataFrame, reason: str, release: Release
) -> pl.DataFrame:
    """The rows of `ledger.published_value` that stand from now on for some of these tables."""
    connection.register("accepted", accepted.to_arrow())
    said = {**release._asdict(), "reason": reason, "a_year_ago": year_before(release.day)}
    rows = connection.execute(DRAWN, said).pl()
    connection.unregister("accepted")
    return rows


def year_before(day: date) -> date:
    return day - YEAR
