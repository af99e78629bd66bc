"""The operator's file: exact and running figures, readable by its owner alone.

Where the last build computed a few scopes, and the file shows the figures that stood before, their
rows alone are put in it, in a copy that takes its name when it is whole.
"""

import contextlib
import shutil
from pathlib import Path
from typing import Literal

import duckdb

from flows.publication.release import (
    ABOUT,
    STORAGE_VERSION,
    attach,
    drawing,
    read_published,
    write_about,
    write_table,
)
from flows.settings import Settings
from flows.whole_files import OWNER_ALONE, written_whole

FIGURES = "valeurs"
SHOWN = """
    SELECT
        (p.publication_id, CAST(r.as_of AS TIMESTAMP)) = (s.publication_id, s.calculee_au)
            AS is_now,
        (
            SELECT coalesce(list_contains(list(c.publication_id), s.publication_id), false)
            FROM registry.computed_after AS c
        ) AS is_before
    FROM release.publication AS s
    CROSS JOIN registry.publication AS p
    CROSS JOIN registry.run AS r
"""
"""Does the file show the figures of the last build, or those that stood before it?"""
COMPUTED = """
    CREATE SCHEMA memory.indicator;
    CREATE VIEW memory.indicator.value AS SELECT * FROM warehouse.indicator.value
    WHERE scope_id IN (SELECT c.scope_id FROM warehouse.registry.computed_after AS c)
"""
LOOK = "SET search_path = 'memory.indicator,warehouse.indicator,warehouse.registry,warehouse.core'"
FORMER = f"""
    DELETE FROM release.{FIGURES} WHERE (niveau, territoire_id) IN (
        SELECT DISTINCT n.niveau, n.territoire_id FROM memory.main.computed AS n
    )
"""


def write_preview(settings: Settings) -> Path:
    """The preview of what the warehouse says now, and where it is."""
    published = read_published(settings.sql / "published")
    tables = [table for table in published if not table.reads_the_release]
    tables += read_published(settings.sql / "preview")
    with written_whole(settings.preview) as unfinished, drawing(settings) as connection:
        shown = copied(connection, settings.preview, unfinished)
        for table in tables:
            if shown and table.name == FIGURES:
                if shown == "before":
                    renew_figures(connection, table.select)
                continue
            connection.execute(f"DROP TABLE IF EXISTS release.{table.name}")
            write_table(connection, table)
        for about in ABOUT:
            connection.execute(f"DROP TABLE IF EXISTS release.{about.name}")
        write_about(connection, tables)
        connection.execute("USE memory")
        connection.execute("DETACH release")
    return settings.preview


def copied(
    connection: duckdb.DuckDBPyConnection, file: Path, unfinished: Path
) -> Literal["now", "before"] | None:
    """Attach the file to write: a copy, and of which build its figures are, or an empty one."""
    if file.exists() and computed_a_part(connection):
        shutil.copyfile(file, unfinished)
        with contextlib.suppress(duckdb.Error):
            attach(connection, unfinished, "release", f"STORAGE_VERSION '{STORAGE_VERSION}'")
            for is_now, is_before in connection.execute(SHOWN).fetchall():
                if is_now or is_before:
                    return "now" if is_now else "before"
        connection.execute("DETACH DATABASE IF EXISTS release")
    unfinished.unlink()  # to DuckDB, an empty file is no database
    attach(connection, unfinished, "release", f"STORAGE_VERSION '{STORAGE_VERSION}'")
    unfinished.chmod(OWNER_ALONE)  # before anything is in it
    return None


def computed_a_part(connection: duckdb.DuckDBPyConnection) -> bool:
    there = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'warehouse' "
        "AND schema_name = 'registry' AND table_name = 'computed_after'"
    ).fetchall()
    return bool(there)


def renew_figures(connection: duckdb.DuckDBPyConnection, select: str) -> None:
    """Put the rows of what was computed in the place of the former ones."""
    connection.execute(COMPUTED)
    connection.execute(LOOK)
    connection.execute(f"CREATE TABLE memory.main.computed AS {select}")
    connection.execute("USE warehouse")
    connection.execute(FORMER)
    connection.execute(f"INSERT INTO release.{FIGURES} FROM memory.main.computed")
