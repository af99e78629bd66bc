"""Write the release from the warehouse, then switch what readers see.

A release is a new file in a folder of its own; `current.duckdb` is a link that moves in one step,
so that no reader ever sees half a release. The file is called like the link: DuckDB names a
database after the file that it opens, and what a tool knows it by must not change every night.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import polars as pl

from flows.errors import ConfigurationError
from flows.language import _
from flows.publication.gate.edge import close_gate
from flows.publication.gate.report import keep
from flows.publication.moved import columns_of, compare_releases, moved_figures
from flows.publication.once import let_publish
from flows.publication.rounding import let_round
from flows.publication.secret import are_all_invented, drawn_by, let_draw, secret_for
from flows.settings import TIME_ZONE, Settings
from flows.sql_files import read_sql_file
from flows.whole_files import flush, written_whole

KEPT_RELEASES = 10
FOR_EVERYBODY = 0o644
MEMORY_LIMIT = "2GB"
"""As of a build: beyond, DuckDB goes on in the scratch folder."""
PREFIX = "release-"
RELEASE_VERSION = "7"
"""Of the structure of this file, which says it of itself as `version_schema`."""
STORAGE_VERSION = "v1.0.0"
"""Every DuckDB from 1.0 on opens it; there are no keys in the tables for the same reason."""
TABLE, DESCRIPTION = "Nom de la table.", "Ce que c'est."
READ_ME = {
    "objet": TABLE,
    "description": DESCRIPTION,
    "exemple": "Une question qu'on peut lui poser, en SQL.",
}
COLUMNS = {"objet": TABLE, "colonne": "Nom de la colonne.", "description": DESCRIPTION}


@dataclass(frozen=True)
class PublishedTable:
    """One table that funders see, with a comment for it and for each of its columns."""

    name: str
    comment: str
    columns: dict[str, str]
    select: str
    example: str | None = None
    """A question to it, in SQL."""
    question: int | None = None
    """Which of the seven questions of funders the example answers."""
    first_line: int = 1
    """The line of its file on which the SELECT begins."""

    @property
    def reads(self) -> set[str]:
        """The published tables that it is made from."""
        return set(re.findall(r"\brelease\.(\w+)", self.select))

    @property
    def compares(self) -> bool:
        """Is it made from what is other than in the release before?"""
        return "moved_figure" in self.select

    @property
    def reads_the_release(self) -> bool:
        """Is it made from what is published, and so knows nothing of what is not?"""
        made = r"\b(new_value|standing_value|drawn_figure)\b"
        return bool(self.reads or re.search(made, self.select))


ABOUT = (
    PublishedTable(
        "LISEZMOI",
        "Commencez ici ; .mode line montre tout. Les tables de ce fichier, avec une question à "
        "chacune en SQL ; d'abord celles qui répondent aux questions des financeurs.",
        READ_ME,
        "",
        "SELECT exemple FROM LISEZMOI WHERE objet = 'lots'",
    ),
    PublishedTable("colonnes", "Les colonnes de chaque table.", COLUMNS, ""),
)
"""What the file says of itself, beside what `sql/published` puts there."""


def read_published(folder: Path) -> list[PublishedTable]:
    """The published tables of a folder, each after those that it is made from; last, the one that
    compares them with those of the release before."""
    tables = []
    for file in sorted(folder.glob("*.sql")):
        written = read_sql_file(file)
        header = written.header
        if header.keys() - {"example", "question"} != {"comment", "columns"}:
            raise ConfigurationError(
                _("the header has other keys than comment, example, question and columns"),
                where=str(file),
                remedy=_("describe the table in `comment`, each column in [columns]"),
            )
        tables.append(
            PublishedTable(
                file.stem,
                header["comment"],
                header["columns"],
                written.select,
                header.get("example"),
                header.get("question"),
                written.first_line,
            )
        )
    by_name = {table.name: table for table in tables}
    order = TopologicalSorter({table.name: sorted(table.reads) for table in tables})
    in_order = [by_name[name] for name in order.static_order()]
    return sorted(in_order, key=lambda table: table.compares)


def release_file(settings: Settings, release_id: str) -> Path:
    return settings.published / f"{PREFIX}{release_id}" / settings.current_release.name


def write_release(settings: Settings, release_id: str) -> Path:
    """The public file, complete and closed; it is not what readers see yet."""
    return write_compared(settings, release_id)[0]


def write_compared(
    settings: Settings, release_id: str, revised: pl.DataFrame | None = None
) -> tuple[Path, pl.DataFrame]:
    """The public file, and one row a figure that is other than in what readers see: see `moved`.

    `revised` are rows that stand from now on for published ones.
    """
    file = release_file(settings, release_id)
    file.parent.mkdir(parents=True, exist_ok=True)
    tables = read_published(settings.sql / "published")
    with writing(settings, file, FOR_EVERYBODY) as connection:
        let_publish(connection, settings.sql, revised)
        if has_former := settings.current_release.exists():
            attach(connection, settings.current_release, "former", "READ_ONLY")
        for table in tables:
            if table.compares:
                compare_releases(connection, has_former)
            write_table(connection, table)
            if table.name == "valeurs":  # before another table is made from it
                keep(settings.home, close_gate(connection))
        write_about(connection, tables)
        return file, moved_figures(connection)


@contextlib.contextmanager
def writing(settings: Settings, file: Path, mode: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """As `drawing`, where `release` is a new file, which has its name when it is whole."""
    with written_whole(file) as unfinished, drawing(settings) as connection:
        unfinished.unlink()  # to DuckDB, an empty file is no database
        attach(connection, unfinished, "release", f"STORAGE_VERSION '{STORAGE_VERSION}'")
        yield connection
        connection.execute("USE memory")
        connection.execute("DETACH release")
        unfinished.chmod(mode)


@contextlib.contextmanager
def drawing(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the warehouse, and can draw and round."""
    with contextlib.closing(duckdb.connect(":memory:")) as connection:
        connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
        connection.execute("SET temp_directory = ?", [str(settings.scratch)])
        connection.execute(f"SET memory_limit = '{MEMORY_LIMIT}'")
        attach(connection, settings.warehouse, "warehouse", "READ_ONLY")
        connection.execute("USE warehouse")
        let_draw(connection, secret_of(connection, settings))
        let_round(connection, settings.sql)
        yield connection


def write_table(connection: duckdb.DuckDBPyConnection, table: PublishedTable) -> None:
    select = table.select
    if table.compares and tells_the_same(connection, table):
        select = f"FROM former.{table.name}"
    connection.execute(f"CREATE TABLE release.{table.name} AS {select}")
    write_comments(connection, table)


def tells_the_same(connection: duckdb.DuckDBPyConnection, table: PublishedTable) -> bool:
    """Is no figure other than in the release before, which tells what was other last?"""
    there = connection.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = 'former' AND table_name = ? "
        "AND NOT EXISTS (FROM moved_figure)", [table.name],
    ).fetchall()  # fmt: skip
    return bool(there) and columns_of(connection, f"former.{table.name}") == {*table.columns}


def secret_of(connection: duckdb.DuckDBPyConnection, settings: Settings) -> str:
    """The secret of the network whose warehouse is open."""
    if are_all_invented(connection):
        return secret_for(settings, True, [])
    return secret_for(settings, False, [*fingerprints(settings), *drawn_by(connection)])


def fingerprints(settings: Settings) -> list[str]:
    """Of the secrets by which the kept releases were rounded, the newest last."""
    found = []
    for file in releases(settings):
        with (
            contextlib.suppress(duckdb.Error, ValueError),
            duckdb.connect(str(file), read_only=True) as old,
        ):
            found += old.execute("SELECT empreinte_secret FROM publication").fetchall()
    return [name for (name,) in found]


def write_about(connection: duckdb.DuckDBPyConnection, tables: list[PublishedTable]) -> None:
    """`LISEZMOI` and `colonnes`: what each table and column is, as rows of a table."""
    described = [*ABOUT[:1], *sorted([*ABOUT[1:], *tables], key=in_reading_order)]
    write_rows(
        connection, ABOUT[0], [(table.name, table.comment, table.example) for table in described]
    )
    write_rows(
        connection, ABOUT[1],
        [(t.name, name, text) for t in described for name, text in t.columns.items()],
    )  # fmt: skip
    for table in ABOUT:
        write_comments(connection, table)


def in_reading_order(table: PublishedTable) -> tuple[bool, int, bool, str]:
    """What answers the questions of funders, what proposes another, and the rest by name."""
    return table.question is None, table.question or 0, table.example is None, table.name


def write_rows(
    connection: duckdb.DuckDBPyConnection,
    table: PublishedTable,
    rows: Sequence[tuple[str | None, ...]],
) -> None:
    declared = ", ".join(f"{name} VARCHAR" for name in table.columns)
    connection.execute(f"CREATE TABLE release.{table.name} ({declared})")
    marks = ", ".join(["(?, ?, ?)"] * len(rows))
    connection.execute(
        f"INSERT INTO release.{table.name} VALUES {marks}", [cell for row in rows for cell in row]
    )


def write_comments(connection: duckdb.DuckDBPyConnection, table: PublishedTable) -> None:
    comment(connection, f"TABLE release.{table.name}", table.comment)
    for column, sentence in table.columns.items():
        comment(connection, f"COLUMN release.{table.name}.{column}", sentence)


def comment(connection: duckdb.DuckDBPyConnection, what: str, sentence: str) -> None:
    quoted = sentence.replace("'", "''")
    connection.execute(f"COMMENT ON {what} IS '{quoted}'")


def attach(connection: duckdb.DuckDBPyConnection, file: Path, name: str, option: str) -> None:
    quoted = str(file).replace("'", "''")
    connection.execute(f"ATTACH '{quoted}' AS {name} ({option})")


def make_current(settings: Settings, file: Path) -> None:
    """Move `current.duckdb` to a release in one step; keep this one and the last of the others."""
    link = settings.published / "current.duckdb.part"
    link.unlink(missing_ok=True)
    link.symlink_to(file.relative_to(settings.published))
    os.replace(link, settings.current_release)
    flush(settings.published)
    # where the clock went back, what readers see now is not the newest
    for old in [one for one in releases(settings) if one != file][: 1 - KEPT_RELEASES]:
        drop_release(old)


def releases(settings: Settings) -> list[Path]:
    """The files of the releases that are kept, the newest last."""
    folders = settings.published.glob(f"{PREFIX}*/{settings.current_release.name}")
    before_folders = settings.published.glob(f"{PREFIX}*.duckdb")
    return sorted([*folders, *before_folders], key=lambda file: file.stat().st_mtime_ns)


def drop_release(file: Path) -> None:
    """Take a release away; it may be gone already."""
    if file.parent.name.startswith(PREFIX):
        shutil.rmtree(file.parent, ignore_errors=True)
    file.unlink(missing_ok=True)


def current_id(settings: Settings) -> str | None:
    """The release that readers see, if there is one."""
    if not settings.current_release.exists():
        return None
    return id_of(settings.current_release.resolve())


def id_of(file: Path) -> str:
    """A release is called like its folder; before it had one, like its file."""
    name = file.parent.name if file.parent.name.startswith(PREFIX) else file.stem
    return name.removeprefix(PREFIX)
