"""Where what was landed names somebody: read once more, as it was read to be loaded."""

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

import duckdb
import polars as pl

from flows import connectors
from flows.errors import ImpactError
from flows.intake.column_history import what_others_showed
from flows.intake.columns import ReadOtherwise, columns_of
from flows.intake.forgotten import IsOf
from flows.intake.landing import Batch
from flows.intake.mapping import Mapped, map_rows
from flows.intake.pseudonym import Pseudonym
from flows.intake.shared_addresses import Addresses, known_addresses
from flows.places import Place
from flows.records import Page
from flows.shown_names import shown_sheet
from flows.sources import Source

SEEN = {"sheet": pl.String, "row_number": pl.Int64, "record_id": pl.String,
        "person_key": pl.String, "is_theirs": pl.Boolean}  # fmt: skip


@dataclass
class Mentions:
    """What landed of a place, and what of it names who is looked for."""

    batches: list[Batch] = field(default_factory=list)
    unreadable: list[Batch] = field(default_factory=list)
    """What cannot be read could name anybody."""
    rows: set[tuple[str, str, int]] = field(default_factory=set)
    """Batch, sheet as it is shown, number of the row."""
    records: set[tuple[str, str]] = field(default_factory=set)
    """Source, and the number that it gives the record."""
    pseudonyms: set[str] = field(default_factory=set)
    """By which the rows that name them are known, and no row that does not."""
    others: int = 0
    """Rows that do not name them, in the batches that do."""


def mentions_of(
    warehouse: duckdb.DuckDBPyConnection, place: Place, batches: Iterable[Batch],
    pseudonym: Pseudonym, is_of: IsOf, as_of: datetime,
) -> Mentions:  # fmt: skip
    """Read what landed of a place; what a former source brought nobody can read any more."""
    found = Mentions()
    of_others: set[str] = set()
    sources = {(source.id, source.connector): source for source in place.sources}
    addresses = known_addresses(warehouse, place.id)
    for batch in batches:
        source = sources.get((batch.source_id, batch.connector))
        seen = None
        if source is not None:
            seen = seen_in(warehouse, batch, place, source, pseudonym, is_of, addresses, as_of)
        if source is None or seen is None:
            found.unreadable.append(batch)
            continue
        theirs = seen.filter("is_theirs")
        others = seen.filter(~pl.col("is_theirs"))
        of_others |= {*others["person_key"].drop_nulls()}
        if theirs.is_empty():
            continue
        found.batches.append(batch)
        found.others += len(others)
        found.rows |= {(batch.batch_id, *row) for row in theirs[["sheet", "row_number"]].rows()}
        if "record_id" in source.columns:
            found.records |= {(source.id, number) for number in theirs["record_id"].drop_nulls()}
        found.pseudonyms |= {*theirs["person_key"].drop_nulls()}
    found.pseudonyms -= of_others
    return found


def seen_in(
    warehouse: duckdb.DuckDBPyConnection, batch: Batch, place: Place, source: Source,
    pseudonym: Pseudonym, is_of: IsOf, addresses: Addresses, as_of: datetime,
) -> pl.DataFrame | None:  # fmt: skip
    """Each row of a batch, and whether it is theirs; None where it cannot be read."""
    try:
        showed = what_others_showed(warehouse, batch)
        columns = columns_of(source, batch, as_of.year % 100, showed)
        while True:
            try:
                with closing(connectors.read(source, batch.payload, batch.file_name)) as pages:
                    seen = [
                        seen_on(
                            page, source,
                            map_rows(page.rows, place, source, pseudonym, as_of, addresses,
                                     columns, is_of),
                        )
                        for page in pages
                    ]  # fmt: skip
                columns.settle()
                return pl.concat([pl.DataFrame(schema=SEEN), *seen])
            except ReadOtherwise:
                columns.begin_again()
    except (ImpactError, OSError, ValueError, KeyError, TypeError, pl.exceptions.PolarsError):
        return None


def seen_on(page: Page, source: Source, mapped: Mapped) -> pl.DataFrame:
    is_theirs = mapped.is_forgotten
    assert is_theirs is not None
    seen = pl.DataFrame(
        {
            "row_number": mapped.row_numbers.cast(pl.Int64),
            "record_id": mapped.rows["record_id"],
            "person_key": mapped.rows["person_key"],
            "is_theirs": is_theirs,
        }
    )
    sheet = shown_sheet(page.sheet, source, page.sheet_number)
    return seen.select(pl.lit(sheet).alias("sheet"), pl.all())
