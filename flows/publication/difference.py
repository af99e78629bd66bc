"""Two releases compared, figure by figure: for who runs the network, or received both."""

from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl

from flows.errors import ConfigurationError
from flows.language import _
from flows.publication.moved import KEY, columns_of, seen_in_both
from flows.publication.release import attach, current_id, id_of, releases
from flows.settings import Settings

KINDS = ("withdrawn", "revised", "redefined", "published", "gone", "new", "other")
"""Taken back; drawn anew; by another definition; shown for the first time; in the first release
alone; in the second alone, and without a value; anything else."""
COMPARED = """
    SELECT
        m.indicateur_id, m.niveau, m.territoire_id, m.periode, m.ventilation, m.modalite,
        CASE
            WHEN m.is_revised AND m.diffusion_apres = 'retiree' THEN 'withdrawn'
            WHEN m.is_revised THEN 'revised'
            WHEN m.statut_apres IS NULL THEN 'gone'
            WHEN m.version_avant <> m.version_apres THEN 'redefined'
            WHEN m.apres_shown IS NOT NULL AND m.avant_shown IS NULL THEN 'published'
            WHEN m.statut_avant IS NULL THEN 'new'
            ELSE 'other'
        END AS kind,
        coalesce(m.avant_shown, m.diffusion_avant) AS avant,
        coalesce(m.apres_shown, m.diffusion_apres) AS apres,
        m.apres - m.avant AS ecart,
        {reason} AS raison
    FROM (
        SELECT *, coalesce(affichage_avant, CAST(avant AS VARCHAR)) AS avant_shown,
               coalesce(affichage_apres, CAST(apres AS VARCHAR)) AS apres_shown
        FROM moved
    ) AS m
    ORDER BY list_position({kinds}, kind), m.indicateur_id, m.niveau, m.territoire_id, m.debut,
             m.fin, m.ventilation, m.modalite
"""
REASON = """(
    SELECT max_by(r.raison, (r.version, r.revision)) FROM release.revisions AS r
    WHERE (m.is_revised OR m.version_avant <> m.version_apres)
        AND (r.indicateur_id, r.niveau, r.territoire_id, r.periode, r.ventilation, r.modalite)
        = (m.indicateur_id, m.niveau, m.territoire_id, m.periode, m.ventilation, m.modalite)
)"""


def find_release(settings: Settings, name: str) -> Path:
    """That of the releases that are kept, or the file of somebody else, or `current`.

    Raises ConfigurationError where there is none of that name.
    """
    kept = {id_of(file): file for file in releases(settings)}
    found = kept.get(str(current_id(settings)) if name == "current" else name, Path(name))
    if found.is_file():
        return found
    raise ConfigurationError(
        _("there is no such release"),
        where=name,
        remedy=_("known are: {known}").format(known=", ".join(kept) or "–"),
    )


def differences(first: Path, second: Path) -> pl.DataFrame:
    """One row a figure that is other in the second: KEY, `kind` of KINDS, `avant` and `apres` as
    they are written, `ecart` and `raison` where the second says it.

    Raises ConfigurationError for a file that is no release.
    """
    with closing(duckdb.connect(":memory:")) as connection:
        for file, name in ((first, "former"), (second, "release")):
            attach_release(connection, file, name)
        connection.execute("SET enable_external_access = false")
        made = seen_in_both(connection, "former.valeurs")
        connection.execute(f"CREATE TEMP TABLE moved AS {made}")
        tells = "release.revisions" in tables_of(connection)
        query = COMPARED.format(reason=REASON if tells else "NULL", kinds=[*KINDS])
        return connection.execute(query).pl()


def attach_release(connection: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    """Raises ConfigurationError where it has no figures as a release has them."""
    try:
        attach(connection, file.resolve(), name, "READ_ONLY")
        is_release = f"{name}.valeurs" in tables_of(connection) and {*KEY} <= columns_of(
            connection, f"{name}.valeurs"
        )
    except (duckdb.Error, ValueError):
        is_release = False
    if not is_release:
        raise ConfigurationError(
            _("this is no release, or it is damaged"),
            where=str(file),
            remedy=_("give the id of a release, or its file current.duckdb"),
        )


def tables_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute("SELECT database_name || '.' || table_name FROM duckdb_tables()")
    return {name for (name,) in rows.fetchall()}
