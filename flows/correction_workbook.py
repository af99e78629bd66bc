"""The open rejects of one place as a workbook in its own words, for the people who correct them."""

import io
import os
from datetime import date
from pathlib import Path

import polars as pl
import xlsxwriter

from flows.errors import ConfigurationError

COLUMNS = {
    "file_name": ("Fichier", 38),
    "sheet": ("Feuille", 14),
    "row_number": ("Ligne", 8),
    "header": ("Votre colonne", 26),
    "sentence_fr": ("Ce qui ne va pas, et quoi écrire", 78),
    "mask": ("Forme de la cellule", 30),
    "received_on": ("Reçu le", 12),
}
"""Column of the rejects → its header for the place, and its width in characters."""
WHOLE_ROW = "(toute la ligne)"
EXPLANATION = (
    "Ces lignes de vos exports n'ont pas été comptées. Toutes les autres l'ont été.",
    "L'onglet « À corriger » dit le fichier, la ligne, la colonne, et ce qu'il faut écrire.",
    "Corrigez dans votre outil ou dans votre fichier : ce classeur-ci n'est jamais relu.",
    "La forme montre l'allure de la cellule, jamais son contenu : A ou a une lettre, 9 un chiffre.",
    "Renvoyez ensuite l'export sous le même nom : ce qui est corrigé quitte cette liste.",
)


def correction_workbook(rows: pl.DataFrame, place_name: str) -> bytes:
    """An XLSX file: what to do, then one line per reason of refusal, none of them a value."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        title = book.add_format({"bold": True, "font_size": 14})
        intro = book.add_worksheet("À lire")
        intro.set_column(0, 0, 100)
        intro.write_string(0, 0, f"Lignes à corriger – {place_name}", title)
        for line, sentence in enumerate(EXPLANATION, start=2):
            intro.write_string(line, 0, f"{line - 1}. {sentence}")
        write_rows(book, rows)
    return target.getvalue()


def write_rows(book: xlsxwriter.Workbook, rows: pl.DataFrame) -> None:
    """Cells of text are text: what looks like a number or a formula stays as the place wrote it."""
    sheet = book.add_worksheet("À corriger")
    text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
    number = book.add_format({"num_format": "0", "valign": "top"})
    day = book.add_format({"num_format": "dd/mm/yyyy", "valign": "top"})
    bold = book.add_format({"bold": True, "bottom": 1})
    for column, (header, width_characters) in enumerate(COLUMNS.values()):
        sheet.set_column(column, column, width_characters)
        sheet.write_string(0, column, header, bold)
    # two sources that read one file refuse the same cell twice
    shown = rows.select(*COLUMNS).unique(maintain_order=True)
    shown = shown.with_columns(pl.col("header").replace("", WHOLE_ROW))
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
            "this file is already there", where=str(file), remedy="give another name or remove it"
        ) from fault
    except OSError as fault:
        raise ConfigurationError(
            f"the file cannot be written ({fault.strerror})",
            where=str(file),
            remedy="name a folder that is there and in which this user may write",
        ) from fault
