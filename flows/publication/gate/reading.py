"""What the gate reads: a release that is written, and what its places know of themselves."""

from collections.abc import Iterator

import duckdb
import polars as pl

from flows.publication.gate.cells import (
    KEY,
    MINORS,
    MINORS_TOGETHER,
    Published,
    Thresholds,
)
from flows.publication.gate.known import COUNTS, OF_KNOWN_BASE, QUOTIENTS, TIES

VALUES = """
    SELECT v.*, f.denominator AS base
    FROM release.valeurs AS v
    LEFT JOIN registry.breakdown AS b ON b.label_fr = v.ventilation
    LEFT JOIN indicator.value AS f
        ON
            f.indicator_id = v.indicateur_id
            AND f.scope_type = CASE v.niveau
                WHEN 'lieu' THEN 'place' WHEN 'reseau' THEN 'network'
                WHEN 'portefeuille' THEN 'portfolio' ELSE v.niveau END
            AND f.scope_id = CASE v.niveau
                WHEN 'lieu' THEN v.territoire_id WHEN 'reseau' THEN 'network'
                WHEN 'portefeuille' THEN 'portfolio:' || v.territoire_id
                ELSE v.niveau || ':' || v.territoire_id END
            AND replace(f.period_id, 'convention:', '') = v.periode
            AND f.breakdown = b.breakdown
            AND f.category = 'all'
            AND f.indicator_id IN ('coworking_occupancy_rate', 'reach_per_1000')
"""
"""The values, and what everybody can find out: seats that are offered, inhabitants."""
MEMBERS = """
    SELECT 'departement/' || departement_code AS scope, 'lieu/' || lieu_id AS place
    FROM release.lieux
    UNION ALL
    SELECT 'reseau/reseau' AS scope, 'lieu/' || lieu_id AS place FROM release.lieux
    UNION ALL
    SELECT 'portefeuille/' || portefeuille_id AS scope, 'lieu/' || lieu_id AS place
    FROM release.portefeuilles
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


def read_published(connection: duckdb.DuckDBPyConnection) -> Published:
    """Of a connection to a warehouse in which a release is attached as `release`."""
    row = connection.execute(
        "SELECT count_step, cases, coarse_cases, coarse_points, people FROM registry.policy"
    ).fetchone()
    assert row is not None
    return Published(
        connection.execute(VALUES).pl(),
        connection.execute(MEMBERS).pl(),
        Thresholds(*(int(number) for number in row)),
    )


def read_headlines(connection: duckdb.DuckDBPyConnection) -> frozenset[str]:
    rows = connection.execute("SELECT indicateur_id FROM release.indicateurs WHERE phare")
    return frozenset(name for (name,) in rows.fetchall())


def read_own(connection: duckdb.DuckDBPyConnection) -> dict[str, pl.DataFrame]:
    """The exact figures of each place, as KEY and `exact`."""
    figures = pl.concat(exact_parts(connection.execute(OWN).pl()))
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
