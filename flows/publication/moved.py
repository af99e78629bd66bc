"""Which published figures are others than in the release before."""

import contextlib
from pathlib import Path

import duckdb
import polars as pl

KEY = ["indicateur_id", "niveau", "territoire_id", "periode", "ventilation", "modalite"]
SHOWN = ["valeur", "diffusion", "statut", "etat", "version"]


def moved_figures(before: Path, after: Path) -> pl.DataFrame:
    """One row a figure that is other, new or gone; all that the first release shows is new."""
    with contextlib.closing(duckdb.connect(":memory:")) as connection:
        attach_figures(connection, "after", after)
        if before.exists():
            attach_figures(connection, "before", before)
        else:
            connection.execute("CREATE VIEW before AS SELECT * FROM after LIMIT 0")
        columns = columns_of(connection, "before") & columns_of(connection, "after")
        shown = [name for name in SHOWN if name in columns]
        other = " OR ".join(f"b.{name} IS DISTINCT FROM a.{name}" for name in shown)
        return connection.execute(f"""
            SELECT {", ".join(KEY)}, b.valeur AS avant, a.valeur AS apres,
                   b.diffusion AS diffusion_avant, a.diffusion AS diffusion_apres,
                   b.statut AS statut_avant, a.statut AS statut_apres,
                   b.version IS DISTINCT FROM a.version AS autre_definition
            FROM before AS b FULL JOIN after AS a USING ({", ".join(KEY)})
            WHERE {other}
            ORDER BY ALL
        """).pl()


def attach_figures(connection: duckdb.DuckDBPyConnection, name: str, file: Path) -> None:
    quoted = str(file.resolve()).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS {name}_file (READ_ONLY)")
    connection.execute(f"CREATE VIEW {name} AS FROM {name}_file.valeurs")


def columns_of(connection: duckdb.DuckDBPyConnection, view: str) -> set[str]:
    return {row[0] for row in connection.execute(f"DESCRIBE {view}").fetchall()}
