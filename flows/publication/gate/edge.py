"""What the gate reads and writes: a release in the making, and what its places know.

The only file here that meets a database: a connection to a warehouse, with `release` attached.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from flows.publication.gate.cells import (
    KEY,
    MINORS,
    MINORS_TOGETHER,
    PLACE,
    Published,
    Thresholds,
)
from flows.publication.gate.known import COUNTS, OF_KNOWN_BASE, QUOTIENTS, TIES
from flows.publication.gate.report import report
from flows.publication.gate.verdict import decide
from flows.publication.once import TABLE, same

LEFT_OUT = "Retiré : avec d'autres chiffres publiés, ce tableau en dirait trop de peu de cas."
NOT_DRAWN = "Retiré : celui de l'année d'avant en aurait dit trop de peu de cas."


def withdrawn(column: str) -> str:
    """What a value had before it was withdrawn."""
    return f"CASE WHEN v.diffusion = 'retiree' THEN o.{column} ELSE v.{column} END AS {column}"


VALUES = f"""
    SELECT
        v.indicateur_id, v.niveau, v.territoire_id, v.periode, v.granularite, v.debut, v.fin,
        v.ventilation, v.modalite, v.statut, v.comptage_personnes,
        -- a reader has the release before too: what was withdrawn had bounds, and the truth of what
        -- was drawn anew is no more within those of the draw before
        {withdrawn("valeur")}, {withdrawn("valeur_min")}, {withdrawn("valeur_max")},
        CASE WHEN v.motif IN ($left_out, $not_drawn) THEN NULL ELSE v.diffusion END AS diffusion,
        v.motif = $left_out AS was_left_out,
        f.denominator AS base,
        -- published before, or withdrawn
        v.publiee_le IS NOT NULL
        AND (v.diffusion = 'retiree' OR k.indicateur_id IS NOT NULL) AS stands,
        v.lieux_contributeurs < v.lieux_attendus AS is_partial,
        CASE WHEN v.valeur_min BETWEEN o.valeur_min AND o.valeur_max
            AND coalesce(v.valeur_max, CAST('infinity' AS DOUBLE)) > o.valeur_max
            THEN o.valeur_max + 0.001 END AS not_below,
        CASE WHEN v.valeur_max BETWEEN o.valeur_min AND o.valeur_max
            AND v.valeur_min < o.valeur_min
            THEN o.valeur_min - 0.001 END AS not_above
    FROM release.valeurs AS v
    LEFT JOIN (
        SELECT
            o.indicator_id,
            CASE o.scope_type
                WHEN 'network' THEN 'reseau/reseau'
                WHEN 'place' THEN 'lieu/' || o.scope_id
                WHEN 'portfolio' THEN replace(o.scope_id, 'portfolio:', 'portefeuille/')
                ELSE replace(o.scope_id, ':', '/')
            END AS scope,
            replace(o.period_id, 'convention:', '') AS period,
            o.denominator
        FROM indicator.value AS o
        WHERE
            o.indicator_id IN ('coworking_occupancy_rate', 'reach_per_1000')
            AND o.breakdown = 'all'
    ) AS f
        ON
            f.indicator_id = v.indicateur_id
            AND f.scope = v.niveau || '/' || v.territoire_id
            AND f.period = v.periode
    LEFT JOIN ledger.published_value AS k
        ON {same("k")} AND k.modalite = v.modalite AND k.version = v.version
        AND k.revision = v.revision
    LEFT JOIN (
        SELECT
            {", ".join(f"v.{name}" for name in (*TABLE, "modalite"))},
            max_by(l.valeur, l.revision) AS valeur,
            max_by(l.valeur_min, l.revision) AS valeur_min,
            max_by(coalesce(l.valeur_max, CAST('infinity' AS DOUBLE)), l.revision) AS valeur_max
        FROM release.valeurs AS v
        INNER JOIN ledger.published_value AS l
            ON {same("l")} AND l.modalite = v.modalite AND l.version = v.version
            AND l.revision < v.revision
        WHERE v.revision > 0 AND l.valeur_min IS NOT NULL
        GROUP BY ALL
    ) AS o ON {same("o")} AND o.modalite = v.modalite
"""
"""The values, and what everybody can find out: seats that are offered, inhabitants."""
MEMBERS = """
    SELECT
        CASE s.scope_type
            WHEN 'network' THEN 'reseau/reseau'
            WHEN 'portfolio' THEN replace(s.scope_id, 'portfolio:', 'portefeuille/')
            ELSE replace(s.scope_id, ':', '/')
        END AS scope,
        'lieu/' || s.place_id AS place
    FROM core.scope AS s
    WHERE s.scope_type NOT IN ('place', 'epci')
"""
OWN = """
    SELECT
        f.indicator_id AS indicator,
        'lieu/' || f.scope_id AS scope,
        replace(f.period_id, 'convention:', '') AS period,
        b.label_fr AS breakdown,
        CASE f.category WHEN 'all' THEN 'ensemble' ELSE f.category END AS category,
        CAST(f.numerator AS DOUBLE) AS numerator,
        CAST(f.denominator AS DOUBLE) AS denominator
    FROM indicator.value AS f
    INNER JOIN registry.breakdown AS b ON b.breakdown = f.breakdown
    WHERE f.scope_type = 'place' AND f.is_ended
"""


def read_published_cells(connection: duckdb.DuckDBPyConnection) -> Published:
    """Of a connection to a warehouse in which a release is attached as `release`."""
    [row] = connection.execute(  # all of it: DuckDB 2.0 does nothing else before
        "SELECT count_step, cases, coarse_cases, coarse_points, people FROM registry.policy"
    ).fetchall()
    return Published(
        connection.sql(VALUES, params={"left_out": LEFT_OUT, "not_drawn": NOT_DRAWN}).pl(),
        connection.sql(MEMBERS).pl(),
        Thresholds(*(int(number) for number in row)),
    )


def read_headlines(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    rows = connection.execute("SELECT indicator_id FROM registry.indicator WHERE headline")
    return frozenset(name for (name,) in rows.fetchall())


def read_own(connection: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """The exact figures of each place, as KEY and `exact`."""
    figures = pl.concat(exact_parts(connection.sql(OWN).pl()))
    return {
        str(scope): frame for (scope,), frame in figures.partition_by("scope", as_dict=True).items()
    }


def exact_parts(figures: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Counts, and numerators and denominators; the age bands below 18 also together."""
    together = (
        figures.filter(pl.col("category").is_in(MINORS))
        .with_columns(category=pl.lit(MINORS_TOGETHER))
        .group_by("indicator", "scope", "period", "breakdown", "category")
        .agg(
            pl.col("numerator").sum(),
            pl.when(pl.col("denominator").is_null().all())
            .then(None)
            .otherwise(pl.col("denominator").sum())
            .alias("denominator"),
        )
    )
    figures = pl.concat([figures, together])
    scales = {name: scale for name, (_quantity, scale) in OF_KNOWN_BASE.items()} | TIES
    scale = pl.col("indicator").replace_strict(scales, default=1.0, return_dtype=pl.Float64)
    quotient = pl.col("numerator") / pl.col("denominator").fill_null(1)
    for names, part, exact in (
        ([*COUNTS], "", quotient),
        ([*QUOTIENTS, *OF_KNOWN_BASE], "numerator", pl.col("numerator") / scale),
        ([*QUOTIENTS], "denominator", pl.col("denominator")),
    ):
        chosen = figures.filter(pl.col("indicator").is_in(names))
        yield chosen.with_columns(part=pl.lit(part), exact=exact).select(*KEY, "exact")


TAKE_OUT = """
    UPDATE release.valeurs AS v
    SET valeur = NULL, valeur_min = NULL, valeur_max = NULL, affichage = NULL,
        part_observee = NULL, diffusion = 'non_diffuse',
        motif = CASE WHEN t.is_told THEN $told ELSE $year_later END
    FROM taken_out AS t
    WHERE
        v.indicateur_id = t.indicator
        AND v.niveau = t.level
        AND v.niveau || '/' || v.territoire_id = t.scope
        AND v.periode = t.period
        AND v.ventilation = t.breakdown
"""
"""Of a table that is left out no row is published, also not one that has no value; it is decided
then, once: that it is there a night later would say that somebody came."""


OF_TAKEN_OUT = """
    SEMI JOIN taken_out AS t
        ON v.indicateur_id = t.indicator AND v.niveau = t.level
        AND v.niveau || '/' || v.territoire_id = t.scope
        AND v.periode = t.period AND v.ventilation = t.breakdown
"""
NOT_NEW = (
    f"DELETE FROM new_value AS n WHERE rowid IN (SELECT v.rowid FROM new_value AS v {OF_TAKEN_OUT})"
)
STOOD = f"""
    CREATE OR REPLACE TEMP TABLE stood AS SELECT v.* FROM standing_value AS v {OF_TAKEN_OUT}
"""
CLEAR = f"DELETE FROM release.valeurs AS v WHERE EXISTS (FROM stood AS s WHERE {same('s')})"
PUT_BACK = """
    INSERT INTO release.valeurs BY NAME
    SELECT s.* EXCLUDE (secret_fingerprint, reason, is_forced) FROM stood AS s ORDER BY ALL
"""
"""In the place of a new draw, or of a new definition, what was published before stands."""


def take_out(connection: duckdb.DuckDBPyConnection, tables: pl.DataFrame) -> int:
    """Empty the rows of these tables of the release: they stay, and say why; but where a table was
    published before, its rows of then come back. How many did.
    """
    connection.register("taken_out", tables)
    connection.execute(TAKE_OUT, {"told": LEFT_OUT, "year_later": NOT_DRAWN})
    connection.execute(NOT_NEW)
    connection.execute(STOOD)
    connection.unregister("taken_out")
    [(count,)] = connection.execute("SELECT count(*) FROM stood").fetchall()
    if count:
        connection.execute(CLEAR)
        connection.execute(PUT_BACK)
    return int(count)


def close_gate(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Leave out of a release in the making what it would say too much with; the report of it.

    What comes back for what is left out is judged with all the rest once more.
    """
    began = time.process_time()
    published = read_published_cells(connection)
    # what a place knows of itself says nothing of others where no territory has a figure
    said = published.values.filter(pl.col("valeur_min").is_not_null())["niveau"].unique()
    own = read_own(connection) if {*said} - {PLACE} else {}
    verdict, by_rule = decide(published, own, read_headlines(connection))
    found = report(verdict, by_rule, time.process_time() - began)
    told = verdict.left_out.select(by_rule.columns).with_columns(is_told=pl.lit(True))
    out = pl.concat([told, by_rule.with_columns(is_told=pl.lit(False))])
    if len(out) and take_out(connection, out):
        again = close_gate(connection)
        for tables in ("left_out", "not_drawn"):
            found[tables] += again[tables]
    return found


def count_left_out(release: Path) -> int:
    """Of a release that is written: how many tables say why they are empty."""
    with duckdb.connect(str(release.resolve()), read_only=True) as connection:
        [(count,)] = connection.execute(
            "SELECT count(DISTINCT (indicateur_id, niveau, territoire_id, periode, ventilation)) "
            "FROM valeurs WHERE motif IN (?, ?)", [LEFT_OUT, NOT_DRAWN],
        ).fetchall()  # fmt: skip
    return int(count)
