"""From exact cells to rounded ones: the steps that a connection takes when it writes a release.

They are views of that connection, so that no exact cell and no draw is kept anywhere.
"""

from pathlib import Path

import duckdb

from flows.sql_files import read_sql_file

STEPS = ("published_cell", "rounded_cell")
"""Files of `sql/rounding`, each after the one that it reads."""


def step_file(sql: Path, step: str) -> Path:
    return sql / "rounding" / f"{step}.sql"


def as_view(step: str, select: str) -> str:
    return f"CREATE OR REPLACE TEMP VIEW {step} AS {select}"


def let_round(connection: duckdb.DuckDBPyConnection, sql: Path) -> None:
    """Let SQL on this connection read `rounded_cell`; it can draw already."""
    for step in STEPS:
        connection.execute(as_view(step, read_sql_file(step_file(sql, step)).select))
