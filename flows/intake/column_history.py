"""What the columns of a source have shown, delivery by delivery: counts of signs, no cell."""

from collections import Counter

import duckdb

from flows.intake.columns import Columns
from flows.intake.landing import Batch
from flows.intake.signs import Signs
from flows.sources import Source

REMEMBERED = (
    "D", "M", "Y", "DM", "DY", "MY", "DMY", "comma", "point", "COMMA", "POINT", "one,", "one.",
    "hours", "clock", "above", "some", "known", "unknown",
)  # fmt: skip
"""The signs that say something of a later delivery."""


def what_others_showed(
    connection: duckdb.DuckDBPyConnection, batch: Batch
) -> dict[tuple[str, str], Signs]:
    """Column and header → how many cells of other deliveries of the source had each sign."""
    found: dict[tuple[str, str], Signs] = {}
    rows = connection.execute(
        "SELECT field, header, sign, CAST(sum(cells) AS BIGINT) FROM ledger.column_sign "
        "WHERE place_id = ? AND source_id = ? AND batch_id <> ? GROUP BY ALL",
        [batch.place_id, batch.source_id, batch.batch_id],
    )
    for field, header, sign, cells in rows.fetchall():
        found.setdefault((field, header), Counter())[sign] = cells
    return found


def learn_from(
    known: duckdb.DuckDBPyConnection, connection: duckdb.DuckDBPyConnection, source: Source,
    place_id: str,
) -> None:  # fmt: skip
    """Let a warehouse know what another one knows of the columns of a source."""
    rows = known.execute(
        "SELECT * FROM ledger.column_sign WHERE place_id = ? AND source_id = ?",
        [place_id, source.id],
    )
    connection.register("known_signs", rows.pl().to_arrow())
    connection.execute("INSERT INTO ledger.column_sign SELECT * FROM known_signs")
    connection.unregister("known_signs")


def remember_columns(connection: duckdb.DuckDBPyConnection, batch: Batch, columns: Columns) -> None:
    """Keep what this delivery showed, in place of what an earlier reading of it did."""
    connection.execute("DELETE FROM ledger.column_sign WHERE batch_id = ?", [batch.batch_id])
    for column in columns.columns.values():
        for sign in REMEMBERED:
            is_of_machine = sign == "point" and not column.is_text
            if (cells := column.seen[sign]) and not is_of_machine:
                connection.execute(
                    "INSERT INTO ledger.column_sign VALUES (?, ?, ?, ?, ?, ?, ?)",
                    [batch.batch_id, batch.place_id, batch.source_id, column.name, column.header,
                     sign, cells],
                )  # fmt: skip
