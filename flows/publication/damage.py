"""Is a release what was written, and what stands for it where it is not?"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from flows.language import _
from flows.publication.release import current_id, id_of, make_current, releases
from flows.settings import Settings


def read_to_the_end(connection: duckdb.DuckDBPyConnection) -> None:
    """Read all rows of all tables: DuckDB compares each block that it reads with its checksum.

    Raises duckdb.Error where one is not what was written.
    """
    tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
    for schema, table in tables:
        connection.execute(f'SELECT bit_xor(hash(t)) FROM "{schema}"."{table}" AS t').fetchone()


def is_damaged(file: Path) -> bool:
    """Is this release, which nobody writes to, not what was written?"""
    try:
        with duckdb.connect(str(file), read_only=True) as connection:
            read_to_the_end(connection)
    except (duckdb.Error, ValueError):  # a damaged name is no text
        return True
    return False


def replace_damaged(settings: Settings, published: Sequence[str]) -> str:
    """Let readers see the last good release where the current one is damaged; what was done.

    `published` are the releases that readers have seen, the latest first. Where none is good, there
    is no current release until the next one.
    """
    damaged = current_id(settings)
    if damaged is None or not is_damaged(settings.current_release.resolve()):
        return ""
    kept = {id_of(file): file for file in releases(settings)}
    for release_id in published:
        file = kept.get(release_id)
        if release_id != damaged and file and not is_damaged(file):
            make_current(settings, file)
            return _("The release {damaged} is damaged: {good} stands for it.").format(
                damaged=damaged, good=release_id
            )
    settings.current_release.unlink()
    return _("The release {damaged} is damaged, and no other is left.").format(damaged=damaged)
