"""Workbooks, JSON lines and Parquet as pages of text."""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO

import polars as pl

from flows.connectors._csv import TOTAL_ROW
from flows.connectors._headers import check_headers, clean_header
from flows.connectors._text import text_blocks
from flows.connectors._workbook import cannot_be_opened, refuse_far_cells, refuse_unsafe
from flows.errors import BatchRefused
from flows.language import _
from flows.records import ROW_NUMBER, Broken, Page
from flows.sources import Source
from schemas.template import HELP_SHEET, TEMPLATES, VERSION_MARK

PARQUET_BATCH_ROWS = 200_000
# a workbook keeps an hour as an instant of its first day, and a day as its midnight
LONE_HOUR = (r"^1899-12-3[01][ T](\d{2}:\d{2}:\d{2})$", "${1}")
MIDNIGHT = (r"^(\d{4}-\d{2}-\d{2})[ T]00:00:00$", "${1}")


def parse_workbook(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """The declared sheet (else the first) of an XLSX or ODS file."""
    import fastexcel

    content = stream.read()
    refuse_unsafe(content, name)
    try:
        workbook = fastexcel.read_excel(content)
        sheet = source.sheet if source.sheet is not None else workbook.sheet_names[0]
        if sheet not in workbook.sheet_names:
            raise BatchRefused(
                _("there is no sheet {sheet!r}").format(sheet=sheet),
                where=name,
                remedy=_("the sheets are: {sheet_names}").format(
                    sheet_names=", ".join(workbook.sheet_names)
                ),
            )
        if source.template is not None and HELP_SHEET in workbook.sheet_names:
            refuse_far_cells(content, name, HELP_SHEET)
            refuse_other_version(workbook, name, source.template)
        refuse_far_cells(content, name, sheet)
        cells = cells_of(workbook, sheet)
    except fastexcel.FastExcelError as fault:
        raise cannot_be_opened(name) from fault
    if len(cells) < source.header_row:
        raise BatchRefused(
            _("there is no header in row {header_row}").format(header_row=source.header_row),
            where=name,
        )
    headers = [clean_header(cell) for cell in cells.row(source.header_row - 1)]
    check_headers(headers, name, source)
    body = cells[source.header_row :].select(
        pl.all().str.replace(*LONE_HOUR).str.replace(*MIDNIGHT)
    )
    yield sorted_page(body, headers, source.header_row + 1, source, sheet)


def cells_of(workbook: Any, sheet: str) -> pl.DataFrame:
    """All cells of a sheet as text, the header row included."""
    loaded = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    return pl.DataFrame(loaded.to_polars())


def refuse_other_version(workbook: Any, name: str, template: str) -> None:
    """Raises BatchRefused for a sheet of the kit whose mark is not that of the declared template.

    A workbook without a mark is judged by its headers, as any other.
    """
    first = cells_of(workbook, HELP_SHEET)[:, :1]
    marks = [text for (text,) in first.iter_rows() if text and text.startswith(VERSION_MARK)]
    wanted = f"{template} {TEMPLATES[template].version()}"
    if marks and marks[0].removeprefix(VERSION_MARK).strip() != wanted:
        raise BatchRefused(
            _("this is not the sheet of the kit that this program reads ({wanted})").format(
                wanted=wanted
            ),
            where=_("{file}, sheet {sheet!r}").format(file=name, sheet=HELP_SHEET),
            remedy=_("take the sheet of this version (impact kit), and copy the rows into it"),
        )


def sorted_page(
    body: pl.DataFrame, headers: list[str], first: int, source: Source, sheet: str
) -> Page:
    """Blank, total and repeated header rows are set apart; mapped columns are kept."""
    line = body.select(pl.concat_str(pl.all().fill_null(""), separator=";")).to_series()
    header_line = ";".join(headers)
    kind = (
        pl.DataFrame({"line": line})
        .select(
            pl.when(pl.col("line").str.contains(r"^[\s;]*$"))
            .then(pl.lit("blank"))
            .when(pl.col("line") == header_line)
            .then(pl.lit("repeated_header"))
            .when(pl.col("line").str.contains(TOTAL_ROW))
            .then(pl.lit("total_row"))
            .otherwise(pl.lit("row"))
        )
        .to_series()
    )
    numbers = pl.arange(first, first + len(body), eager=True).alias(ROW_NUMBER)
    wanted = [(i, h) for i, h in enumerate(headers) if h in source.wanted_headers()]
    rows = pl.DataFrame([numbers, *(body.to_series(i).alias(h) for i, h in wanted)]).filter(
        kind == "row"
    )
    broken = [
        Broken(number, rule, text)
        for number, rule, text in zip(numbers, kind, line, strict=True)
        if rule not in ("blank", "row")
    ]
    return Page(rows, len(body), broken, int((kind == "blank").sum()), sheet)


def parse_json_lines(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One object a line; nested objects are named with dots (`user.email`)."""
    wanted = source.wanted_headers()
    number = 1
    seen: set[str] = set()
    for block in text_blocks(stream):
        rows: list[dict[str, Any]] = []
        broken: list[Broken] = []
        lines = block.split("\n")
        for position, line in enumerate(lines, start=number):
            if not line.strip():
                continue
            try:
                flat = flatten(json.loads(line))
                "".join(filter(None, flat.values())).encode()  # half a character is no text
            except (ValueError, AttributeError):
                broken.append(Broken(position, "broken_json", line))
                continue
            seen.update(flat)
            rows.append({ROW_NUMBER: position, **{header: flat.get(header) for header in wanted}})
        if number == 1 and rows:
            check_headers(sorted(seen), name, source)
        schema = {ROW_NUMBER: pl.Int64, **{header: pl.String for header in wanted}}
        blank = len(lines) - len(rows) - len(broken)
        yield Page(pl.DataFrame(rows, schema=schema), len(lines), broken, blank)
        number += len(lines)


def flatten(record: dict[str, Any], prefix: str = "") -> dict[str, str | None]:
    """Leaves of a JSON object as text."""
    leaves: dict[str, str | None] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            leaves.update(flatten(value, f"{prefix}{key}."))
        elif isinstance(value, str) or value is None:
            leaves[prefix + key] = value
        else:
            leaves[prefix + key] = json.dumps(value, ensure_ascii=False)
    return leaves


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
    number = 1
    for batch in file.iter_batches(batch_size=PARQUET_BATCH_ROWS, columns=wanted):
        frame = pl.DataFrame(pl.from_arrow(batch))
        text = frame.select(as_text(column, kind) for column, kind in frame.schema.items())
        numbers = pl.arange(number, number + len(text), eager=True).alias(ROW_NUMBER)
        yield Page(text.select(numbers, pl.all()), len(text))
        number += len(text)


def as_text(column: str, kind: pl.DataType) -> pl.Expr:
    """A typed column as the text that a CSV export of it would hold."""
    if isinstance(kind, pl.Datetime):
        pattern = "%Y-%m-%dT%H:%M:%S%.f" + ("%z" if kind.time_zone else "")
        return pl.col(column).dt.to_string(pattern)
    return pl.col(column).cast(pl.String)
