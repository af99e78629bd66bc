"""The release in the forms that people open: XLSX, CSV, Parquet, described as a data package.

All is made from the release alone, and the same release gives the same bytes. `SHA256SUMS` comes
last: who finds it finds all that it names.
"""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from flows.errors import ConfigurationError, reason
from flows.language import _
from flows.publication.query import LOCKED_DOWN
from flows.publication.workbook import workbook
from flows.settings import Settings
from flows.whole_files import flush, written_whole

RELEASE, WORKBOOK, PACKAGE, SUMS = (
    "publication.duckdb", "publication.xlsx", "datapackage.json", "SHA256SUMS",
)  # fmt: skip
FOR_EVERYBODY = 0o644
TYPES = {
    "VARCHAR": "string", "BIGINT": "integer", "INTEGER": "integer", "DOUBLE": "number",
    "DECIMAL": "number", "DATE": "date", "TIMESTAMP": "datetime", "BOOLEAN": "boolean",
}  # fmt: skip
"""Type in the release → type of Frictionless."""
FORMULA = r"^\s*[=+\-@]"


def share_release(settings: Settings, folder: Path) -> list[Path]:
    """Write the current release into a folder in all its forms; the files, `SHA256SUMS` last.

    All are written beside before the first one is replaced, each in one step. Raises
    ConfigurationError where there is no release, or where the folder cannot be written: then a
    former release stays as it is.
    """
    if not settings.current_release.exists():
        raise ConfigurationError(
            _("there is no release yet"),
            where=str(settings.published),
            remedy=_("run `impact run`"),
        )
    file = settings.current_release.resolve()
    try:
        with contextlib.closing(
            duckdb.connect(str(file), read_only=True, config=LOCKED_DOWN)
        ) as release:
            return replace_all(release, file, folder)
    except OSError as fault:
        raise ConfigurationError(
            _("the release cannot be shared there ({reason})").format(reason=reason(fault)),
            where=str(folder),
            remedy=_("make room there, or give this user the right to write"),
        ) from fault


def replace_all(release: duckdb.DuckDBPyConnection, file: Path, folder: Path) -> list[Path]:
    """Raises OSError, before anything of a former release was touched."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".", suffix=".part") as name:
        beside = Path(name)
        written = write_all(release, file, beside)
        there = {one: folder / one.relative_to(beside) for one in written}
        for own in there.values():
            own.parent.mkdir(exist_ok=True)
        (folder / SUMS).unlink(missing_ok=True)
        for one, own in there.items():
            os.replace(one, own)
    flush(folder)
    return list(there.values())


def write_all(release: duckdb.DuckDBPyConnection, file: Path, folder: Path) -> list[Path]:
    """Raises OSError."""
    tables = {
        name: release.table(name).pl()
        for (name,) in release.execute(
            "SELECT table_name FROM duckdb_tables() ORDER BY 1"
        ).fetchall()
    }
    written = [
        put(folder / RELEASE, lambda path: shutil.copyfile(file, path)),
        put(folder / WORKBOOK, lambda path: path.write_bytes(workbook(release))),
    ]
    for name, table in tables.items():
        plain, french = folder / "csv" / f"{name}.csv", folder / "csv-excel" / f"{name}.csv"
        written += [
            put(plain, table.write_csv),
            put(french, partial(write_french_csv, table)),
            put(folder / "parquet" / f"{name}.parquet", table.write_parquet),
        ]
    package = json.dumps(package_of(release, folder, tables), ensure_ascii=False, indent=2)
    written.append(put(folder / PACKAGE, lambda path: path.write_text(package + "\n", "utf-8")))
    sums = "".join(f"{sha256(one)}  {one.relative_to(folder).as_posix()}\n" for one in written)
    return [*written, put(folder / SUMS, lambda path: path.write_text(sums, "utf-8"))]


def put(file: Path, write: Callable[[Path], Any]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with written_whole(file) as unfinished:
        write(unfinished)
        unfinished.chmod(FOR_EVERYBODY)
    return file


def write_french_csv(table: pl.DataFrame, file: Path) -> None:
    """As a French Excel opens it by a double click: no text becomes a formula."""
    text = pl.col(pl.String)
    table = table.with_columns(
        pl.when(text.str.contains(FORMULA)).then("'" + text).otherwise(text).name.keep()
    )
    table.write_csv(
        file, include_bom=True, separator=";", decimal_comma=True, line_terminator="\r\n"
    )


def package_of(
    release: duckdb.DuckDBPyConnection, folder: Path, tables: dict[str, pl.DataFrame]
) -> dict[str, Any]:
    """A Frictionless data package of the CSV files."""
    [about] = release.table("publication").pl().to_dicts()
    said = release.execute("SELECT table_name, comment FROM duckdb_tables()").fetchall()
    return {
        "name": "impact-tiers-lieux",
        "id": about["publication_id"],
        "title": "Impact des tiers-lieux",
        "description": about["avertissement"],
        "created": about["calculee_au"].isoformat(),
        "licenses": [{"name": "etalab-2.0", "title": about["licence"]}],
        "resources": [
            resource(release, folder, name, description)
            for name, description in sorted(said)
            if name in tables
        ],
    }


def resource(
    release: duckdb.DuckDBPyConnection, folder: Path, name: str, description: str
) -> dict[str, Any]:
    file = folder / "csv" / f"{name}.csv"
    columns = release.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() WHERE table_name = ? "
        "ORDER BY column_index", [name],
    ).fetchall()  # fmt: skip
    fields = [
        {"name": column, "type": TYPES[kind.partition("(")[0]], "description": comment}
        for column, kind, comment in columns
    ]
    return {
        "name": name.lower(),
        "path": f"csv/{name}.csv",
        "description": description,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": file.stat().st_size,
        "hash": f"sha256:{sha256(file)}",
        "schema": {"fields": fields},
    }


def sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
