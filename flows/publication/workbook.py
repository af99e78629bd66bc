"""The release as an XLSX workbook: it opens on the totals of the years and of the last months."""

import io
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl
import xlsxwriter

MONTHS, YEARS = 13, 3
SHEETS = {
    "Indicateurs": """
        SELECT libelle, definition, formule, unite, ventilations, periodes, limites, version,
               indicateur_id FROM indicateurs ORDER BY indicateur_id""",
    "Lieux": "SELECT * FROM lieux ORDER BY lieu_id",
    "Objectifs": "SELECT * FROM suivi_objectifs ORDER BY objectif_id, numero_annee NULLS FIRST",
    "Changements": """
        SELECT * FROM changements WHERE changement IN ('modifie', 'disparu')""",
    "Fraicheur": "SELECT * FROM fraicheur ORDER BY lieu_id, source",
    "Calendrier": "SELECT * FROM calendrier",
    "Libelles": "SELECT * FROM libelles ORDER BY liste, rang",
    "Publication": "SELECT * FROM publication",
}
"""Sheet after the first → its rows."""
TOTALS = """
    SELECT n.libelle AS niveau, coalesce(p.nom, f.nom, v.territoire_id) AS territoire,
           v.territoire_id,
           i.libelle AS indicateur, u.libelle AS unite, i.unite = 'share' AS is_share,
           v.granularite, v.debut,
           -- what a number would not say as it is: 0–4, ≤ 5 %, 10–19
           CASE WHEN NOT regexp_matches(v.affichage, '[–≤≥]') THEN v.valeur END AS valeur,
           CASE
               WHEN v.affichage IS NOT NULL THEN v.affichage
               WHEN v.diffusion = 'non_diffuse' THEN 'non diffusé'
               WHEN v.statut IN ('ok', 'identified_per_source') THEN 'non défini'
               ELSE lower(s.libelle)
           END AS instead
    FROM valeurs AS v
    JOIN indicateurs AS i USING (indicateur_id)
    LEFT JOIN lieux AS p ON v.niveau = 'lieu' AND p.lieu_id = v.territoire_id
    LEFT JOIN (SELECT DISTINCT portefeuille_id, nom FROM portefeuilles) AS f
        ON v.niveau = 'portefeuille' AND f.portefeuille_id = v.territoire_id
    JOIN libelles AS n ON n.liste = 'niveau' AND n.code = v.niveau
    LEFT JOIN libelles AS u ON u.liste = 'unite' AND u.code = i.unite
    LEFT JOIN libelles AS s ON s.liste = 'statut' AND s.code = v.statut
    WHERE v.ventilation = 'ensemble' AND v.granularite IN ('mois', 'annee')
    ORDER BY n.rang, territoire, v.territoire_id, i.libelle, v.debut
"""
LEADING = ("Niveau", "Territoire", "Indicateur", "Unité")
WIDTHS = (14, 28, 34, 22)
"""Of the leading columns, in characters."""
SHOWN = {
    "share": {"num_format": "0 %"},
    # one format for both would show a whole number as `12,`
    "whole": {"num_format": "#,##0"},
    "fraction": {"num_format": "#,##0.00"},
    "instead": {"font_color": "#767676", "italic": True, "align": "right", "shrink": True},
}


def workbook(release: duckdb.DuckDBPyConnection) -> bytes:
    """An XLSX file, the same bytes for the same release; text is text, and never a formula."""
    rows = release.sql("SELECT calculee_au FROM publication").fetchall()
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.set_properties({"created": rows[0][0]})
        write_totals(book, release.sql(TOTALS).pl())
        for name, select in SHEETS.items():
            write_table(book, name, release.sql(select).pl())
    return target.getvalue()


def write_totals(book: xlsxwriter.Workbook, totals: pl.DataFrame) -> None:
    """`Synthese`: one row an indicator of a territory, one column a year or month."""
    sheet = book.add_worksheet("Synthese")
    bold = book.add_format({"bold": True, "bottom": 1})
    month = book.add_format({"bold": True, "bottom": 1, "num_format": "mm/yyyy"})
    formats = {kind: book.add_format(shown) for kind, shown in SHOWN.items()}
    spans = last_spans(totals, "annee", YEARS) + last_spans(totals, "mois", MONTHS)
    for column, (header, width) in enumerate(zip(LEADING, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, header, bold)
    for column, (kind, day) in enumerate(spans, start=len(LEADING)):
        if kind == "annee":
            sheet.write_string(0, column, str(day.year), bold)
        else:
            sheet.write_datetime(0, column, datetime(day.year, day.month, 1), month)
    places = {span: column for column, span in enumerate(spans, start=len(LEADING))}
    keys = ["niveau", "territoire", "indicateur", "unite", "territoire_id"]
    row = 0
    for row, (key, figures) in enumerate(totals.group_by(keys, maintain_order=True), start=1):
        for column, text in enumerate(key[: len(LEADING)]):
            sheet.write_string(row, column, str(text))
        for figure in figures.iter_rows(named=True):
            write_figure(sheet, row, places, figure, formats)
    sheet.freeze_panes(1, len(LEADING))
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.autofilter(0, 0, row, len(LEADING) + len(spans) - 1)


def last_spans(totals: pl.DataFrame, kind: str, count: int) -> list[tuple[str, date]]:
    days = totals.filter(pl.col("granularite") == kind)["debut"].unique().sort().tail(count)
    return [(kind, day) for day in days]


def write_figure(
    sheet: Any,
    row: int,
    places: dict[tuple[str, date], int],
    figure: dict[str, Any],
    formats: dict[str, Any],
) -> None:
    column = places.get((figure["granularite"], figure["debut"]))
    if column is None:
        return
    if figure["valeur"] is None:
        sheet.write_string(row, column, figure["instead"] or "", formats["instead"])
    else:
        whole = "whole" if figure["valeur"] == round(figure["valeur"]) else "fraction"
        kind = "share" if figure["is_share"] else whole
        sheet.write_number(row, column, figure["valeur"], formats[kind])


def write_table(book: xlsxwriter.Workbook, name: str, table: pl.DataFrame) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True, "bottom": 1})
    day = book.add_format({"num_format": "dd/mm/yyyy"})
    share = book.add_format(SHOWN["share"])
    for column, header in enumerate(table.columns):
        sheet.set_column(column, column, min(60, max([len(header), *lengths(table[header])]) + 2))
        sheet.write_string(0, column, header, bold)
    for row, cells in enumerate(table.iter_rows(), start=1):
        for column, cell in enumerate(cells):
            match cell:
                case None:
                    pass
                case bool():
                    sheet.write_string(row, column, "oui" if cell else "non")
                case date():
                    sheet.write_datetime(row, column, cell, day)
                case str():
                    sheet.write_string(row, column, cell)
                case _ if table.columns[column].startswith("part_"):
                    sheet.write_number(row, column, cell, share)
                case _:
                    sheet.write_number(row, column, cell)
    sheet.freeze_panes(1, 0)


def lengths(column: pl.Series) -> Iterable[int]:
    return column.cast(pl.String, strict=False).str.len_chars().drop_nulls().to_list()
