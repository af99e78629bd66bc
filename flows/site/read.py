"""What the pages need of a release: the small tables whole, the figures one territory at a time."""

import contextlib
import re
from collections.abc import Iterator, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from flows.errors import ConfigurationError
from flows.language import _
from flows.publication.query import LOCKED_DOWN, damaged
from flows.publication.release import RELEASE_VERSION
from flows.settings import TIME_ZONE
from flows.site.figures import COLUMNS, Figure, Figures

Row = dict[str, Any]
SMALL = {
    "indicateurs": "indicateur_id", "lieux": "nom, lieu_id", "portefeuilles": "nom, lieu_id",
    "financements": "debut, financement_id", "suivi_objectifs": "fin, objectif_id",
    "fraicheur": "lieu_id, source", "qualite": "lieu_id NULLS FIRST, controle, source",
    "ruptures": "lieu_id, rupture_le", "calendrier": "publiee_des, fin",
}  # fmt: skip
"""Table → its order on a page."""
FRUGAL = "SET threads = 1; SET memory_limit = '100MB'"
"""One page after the other needs no more."""
SAFE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
"""What can be the name of a page."""


@dataclass(frozen=True)
class Release:
    """An open release, and the tables of it that are small."""

    connection: duckdb.DuckDBPyConnection
    file: Path
    about: Row
    labels: dict[tuple[str, str], str]
    tables: dict[str, list[Row]]
    columns: dict[str, set[str]]
    """Table → its columns: what tells what has changed came later than the rest."""
    indicators: dict[str, Row] = field(default_factory=dict)

    def figures(self, level: str, territory: str) -> Figures:
        """Totals of months, years and grants, and the categories of years."""
        return Figures(self.select("niveau = ? AND territoire_id = ?", [level, territory]))

    def select(self, condition: str, parameters: list[str]) -> Iterator[Figure]:
        """Figures of `valeurs`; those of quarters are on no page."""
        revision = "coalesce(revision, 0)" if "revision" in self.columns["valeurs"] else "0"
        sql = (
            f"SELECT {COLUMNS}, {revision} FROM valeurs "
            f"WHERE granularite <> 'trimestre' AND {condition}"
        )
        rows = self.connection.execute(sql, parameters).fetchall()
        return map(Figure._make, rows)

    def where(self, table: str, **wanted: object) -> list[Row]:
        """The rows of a small table that have these values."""
        return [r for r in self.tables[table] if all(r[k] == v for k, v in wanted.items())]

    def last(self, kind: str, count: int) -> list[str]:
        """The last periods of a kind that any figure has; the latest last."""
        rows = self.connection.execute(
            "SELECT periode FROM valeurs WHERE granularite = ? GROUP BY ALL "
            "ORDER BY min(debut) DESC LIMIT ?", [kind, count],
        ).fetchall()  # fmt: skip
        return [period for (period,) in reversed(rows)]


@contextlib.contextmanager
def opened(file: Path) -> Iterator[Release]:
    """A release, read-only.

    Raises ConfigurationError where the file is no release, or one of another structure; ImpactError
    where it is damaged.
    """
    try:
        connection = duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN)
    except (duckdb.Error, ValueError) as fault:
        raise damaged(str(file)) from fault
    with contextlib.closing(connection):
        try:
            connection.execute(FRUGAL)
            connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
            yield read(connection, file)
        except (duckdb.IOException, duckdb.FatalException) as fault:
            raise damaged(str(file)) from fault


def read(connection: duckdb.DuckDBPyConnection, file: Path) -> Release:
    columns: dict[str, set[str]] = {}
    sql = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal"
    for table, column in connection.execute(sql).fetchall():
        columns.setdefault(table, set()).add(column)
    refuse_other(connection, file, columns.keys())
    [about] = rows(connection, "FROM publication")
    labels = rows(connection, "FROM libelles ORDER BY liste, rang")
    tables = {
        name: rows(connection, f"FROM {name} ORDER BY {order}") for name, order in SMALL.items()
    }
    release = Release(
        connection, file, about, {(row["liste"], row["code"]): row["libelle"] for row in labels},
        tables, columns, {row["indicateur_id"]: row for row in tables["indicateurs"]},
    )  # fmt: skip
    refuse_unsafe(release)
    return release


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    found = connection.execute(sql)
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def refuse_other(connection: duckdb.DuckDBPyConnection, file: Path, there: Set[str]) -> None:
    """Raises ConfigurationError where this is no release of the structure that the pages show."""
    try:
        [(version,)] = connection.execute("SELECT version_schema FROM publication").fetchall()
    except (duckdb.Error, ValueError) as fault:
        raise ConfigurationError(
            _("this is no release"),
            where=str(file),
            remedy=_("give the file that `impact run` published"),
        ) from fault
    if version == RELEASE_VERSION and {*SMALL, "valeurs", "libelles"} <= there:
        return
    raise ConfigurationError(
        _("its structure is {version}, and this program makes pages of {known}").format(
            version=version, known=RELEASE_VERSION
        ),
        where=str(file),
        remedy=_("run `impact run --again recompute`, or use the program that wrote it"),
    )


def refuse_unsafe(release: Release) -> None:
    """A name of the release becomes the name of a page: it leads nowhere else."""
    names = {str(row["lieu_id"]) for row in release.tables["lieux"]}
    names |= {str(row["portefeuille_id"]) for row in release.tables["portefeuilles"]}
    names |= {str(row["financement_id"]) for row in release.tables["financements"]}
    for name in sorted(names | release.indicators.keys()):
        if not SAFE_NAME.fullmatch(name):
            raise ConfigurationError(
                _("{name!r} cannot be the name of a page").format(name=name),
                where=str(release.file),
                remedy=_("give the file that `impact run` published"),
            )
