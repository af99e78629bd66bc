"""Which published figures are others than in the release before, and why.

What is other is seen by comparing the two releases. Why, the warehouse knows: which days its
sources proved since the release before, and which records changed on days that they had proven.

It is asked on the connection that writes a release, where that is `release`, the one that readers
see is `former`, and the warehouse is in use.
"""

from typing import Any

import duckdb
import polars as pl

from flows.publication.since import TOUCHED

KEY = ["indicateur_id", "niveau", "territoire_id", "periode", "ventilation", "modalite"]
SAID = ["valeur", "valeur_min", "valeur_max", "diffusion", "statut"]
"""What data say. The rest of what is shown depends on the calendar and on the definition alone."""
SHOWN = [*SAID, "etat", "version"]
CAUSES = ("revision", "definition", "data", "correction", "calendar", "declaration", "first")
"""Why a figure is another: it was revised or withdrawn; its definition or the rules of the release;
days that were not there before; other records on days that were; days that passed; what places and
network declare; and nothing, where there was no release before."""
OVERLAPS = "t.first_day < w.before_day AND t.last_day >= w.first_day"

CARRIED = ("affichage", "granularite")
"""What else is told of a figure, where a release has it: the earliest did not."""

MOVED = """
    SELECT {key}, {carried}, b.valeur AS avant, a.valeur AS apres,
           b.diffusion AS diffusion_avant, a.diffusion AS diffusion_apres,
           b.statut AS statut_avant, a.statut AS statut_apres,
           b.etat AS etat_avant, a.etat AS etat_apres,
           b.version AS version_avant, a.version AS version_apres,
           coalesce(a.debut, b.debut) AS debut, coalesce(a.fin, b.fin) AS fin,
           {said} AS is_said_otherwise, {revised} AS is_revised
    FROM {before} AS b FULL JOIN release.valeurs AS a USING ({key})
    WHERE {shown}
"""
"""One row a figure that is other, new or gone."""

DAYS = """
    SELECT CAST(b.calculee_au AS DATE) AS day_before,
           b.version_schema <> a.version_schema OR b.regle_secret <> a.regle_secret
               AS has_other_rules,
           CAST(y.settled_days AS INTEGER) AS settled_days,
           coalesce(
               (SELECT max(l.built_at) FROM ledger.build AS l
                WHERE l.release_id = b.publication_id AND l.outcome = 'published'),
               CAST(b.calculee_au AS TIMESTAMPTZ)
           ) AS since
    FROM former.publication AS b
    CROSS JOIN release.publication AS a
    CROSS JOIN registry.policy AS y
"""
"""When the release before was computed, and what else the figures depend on."""

INDICATORS = """
    SELECT indicateur_id, a.version IS NULL OR b.version IS NULL AS is_known_once
    FROM release.indicateurs AS a
    FULL JOIN former.indicateurs AS b USING (indicateur_id)
"""

WINDOWS = """
    SELECT DISTINCT m.indicateur_id, m.niveau, m.territoire_id, m.debut, m.fin,
           CASE m.niveau
               WHEN 'lieu' THEN m.territoire_id
               WHEN 'portefeuille' THEN 'portfolio:' || m.territoire_id
               WHEN 'reseau' THEN 'network'
               ELSE m.niveau || ':' || m.territoire_id
           END AS scope_id,
           least(
               m.debut,
               CASE WHEN i.looks_back_from = 'end' THEN m.fin + 1 ELSE m.debut END
               - CAST(i.looks_back_days AS INTEGER)
           ) AS first_day,
           m.fin + 1 + CAST(i.looks_ahead_days AS INTEGER) AS before_day,
           CAST(i.looks_ahead_days AS INTEGER) AS looks_ahead_days
    FROM moved AS m
    INNER JOIN registry.indicator AS i ON i.indicator_id = m.indicateur_id
"""
"""The days whose records a figure reads, with those that it looks back and ahead on."""

REACHED = f"""
    SELECT w.indicateur_id, w.niveau, w.territoire_id, w.debut, w.fin,
           bool_or(t.cause = 'data' AND {OVERLAPS}) AS has_data,
           bool_or(t.cause = 'correction' AND {OVERLAPS}) AS has_correction,
           bool_or(t.cause = 'span' AND {OVERLAPS}) AS has_span,
           bool_or(t.cause = 'data') AS had_data,
           bool_or(t.cause <> 'data') AS had_correction
    FROM windows AS w
    INNER JOIN core.scope AS s ON s.scope_id = w.scope_id
    INNER JOIN core.indicator_reader AS r
        ON r.indicator_id = w.indicateur_id AND r.place_id = s.place_id
    INNER JOIN touched AS t ON t.place_id = r.place_id AND t.source_id = r.source_id
    GROUP BY ALL
"""
"""What came to a figure since: on its days, or else to its sources at all.

A record that moved to another day, or a person who is known otherwise now, shows on days that are
not those of the figure: where there was a value, that is a correction. A contract that was changed
while its source told of new days is how such days arrive: there it is no correction.
"""

STEPS = {
    "days": DAYS,
    "indicators": INDICATORS,
    "windows": WINDOWS,
    "touched": TOUCHED,
    "reached": REACHED,
}
FIRST = """
    SELECT *, CAST(NULL AS DATE) AS day_before, ['first'] AS causes
    FROM moved ORDER BY ALL
"""

WHY = """
    SELECT m.* EXCLUDE (known, had_data, had_correction), d.day_before,
           string_split(CASE
               WHEN m.known <> '' THEN m.known
               WHEN m.statut_avant IS NULL AND m.fin >= f.first_touched THEN 'data'
               WHEN NOT m.had_data AND NOT m.had_correction THEN 'declaration'
               WHEN m.avant IS NOT NULL THEN 'correction'
               ELSE concat_ws(
                   ',', if(m.had_data, 'data', NULL), if(m.had_correction, 'correction', NULL)
               )
           END, ',') AS causes
    FROM (
        SELECT m.*, coalesce(r.had_data, FALSE) AS had_data,
               coalesce(r.had_correction, FALSE) AS had_correction,
               if(m.is_revised, 'revision', concat_ws(',',
                   if(
                       m.version_avant <> m.version_apres
                       OR m.is_said_otherwise AND (d.has_other_rules OR n.is_known_once),
                       'definition', NULL
                   ),
                   if(m.is_said_otherwise AND r.has_data, 'data', NULL),
                   if(
                       m.is_said_otherwise
                       AND (r.has_correction OR r.has_span AND NOT r.has_data),
                       'correction', NULL
                   ),
                   if(
                       m.statut_avant IS NULL AND m.fin >= d.day_before
                       OR m.statut_avant = 'too_early' AND m.statut_apres <> 'too_early'
                           AND w.looks_ahead_days > 0 AND w.before_day > d.day_before
                       OR m.etat_avant = 'provisoire' AND m.etat_apres = 'definitif'
                           AND m.fin + 1 + d.settled_days > d.day_before,
                       'calendar', NULL
                   )
               )) AS known
        FROM moved AS m
        CROSS JOIN days AS d
        LEFT JOIN indicators AS n USING (indicateur_id)
        LEFT JOIN windows AS w USING (indicateur_id, niveau, territoire_id, debut, fin)
        LEFT JOIN reached AS r USING (indicateur_id, niveau, territoire_id, debut, fin)
    ) AS m
    CROSS JOIN (
        SELECT min(t.first_day) AS first_touched FROM touched AS t WHERE t.cause = 'data'
    ) AS f
    CROSS JOIN days AS d
    ORDER BY ALL
"""
"""A period that is there since somebody delivered is there for all indicators and territories."""


def compare_releases(connection: duckdb.DuckDBPyConnection, has_former: bool) -> None:
    """Make the table `moved_figure`: one row a figure that is other than in the release before,
    new or gone; all that the first release shows is new.

    `causes` is a list of words of CAUSES, in their order: more than one may have moved a figure.
    """
    make = "CREATE OR REPLACE TEMP TABLE {name} AS {select}"
    before = "former.valeurs" if has_former else "(FROM release.valeurs LIMIT 0)"
    connection.execute(make.format(name="moved", select=seen_in_both(connection, before)))
    if has_former:
        for name, select in STEPS.items():
            connection.execute(make.format(name=name, select=select))
    connection.execute(make.format(name="moved_figure", select=WHY if has_former else FIRST))


def moved_figures(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    return connection.sql("FROM moved_figure").pl()


def seen_in_both(connection: duckdb.DuckDBPyConnection, before: str) -> str:
    """Compares the figures that both releases show, by the columns that both have."""
    known, new = columns_of(connection, before), columns_of(connection, "release.valeurs")
    shown, said = ([n for n in names if n in known & new] for names in (SHOWN, SAID))
    carried = [
        f"{f'b.{name}' if name in known else 'NULL'} AS {name}_avant, a.{name} AS {name}_apres"
        for name in CARRIED
    ]
    return MOVED.format(
        before=before, key=", ".join(KEY), carried=", ".join(carried),
        shown=differ(shown), said=differ(said),
        revised="coalesce(a.revision > coalesce(b.revision, 0), FALSE)"
        if "revision" in known else "FALSE",
    )  # fmt: skip


def differ(names: list[str]) -> str:
    return "(" + " OR ".join(f"b.{name} IS DISTINCT FROM a.{name}" for name in names) + ")"


def columns_of(connection: duckdb.DuckDBPyConnection, view: str) -> set[str]:
    return {row[0] for row in connection.execute(f"DESCRIBE FROM {view}").fetchall()}


def counted(moved: pl.DataFrame) -> dict[tuple[str, ...], int]:
    """Causes that go together → how many figures they moved, the most first."""
    if moved.is_empty():
        return {}
    together: list[dict[str, Any]] = moved["causes"].value_counts(sort=True).to_dicts()
    return {tuple(one["causes"]): one["count"] for one in together}
