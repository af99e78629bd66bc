"""The open rejects of one place as a workbook in its own words, for the people who correct them."""

import io
import os
from datetime import date
from pathlib import Path

import polars as pl
import xlsxwriter

from flows.errors import ConfigurationError, reason
from flows.intake.landing import real_names
from flows.language import LANGUAGE, N_, _
from flows.warehouse.queries import WHOLE_FILE

COLUMNS = {
    "file_name": (N_("File"), 38),
    "sheet": (N_("Sheet"), 14),
    "row_number": (N_("Row"), 8),
    "header": (N_("Your column"), 26),
    f"sentence_{LANGUAGE}": (N_("What is wrong, and what to write"), 78),
    "mask": (N_("Shape of the cell"), 30),
    "received_on": (N_("Received on"), 12),
}
"""Column of the rejects → its header for the place, and its width in characters."""
WHOLE_ROW, ALL_OF_IT = N_("(the whole row)"), N_("(the whole file)")
EXPLANATION = (
    N_("These rows of your exports were not counted. All the others were."),
    N_("The sheet “To correct” says the file, the row, the column, and what to write."),
    N_("Correct in your tool or in your file: this workbook is never read again."),
    N_("The shape shows what the cell looks like, never what it says: A or a a letter, 9 a digit."),
    N_("Then send the export again under the same name: what is corrected leaves this list."),
)


def with_real_names(rows: pl.DataFrame, landing: Path) -> pl.DataFrame:
    """The names of files and sheets as the place gave them, where their bytes are still there."""
    known = {batch_id: real_names(landing, batch_id) for batch_id in rows["batch_id"].unique()}
    sentence = f"sentence_{LANGUAGE}"
    named = []
    for row in rows.iter_rows(named=True):
        file, names = known[row["batch_id"]]
        said = row[sentence]
        for shown, name in names.items() if row["rule"] == WHOLE_FILE else ():
            said = said.replace(shown, repr(name) if name != file else name)
        sheet = names.get(row["sheet"], row["sheet"])
        named.append({**row, "file_name": file or row["file_name"], "sheet": sheet, sentence: said})
    return pl.DataFrame(named, schema=rows.schema)


def correction_workbook(rows: pl.DataFrame, place_name: str, landing: Path) -> bytes:
    """An XLSX file: what to do, then one line per reason of refusal, none of them a value."""
    rows = with_real_names(rows, landing)
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        title = book.add_format({"bold": True, "font_size": 14})
        intro = book.add_worksheet(_("To read"))
        intro.set_column(0, 0, 100)
        intro.write_string(0, 0, _("Rows to correct – {place}").format(place=place_name), title)
        for line, sentence in enumerate(EXPLANATION, start=2):
            intro.write_string(line, 0, f"{line - 1}. {_(sentence)}")
        write_rows(book, rows)
    return target.getvalue()


def write_rows(book: xlsxwriter.Workbook, rows: pl.DataFrame) -> None:
    """Cells of text are text: what looks like a number or a formula stays as the place wrote it."""
    sheet = book.add_worksheet(_("To correct"))
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": "0", "valign": "top"})
    day = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"})
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, (header, width_characters) in enumerate(COLUMNS.values()):
        sheet.set_column(column, column, width_characters)
        sheet.write_string(0, column, _(header), bold)
    # two sources that read one file refuse the same cell twice
    is_file, is_row = pl.col("rule") == WHOLE_FILE, pl.col("header") == ""
    said = pl.when(is_file).then(pl.lit(_(ALL_OF_IT))).when(is_row).then(pl.lit(_(WHOLE_ROW)))
    shown = rows.with_columns(said.otherwise("header").alias("header"))
    shown = shown.select(*COLUMNS).unique(maintain_order=True)
    for line, cells in enumerate(shown.iter_rows(), start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, int):
                sheet.write_number(line, column, cell, number)
            elif isinstance(cell, date):
                sheet.write_datetime(line, column, cell, day)
            elif cell:
                sheet.write_string(line, column, cell, text)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(shown), len(COLUMNS) - 1)


def write_for_its_owner(file: Path, content: bytes) -> None:
    """Write a new file that nobody else may read.

    Raises ConfigurationError when it is there already, since somebody may work in it, or when it
    cannot be written.
    """
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
    except FileExistsError as fault:
        raise ConfigurationError(
            _("this file is already there"),
            where=str(file),
            remedy=_("give another name or remove it"),
        ) from fault
    except OSError as fault:
        raise ConfigurationError(
            _("the file cannot be written ({reason})").format(reason=reason(fault)),
            where=str(file),
            remedy=_("name a folder that is there and in which this user may write"),
        ) from fault
