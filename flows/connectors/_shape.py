"""The rows of a file turned as its TOML says, before their columns are mapped: page by page."""

from dataclasses import replace

import polars as pl

from flows.connectors._headers import clean_header
from flows.records import COLUMN_STEP, ROW_NUMBER, Broken, Page
from flows.shape import SHEET, Split, Unpivot, Words, listed, says
from flows.sources import Source

HOUR = r"\d{1,2}(?: ?[h:] ?(?:\d{2})?(?::\d{2})?| ?heures?)?"
RANGE = (
    rf"(?i)^(?:(?<day>.+?) )??(?:de )?(?<first>{HOUR})"
    rf" ?(?:-|–|—|→|>|/|à|a|au|jusqu.à| ) ?(?<last>{HOUR})$"
)
"""`9h00 - 12h30`, `de 10h à 11h`, `14-17h`, and a day before them."""
HOUR_SIGN = r"(?i)\d ?[h:]"


def turned(page: Page, source: Source, headers: list[str], first_column: int = 1) -> Page:
    """A page in the shape that the source declares; `headers` are those of the file.

    A row number that holds its column too, `number + column * COLUMN_STEP`, is that of a cell.
    """
    if not source.changes_rows and not source.needs_sheet:
        return page
    rows = without_words(carried_down(page.rows, source), source)
    left_out = len(page.rows) - len(rows)
    if source.needs_sheet:
        rows = rows.with_columns(pl.lit(clean_header(page.sheet)).alias(SHEET))
    if source.unpivot:
        taken = source.unpivot.takes(headers)
        rows = unpivoted(
            rows, source.unpivot, {one: headers.index(one) + first_column for one in taken}
        )
    broken: list[Broken] = []
    if source.split:
        rows, broken = halved(rows, source.split)
    kept = chosen(rows, source)
    ignored = page.ignored + left_out + len(rows) - len(kept)
    broken = page.broken + broken
    records = len(kept) + len(broken) + ignored
    return replace(page, rows=kept, records=records, broken=broken, ignored=ignored)


def carried_down(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Blank cells of some columns say what stands above them, in rows that say something else."""
    carried = listed(source.carried)
    others = [name for name in rows.columns if name not in (ROW_NUMBER, *carried)]
    if not carried or not others:
        return rows
    says_something = pl.any_horizontal(pl.col(others).fill_null("").str.strip_chars() != "")
    cells = [pl.when(pl.col(name).str.strip_chars() != "").then(name) for name in carried]
    return rows.with_columns(
        pl.when(says_something).then(cell.forward_fill()).otherwise(name).alias(name)
        for cell, name in zip(cells, carried, strict=True)
    )


def without_words(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Cells that say a missing word are blank; a row that counts nothing else is left out."""
    if not source.missing:
        return rows
    said = pl.DataFrame(
        [which(rows[name], source.missing) for name in rows.columns if name != ROW_NUMBER]
    )
    blank = rows.with_columns(rows[name].set(said[name], None) for name in said.columns)
    counts = [name for name in listed(source.columns.get("headcount", [])) if name in said.columns]
    if not counts or "record_id" in source.columns or source.identity.columns():
        return blank
    says_nothing = (
        blank.select(
            pl.all_horizontal(pl.col(counts).fill_null("").str.strip_chars() == "")
        ).to_series()
        & said.select(pl.any_horizontal(counts)).to_series()
    )
    return blank.filter(~says_nothing)


def which(cells: pl.Series, words: Words) -> pl.Series:
    """Does each cell say one of the words?"""
    seen = cells.drop_nulls().unique()
    said = pl.Series([says(cell, words) for cell in seen], dtype=pl.Boolean)
    return cells.replace_strict(seen, said, default=False, return_dtype=pl.Boolean)


def unpivoted(rows: pl.DataFrame, unpivot: Unpivot, columns: dict[str, int]) -> pl.DataFrame:
    """One row for each cell of the columns that says something; `columns` has their numbers."""
    others = [name for name in rows.columns if name not in columns]
    tall = rows.unpivot(
        [*columns], index=others, variable_name=unpivot.header_to, value_name=unpivot.cell_to
    )
    number = pl.col(unpivot.header_to).replace_strict(columns, return_dtype=pl.Int64)
    names = {header: unpivot.named(header) for header in columns}
    said = pl.col(unpivot.header_to).replace_strict(names, return_dtype=pl.String)
    return (
        tall.with_columns(pl.col(ROW_NUMBER) + number * COLUMN_STEP, said)
        .filter(pl.col(unpivot.cell_to).str.strip_chars() != "")
        .sort(pl.col(ROW_NUMBER) % COLUMN_STEP, ROW_NUMBER)
    )


def halved(rows: pl.DataFrame, split: Split) -> tuple[pl.DataFrame, list[Broken]]:
    """A range as two cells; one without an end is a broken row. A blank cell is two of them."""
    text = rows[split.column].str.replace_all(r"\s+", " ").str.strip_chars()
    text = text.str.replace_all(r"(?i)\bmidi\b", "12h").str.replace_all(r"(?i)\bminuit\b", "0h")
    ends = text.str.extract_groups(RANGE).struct.unnest()
    is_range = ends["first"].is_not_null() & text.str.contains(HOUR_SIGN).fill_null(False)
    is_lost = (text.fill_null("") != "") & ~is_range
    cells = ends.select(
        pl.when(is_range)
        .then(pl.concat_str("day", one_hour(end), separator=" ", ignore_nulls=True))
        .alias(made)
        for end, made in zip(("first", "last"), split.into, strict=True)
    )
    broken = [
        Broken(number, "range_without_end", written, header=split.column)
        for number, written in zip(
            rows[ROW_NUMBER].filter(is_lost), text.filter(is_lost), strict=True
        )
    ]
    return pl.concat([rows, cells], how="horizontal").filter(~is_lost), broken


def one_hour(name: str) -> pl.Expr:
    """`9 heures` and `9` as `9h`."""
    plain = pl.col(name).str.replace_all(" ", "").str.replace("(?i)heures?", "h")
    return plain.str.replace(r"^(\d+)$", "${1}h")


def chosen(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """The rows that the source wants."""
    for header, words in source.where.items():
        rows = rows.filter(which(rows[header].fill_null(""), words))
    for header, words in source.where_not.items():
        rows = rows.filter(~which(rows[header].fill_null(""), words))
    return rows
