"""What stays of a row that is refused: its days, a mark to know it again, whether it is a record.

With them a status counts what was lost: in the period of its day, once however often it came.
"""

from collections import Counter
from datetime import date

import polars as pl

from flows.intake.landing import Batch
from flows.intake.ledger import Dated
from flows.intake.pseudonym import Pseudonym
from flows.intake.validate import described
from flows.records import ROW_NUMBER, Broken, Page
from flows.sources import Source
from schemas import FEEDS
from schemas.rules import NOT_RECORDS

KNOWN_OF_ROWS = {
    "row_number": pl.Int64,
    "day": pl.Date,
    "until_day": pl.Date,
    "digest": pl.String,
}


def with_days(
    rejects: pl.DataFrame, page: Page, rows: pl.DataFrame, source: Source, pseudonym: Pseudonym
) -> pl.DataFrame:
    """The reasons of a page, with what is known of their rows; `rows` are those that were cast.

    Of a line that says nothing but its number one reason stays: that it says nothing.
    """
    refused = pl.Series(rejects["row_number"].unique())
    is_refused = page.rows[ROW_NUMBER].is_in(refused.implode())
    cells = page.rows.filter(is_refused)
    known = pl.concat(
        [
            pl.DataFrame(
                [
                    cells[ROW_NUMBER].alias("row_number"),
                    *spans(rows.filter(is_refused), source),
                    digests(cells, pseudonym),
                ],
                schema=KNOWN_OF_ROWS,
            ),
            of_broken(page.broken, pseudonym),
        ]
    ).unique("row_number", keep="first")
    rejects = without_fillers(rejects, cells, source)
    return rejects.join(known, on="row_number", how="left").with_columns(
        (~pl.col("rule").is_in(NOT_RECORDS)).alias("is_record")
    )


def spans(rows: pl.DataFrame, source: Source) -> list[pl.Series]:
    """First and last day of each row, where they can be read.

    What happens has one day. What lasts has no last day while none is known, nor where it would be
    before the first.
    """
    feed = FEEDS[source.feed]
    first = rows[feed.day].cast(pl.Date).alias("day")
    if not feed.ends:
        return [first, first.alias("until_day")]
    last = rows[feed.ends]
    return [first, last.set((last < first).fill_null(False), None).alias("until_day")]


def inside_window(rejects: pl.DataFrame, batch: Batch) -> pl.DataFrame:
    """Without the reasons of records that are known to be of no day that was asked for."""
    if rejects.is_empty() or (batch.window_from is None and batch.window_to is None):
        return rejects
    first, last = batch.window_from or date.min, batch.window_to or date.max
    is_of_others = (pl.col("day") > last) | (pl.col("until_day") < first)
    return rejects.filter(~(pl.col("is_record") & is_of_others.fill_null(False)))


def digests(cells: pl.DataFrame, pseudonym: Pseudonym) -> pl.Series:
    """A keyed hash of each row, as it was written in the cells that are mapped."""
    texts = (
        "\x1f".join(cell or "" for cell in row)
        for row in cells.select(sorted(set(cells.columns) - {ROW_NUMBER})).iter_rows()
    )
    return pl.Series("digest", [pseudonym(f"row|{text}") for text in texts], dtype=pl.String)


def of_broken(broken: list[Broken], pseudonym: Pseudonym) -> pl.DataFrame:
    """A line that could not be read as a row has no day."""
    lines = {row.row_number: pseudonym(f"row|{row.text}") for row in broken}
    return pl.DataFrame(
        {"row_number": list(lines), "digest": list(lines.values())}, schema_overrides=KNOWN_OF_ROWS
    ).select(
        pl.col("row_number").cast(pl.Int64),
        pl.lit(None, pl.Date).alias("day"),
        pl.lit(None, pl.Date).alias("until_day"),
        pl.col("digest").cast(pl.String),
    )


def without_fillers(rejects: pl.DataFrame, cells: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Lines that were numbered in advance, and nothing was written into them.

    Where one column alone is read beside the number, its empty cell may be that of a record.
    """
    number = source.columns.get("record_id", [])
    said = set(source.wanted_headers()) - {*([number] if isinstance(number, str) else number)}
    read = {*source.columns, *source.identity.columns()} - {"record_id"}
    is_empty = pl.all_horizontal(
        pl.col(header).fill_null("").str.strip_chars() == "" for header in said
    )
    fillers = cells.filter(is_empty)[ROW_NUMBER] if len(read) > 1 else cells[ROW_NUMBER].clear()
    if fillers.is_empty():
        return rejects
    is_filler = pl.col("row_number").is_in(fillers.implode())
    said_once = rejects.filter(is_filler).unique("row_number", maintain_order=True)
    told = {**described("", "", "filler_row"), "mask": None}
    one = said_once.with_columns(pl.lit(text, pl.String).alias(name) for name, text in told.items())
    return pl.concat([rejects.filter(~is_filler), one]).sort("row_number", maintain_order=True)


def dated(rows: pl.DataFrame, source: Source) -> Dated:
    """How many rows have which days."""
    counted = pl.DataFrame(spans(rows, source)).drop_nulls("day").group_by("day", "until_day").len()
    return Counter({(first, last): times for first, last, times in counted.iter_rows()})


def dated_rejects(rejects: pl.DataFrame) -> Dated:
    """The same of rows that were refused and whose day is known."""
    rows = rejects.filter("is_record").unique("row_number").drop_nulls("day")
    return Counter(rows.select("day", "until_day").iter_rows())
