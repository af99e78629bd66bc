"""The release itself, for whoever wants to compute: files, recipes, questions and answers."""

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from flows.language import N_
from flows.publication.share import sha256, write_french_csv
from flows.site.parts import Maker
from flows.site.read import Release, rows

FOLDER = "donnees"
RELEASE = "publication.duckdb"
FOR_EXCEL = (
    "visites_mois", "personnes_annee", "emplois_annee", "suivi_objectifs", "lieux", "indicateurs",
    "calendrier",
)  # fmt: skip
"""The tables that a double click opens; the others are in the release."""
SHOWN_ROWS = 10
ASKED = "FROM LISEZMOI WHERE exemple IS NOT NULL AND objet <> 'LISEZMOI'"


def write_data(release: Release, folder: Path) -> list[dict[str, Any]]:
    """Write the release and its tables for Excel; name, size and SHA-256 of each.

    Raises OSError.
    """
    (folder / FOLDER).mkdir()
    shutil.copyfile(release.file, folder / FOLDER / RELEASE)
    for name in FOR_EXCEL:
        table = release.connection.table(name).pl()
        write_french_csv(table, folder / FOLDER / f"{name}.csv")
    said = {row["objet"]: row["description"] for row in rows(release.connection, "FROM LISEZMOI")}
    said[Path(RELEASE).stem] = ""  # the table of this name is one of those in it
    files = [folder / FOLDER / name for name in (RELEASE, *(f"{name}.csv" for name in FOR_EXCEL))]
    return [
        {
            "name": file.name, "href": f"{FOLDER}/{file.name}", "size": file.stat().st_size,
            "digest": sha256(file), "what": said[file.stem],
        }
        for file in files
    ]  # fmt: skip


def data_page(
    files: list[dict[str, Any]], answers: list[dict[str, Any]], make: Maker
) -> dict[str, Any]:
    words = make.words
    return {
        "title": words.say(N_("Data")),
        "files": [{**file, "bytes": words.shown(str(file["size"]))} for file in files],
        "recipes": RECIPES,
        "questions": [
            {**one, "rows": [cells_of(make, one["columns"], row) for row in one["rows"]]}
            for one in answers
        ],
    }


RECIPES = (
    ("DuckDB", 'duckdb -readonly publication.duckdb -c "FROM LISEZMOI"'),
    ("Python", 'import duckdb\nwith duckdb.connect("publication.duckdb", read_only=True) as p:\n'
               '    print(p.sql("FROM visites_mois"))'),
    ("R", 'p <- DBI::dbConnect(duckdb::duckdb(), "publication.duckdb", read_only = TRUE)\n'
          'DBI::dbGetQuery(p, "FROM visites_mois")'),
)  # fmt: skip


def questions(release: Release) -> Iterator[dict[str, Any]]:
    """The questions that the release proposes, and the first rows of what it answers."""
    for row in rows(release.connection, ASKED):
        answer = release.connection.execute(row["exemple"])
        names = [column[0] for column in answer.description or []]
        found = answer.fetchmany(SHOWN_ROWS + 1)
        yield {
            "table": row["objet"], "what": row["description"], "sql": row["exemple"],
            "columns": names, "rows": found[:SHOWN_ROWS], "more": len(found) > SHOWN_ROWS,
        }  # fmt: skip


def cells_of(make: Maker, columns: list[str], row: tuple[object, ...]) -> list[tuple[str, bool]]:
    return [shown(make, name, cell) for name, cell in zip(columns, row, strict=True)]


def shown(make: Maker, column: str, cell: object) -> tuple[str, bool]:
    """One cell of an answer as the pages write such things, and whether it is text."""
    words = make.words
    if cell is None:
        return "", False
    if isinstance(cell, bool):
        return words.say(N_("yes") if cell else N_("no")), True
    if isinstance(cell, int | float | Decimal):
        return str(cell) if column == "annee" else words.number(float(cell)), False
    return (words.day(cell), False) if isinstance(cell, date) else (str(cell), True)
