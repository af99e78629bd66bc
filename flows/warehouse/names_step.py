"""The step to version 7: names of files and sheets leave the ledger of an older program."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl

from flows.settings import Settings
from flows.shown_names import name_digest, shown_file
from flows.whole_files import written_whole

SHEET_NUMBER = (
    "CASE WHEN q.sheet = '' THEN '' ELSE 'n° ' || CAST(dense_rank() OVER "
    "(PARTITION BY q.batch_id ORDER BY q.sheet) AS VARCHAR) END"
)
QUOTED = r"""(?:'[^']*'|"[^"]*")"""
A_SHEET = re.compile(
    rf"((?:sheet|feuille)[^'\"]*?){QUOTED}(?:, {QUOTED})*|(the sheets are: |les feuilles sont : ).*"
)
"""Where a sentence of before names sheets."""


def names_in_names(connection: duckdb.DuckDBPyConnection, settings: Settings) -> None:
    """To version 7: of the names of files and sheets only what may be shown.

    What the TOML declared then is not known: all but a pull of our own gets a number. The names of
    files stand beside their bytes; those of sheets are put there where bytes are left.
    """
    put_sheets_beside_bytes(connection, settings.landing)
    batches = connection.execute("SELECT batch_id, place_id, file_name FROM ledger.batch").pl()
    shown = {name: shown_file(file, "", name) for name, _place, file in batches.iter_rows()}
    files = {name: file for name, _place, file in batches.iter_rows()}
    keyed = {place: keyed_hash(settings.key_file(place)) for place in batches["place_id"].unique()}
    digests = [
        hashed and name_digest(file, hashed)
        for _name, place, file in batches.iter_rows()
        for hashed in [keyed[place]]
    ]
    told = batches.select("batch_id", pl.Series("shown", [*shown.values()], pl.String))
    told = told.with_columns(pl.Series("name_digest", digests, pl.String))
    connection.register("told", told.to_arrow())
    connection.execute(
        "UPDATE ledger.batch AS b SET file_name = t.shown FROM told AS t "
        "WHERE t.batch_id = b.batch_id"
    )
    # DuckDB does not commit an ALTER of a table that the same transaction has written to
    connection.execute(
        f"""
        CREATE TABLE ledger.quarantine_now AS
        SELECT q.* REPLACE (coalesce(t.shown, '') AS file_name, {SHEET_NUMBER} AS sheet),
               t.name_digest
        FROM ledger.quarantine AS q LEFT JOIN told AS t ON t.batch_id = q.batch_id
        ORDER BY q.rowid
        """
    )
    connection.unregister("told")
    connection.execute("DROP TABLE ledger.quarantine")
    connection.execute("ALTER TABLE ledger.quarantine_now RENAME TO quarantine")
    reasons = "SELECT attempt_id, batch_id, reason FROM ledger.attempt WHERE outcome = 'refused'"
    for attempt_id, batch_id, reason_told in connection.execute(reasons).fetchall():
        said = reason_told.replace(files.get(batch_id, "\0"), shown.get(batch_id, ""))
        connection.execute(
            "UPDATE ledger.attempt SET reason = ? WHERE attempt_id = ?",
            [A_SHEET.sub(r"\1\2…", said), attempt_id],
        )


def put_sheets_beside_bytes(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    rows = connection.execute(
        f"SELECT DISTINCT q.place_id, q.source_id, q.batch_id, {SHEET_NUMBER}, q.sheet "
        "FROM ledger.quarantine AS q WHERE q.sheet <> ''"
    ).fetchall()
    for place_id, source_id, batch_id in {row[:3] for row in rows}:
        folder = landing / place_id / source_id / batch_id
        if folder.exists():
            names = {shown: sheet for *ids, shown, sheet in rows if ids[2] == batch_id}
            with written_whole(folder / "names.json") as unfinished:
                unfinished.write_text(json.dumps(names, ensure_ascii=False))


def keyed_hash(key_file: Path) -> Callable[[str], str] | None:
    """As `flows.intake.pseudonym` makes it; None where the key is not there, or damaged."""
    try:
        key = bytes.fromhex(key_file.read_text().strip())
    except (OSError, ValueError):
        return None
    return lambda text: hmac.new(key, f"v1|lieu|{text}".encode(), hashlib.sha256).hexdigest()[:32]
