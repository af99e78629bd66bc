"""Parquet as pages of text: each column as the text that a CSV export of it would hold."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, BinaryIO

import polars as pl

from flows.connectors._headers import check_headers
from flows.connectors._shape import turned
from flows.connectors._totals import UNIT_SEPARATOR, WORD, are_totals
from flows.errors import BatchRefused
from flows.language import _
from flows.records import ROW_NUMBER, Broken, Page
from flows.sources import Source

BATCH_ROWS = 75_000
A_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
DAY_SECONDS = 86_400
FIRST_SECOND, LAST_SECOND = -62_135_596_800, 253_402_300_799
"""Of the years 1 and 9999: beyond them no library writes a date."""
LONGEST_SECONDS = 10**9
OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)")
NUMBER_BITS = 64


def parse_parquet(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """A Parquet file by batches of rows; row numbers count from 1."""
    import pyarrow as pa

    try:
        yield from parquet_pages(stream, name, source)
    except (pa.ArrowException, UnicodeDecodeError, OSError) as fault:
        if isinstance(fault, OSError) and fault.errno:  # of the disk; a damaged page has no number
            raise
        raise BatchRefused(
            _("the file is damaged, or not Parquet"), where=name, remedy=_("send it again")
        ) from fault


def parquet_pages(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    import pyarrow.parquet as pq

    file = pq.ParquetFile(stream)
    wanted = check_headers(file.schema_arrow.names, name, source)
    texts = columns_of_text(file.schema_arrow)
    asked = [*wanted, *(header for header in texts if header not in wanted)]
    number = 1
    for batch in batches(file, asked):
        numbers = pl.arange(number, number + len(batch), eager=True).alias(ROW_NUMBER)
        cells = {h: column_text(batch.column(h), name, h).alias(h) for h in batch.schema.names}
        rows = pl.DataFrame([numbers, *(cells[header] for header in wanted)])
        begins = file.schema_arrow.names[0] in texts
        rows, totals = without_totals(rows, [cells[header] for header in texts], begins)
        yield turned(Page(rows, len(batch), totals), source, file.schema_arrow.names)
        number += len(batch)


def batches(file: Any, columns: list[str]) -> Iterator[Any]:
    """Its rows, a few groups of the file after the other: what is read of all that are asked for
    stays in memory until the last one.
    """
    groups: list[int] = []
    rows = 0
    for group in range(file.num_row_groups):
        groups.append(group)
        rows += file.metadata.row_group(group).num_rows
        if rows >= BATCH_ROWS or group == file.num_row_groups - 1:
            yield from file.iter_batches(BATCH_ROWS, row_groups=groups, columns=columns)
            groups, rows = [], 0


def columns_of_text(schema: Any) -> list[str]:
    """The columns in which a label may stand, mapped or not."""
    from pyarrow import types

    kinds = [f.type.value_type if types.is_dictionary(f.type) else f.type for f in schema]
    named = zip(schema.names, kinds, strict=True)
    texts = [h for h, kind in named if types.is_string(kind) or types.is_large_string(kind)]
    return [header for header in texts if schema.names.count(header) == 1]


def without_totals(
    rows: pl.DataFrame, texts: list[pl.Series], begins: bool
) -> tuple[pl.DataFrame, list[Broken]]:
    """The records among rows, and those that are totals by the label in a column of text.

    `begins` where a line begins with the first of these columns.
    """
    if not any(cells.str.contains(WORD).any() for cells in texts):
        return rows, []
    before = [] if begins else [pl.lit("0")]
    line = pl.concat_str(*before, *texts, separator=UNIT_SEPARATOR, ignore_nulls=True)
    lines = rows.select(line.alias("line")).to_series()
    is_total = are_totals(lines, UNIT_SEPARATOR)
    told = zip(rows[ROW_NUMBER].filter(is_total), lines.filter(is_total), strict=True)
    return rows.filter(~is_total), [Broken(at, "total_row", text) for at, text in told]


def column_text(column: Any, name: str, header: str) -> pl.Series:
    """A typed column as text; raises BatchRefused for a type that has none."""
    import pyarrow as pa
    from pyarrow import types

    if isinstance(column.type, pa.BaseExtensionType):
        column = column.storage
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if types.is_temporal(kind) and not types.is_interval(kind):
        return clock_text(column, name, header)
    if types.is_decimal256(kind):
        return pl.Series(column.cast(pa.string()))
    if types.is_nested(kind) or types.is_interval(kind):
        raise no_text(kind, name, header)
    if types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        column.validate(full=True)  # what is no UTF-8 would be taken for it
    try:
        return pl.Series(column).cast(pl.String)
    except pl.exceptions.PolarsError as fault:  # bytes that are no text
        raise no_text(kind, name, header) from fault


def clock_text(column: Any, name: str, header: str) -> pl.Series:
    """Days, hours, instants, spans; what no calendar has stays a number, for its row to say."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import types

    kind = column.type
    numbers = column.view(pa.int64() if kind.bit_width == NUMBER_BITS else pa.int32())
    first, last = bounds(kind)
    known = pc.and_(pc.greater_equal(numbers, first), pc.less_equal(numbers, last))
    inside = pc.if_else(known, column, None)
    if types.is_date64(kind):
        inside = inside.cast(pa.date32(), safe=False)
    if types.is_timestamp(kind):
        text = instant_text(inside, name, header)
    elif types.is_duration(kind):
        text = span_text(pl.Series(inside))
    else:
        text = pl.Series(inside).cast(pl.String)
    return text.zip_with(text.is_not_null(), pl.Series(numbers).cast(pl.String))


def bounds(kind: Any) -> tuple[int, int]:
    """The first and the last number that stand for a day, an hour, an instant or a span."""
    from pyarrow import types

    if types.is_date32(kind):
        return FIRST_SECOND // DAY_SECONDS, LAST_SECOND // DAY_SECONDS
    unit = A_SECOND["ms" if types.is_date64(kind) else kind.unit]
    if types.is_time(kind):
        return 0, DAY_SECONDS * unit - 1
    if types.is_duration(kind):
        return -LONGEST_SECONDS * unit, LONGEST_SECONDS * unit
    most = 2**63 - 1
    return max(FIRST_SECOND * unit, -most), min(LAST_SECOND * unit, most)


def instant_text(column: Any, name: str, header: str) -> pl.Series:
    """ISO 8601, with the distance from UTC where the column has a zone."""
    import pyarrow as pa

    pattern, zone = "%Y-%m-%dT%H:%M:%S%.f", column.type.tz
    if zone is None:
        return pl.Series(column).dt.to_string(pattern)
    zone = "+00:00" if zone in ("Z", "UTC") else zone
    if offset := OFFSET.fullmatch(zone):
        sign, hours, minutes = offset.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes)) * (-1 if sign == "-" else 1)
        here = pl.Series(column.cast(pa.timestamp(column.type.unit))) + ahead
        return here.dt.to_string(pattern) + f"{sign}{hours}{minutes}"
    try:
        return pl.Series(column).dt.to_string(f"{pattern}%z")
    except pl.exceptions.PolarsError as fault:
        raise BatchRefused(
            _("the column {header!r} has instants of the time zone {zone!r}, which is not known"
              ).format(header=header, zone=zone),
            where=name,
            remedy=_("export it in UTC, or in Europe/Paris"),
        ) from fault  # fmt: skip


def span_text(spans: pl.Series) -> pl.Series:
    """`35:00:00`, as a workbook shows it."""
    signed = spans.dt.total_seconds()
    seconds = signed.abs()
    parts = pl.DataFrame(
        {
            "sign": (signed < 0).replace_strict({True: "-", False: ""}),
            "hours": (seconds // 3600).cast(pl.String),
            "minutes": (seconds // 60 % 60).cast(pl.String).str.zfill(2),
            "seconds": (seconds % 60).cast(pl.String).str.zfill(2),
        }
    )
    return parts.select(
        pl.col("sign") + pl.concat_str("hours", "minutes", "seconds", separator=":")
    ).to_series()


def no_text(kind: Any, name: str, header: str) -> BatchRefused:
    return BatchRefused(
        _("the column {header!r} holds values of the type {kind}, which are no text").format(
            header=header, kind=re.split(r"[<\[]", str(kind))[0]
        ),
        where=name,
        remedy=_("export it as text, a cell a row"),
    )
