"""A fiche as an XLSX workbook: every sheet says that it is not to be passed on."""

import io
from datetime import date, datetime
from typing import Any

import polars as pl
import xlsxwriter

from flows.publication.fiche import MARK, Fiche, instead, last_periods, unit_of

YEARS, QUARTERS, MONTHS = 3, 4, 13
HEAD = 3
"""The row of the headings, below what the sheet says of itself."""
COUNT, MEASURE, FINE = "#,##0", "#,##0.0", "#,##0.00"
SHOWN = {
    "share": "0.0 %", "fte": FINE, "index": FINE, "ratio": FINE, "hours": MEASURE, "days": MEASURE,
    "kg": MEASURE, "per_mille": MEASURE, "per_hundred": MEASURE, "median_days": MEASURE,
}  # fmt: skip
"""Unit → how its values are shown; anything else is counted."""
HOW_TO_READ = (
    "Une valeur en italique gris est ce que disent les données reçues jusqu'ici : la période court "
    "encore, ou des données manquent.",
    "Les périodes en cours finissent par « en cours ». Codes et libellés sont ceux de la "
    "publication.",
    "La feuille Chiffres a tout : caractéristiques, numérateurs, personnes derrière le chiffre.",
)
COLUMNS = {
    "indicateur": ("Indicateur", 34), "indicateur_id": ("Code", 24), "unite": ("Unité", 20),
    "granularite": ("Granularité", 12), "periode": ("Période", 12), "debut": ("Début", 11),
    "fin": ("Fin", 11), "en_cours": ("En cours", 9), "caracteristique": ("Caractéristique", 20),
    "detail": ("Détail", 26), "valeur": ("Valeur", 12), "statut": ("Statut", 22),
    "completude": ("Complétude", 11), "motif": ("Motif", 40), "numerateur": ("Numérateur", 12),
    "denominateur": ("Dénominateur", 13), "personnes": ("Personnes", 11),
}  # fmt: skip
"""Column of the figures → heading and width in characters."""


def fiche_workbook(fiche: Fiche) -> bytes:
    """Text is text, and never a formula; days are days, shares per cent."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"title": MARK, "created": fiche.computed_at})
        write_synthesis(book, fiche)
        write_figures(book, fiche)
        sheet = marked(book, "A lire", fiche)
        for line, sentence in enumerate(HOW_TO_READ, start=HEAD):
            sheet.write_string(line, 0, sentence)
    return target.getvalue()


def marked(book: xlsxwriter.Workbook, name: str, fiche: Fiche) -> Any:
    """A new sheet with its mark, on the screen and on every printed page."""
    sheet = book.add_worksheet(name)
    red = book.add_format({"bold": True, "font_color": "#a1000e"})
    sheet.write_string(0, 0, f"{MARK.upper()} : {fiche.for_whom}", red)
    at = f"{fiche.place_id}, {fiche.commune}, chiffres du {fiche.computed_at:%d/%m/%Y}"
    sheet.write_string(1, 0, at)
    sheet.set_header(f"&C&B{MARK.upper()}")
    sheet.set_footer(f"&L{fiche.name.replace('&', '&&')}&R&P / &N")
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    return sheet


def write_synthesis(book: xlsxwriter.Workbook, fiche: Fiche) -> None:
    """One row an indicator, one column a period: years, quarters, months."""
    sheet = marked(book, "Synthese", fiche)
    bold = book.add_format({"bold": True, "bottom": 1, "align": "right", "text_wrap": True})
    totals = fiche.figures.filter(pl.col("ventilation") == "ensemble")
    lengths = (("Année", YEARS), ("Trimestre", QUARTERS), ("Mois", MONTHS))
    periods = [one for kind, count in lengths for one in last_periods(totals, kind, count)]
    for column, (heading, width) in enumerate((("Indicateur", 34), ("Unité", 22))):
        sheet.set_column(column, column, width)
        sheet.write_string(HEAD, column, heading, book.add_format({"bold": True, "bottom": 1}))
    columns = {}
    for column, (code, _day, runs) in enumerate(periods, start=2):
        sheet.set_column(column, column, 11)
        sheet.write_string(HEAD, column, f"{code}\nen cours" if runs else code, bold)
        columns[code] = column
    formats = Formats(book)
    groups = totals.group_by(["indicateur"], maintain_order=True)
    for line, ((label,), rows) in enumerate(groups, start=HEAD + 1):
        sheet.write_string(line, 0, str(label))
        sheet.write_string(line, 1, unit_of(rows.row(0, named=True)))
        for row in rows.iter_rows(named=True):
            if row["periode"] in columns:
                write_value(sheet, line, columns[row["periode"]], row, formats)
    sheet.freeze_panes(HEAD + 1, 2)
    sheet.repeat_rows(HEAD)


def write_figures(book: xlsxwriter.Workbook, fiche: Fiche) -> None:
    """All of it, one row a figure."""
    sheet = marked(book, "Chiffres", fiche)
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    part = book.add_format({"num_format": "0 %"})
    text = book.add_format({"indent": 1})
    formats = Formats(book)
    for column, (heading, width) in enumerate(COLUMNS.values()):
        sheet.set_column(column, column, width)
        sheet.write_string(HEAD, column, heading, bold)
    at = {name: column for column, name in enumerate(COLUMNS)}
    for line, row in enumerate(fiche.figures.iter_rows(named=True), start=HEAD + 1):
        write_value(sheet, line, at["valeur"], row, formats)
        for name, column in at.items():
            match row[name]:
                case None:
                    pass
                case _ if name == "valeur":
                    pass
                case bool() as is_so:
                    sheet.write_string(line, column, "oui" if is_so else "non", text)
                case date() as moment:
                    sheet.write_datetime(line, column, datetime(*moment.timetuple()[:3]), day)
                case str() as words:
                    sheet.write_string(line, column, words, text)
                case number:
                    sheet.write_number(line, column, number, part if name == "completude" else None)
    sheet.freeze_panes(HEAD + 1, 1)
    sheet.autofilter(HEAD, 0, HEAD + len(fiche.figures), len(COLUMNS) - 1)
    sheet.repeat_rows(HEAD)


class Formats:
    """How a value is written, by its unit and whether it is all there."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.book = book
        self.made: dict[tuple[str, bool], Any] = {}

    def of(self, unit: str, is_complete: bool) -> Any:
        if (unit, is_complete) not in self.made:
            grey = {} if is_complete else {"italic": True, "font_color": "#595959"}
            style = {"num_format": SHOWN.get(unit, COUNT), "align": "right", "shrink": True} | grey
            self.made[unit, is_complete] = self.book.add_format(style)
        return self.made[unit, is_complete]


def write_value(sheet: Any, line: int, column: int, row: dict[str, Any], formats: Formats) -> None:
    """The figure, or why there is none."""
    is_complete = row["est_complete"] and not row["en_cours"]
    style = formats.of(row["unite_code"], is_complete)
    if row["valeur"] is None:
        sheet.write_string(line, column, instead(row), style)
    else:
        sheet.write_number(line, column, row["valeur"], style)
