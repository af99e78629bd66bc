"""Published values against the records of now: which are outside their bounds."""

import duckdb
import polars as pl

OUTSIDE = """
    SELECT s.indicateur_id, s.niveau, s.territoire_id, s.periode, s.ventilation, s.modalite
    FROM standing_value AS s
    INNER JOIN drawn_figure AS d
        USING (indicateur_id, niveau, territoire_id, periode, ventilation, modalite, version)
    WHERE d.is_sure AND s.diffusion <> 'retiree' AND (
        -- a thousandth is what the bounds are rounded to
        s.valeur_min IS NOT NULL AND (
            d.exact IS NULL
            OR d.exact < s.valeur_min - 0.001
            OR d.exact > coalesce(s.valeur_max, CAST('infinity' AS DOUBLE)) + 0.001
        )
        OR s.valeur_min IS NULL AND d.is_shown
    )
    ORDER BY ALL
"""
"""A value stays while the truth lies within its bounds; what cannot be told now is not outside."""


def outside(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    """The cells of `standing_value` that `drawn_figure` says otherwise."""
    return connection.execute(OUTSIDE).pl()
