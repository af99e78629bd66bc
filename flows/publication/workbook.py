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
    "Objectifs": """
        SELECT s.objectif_id, s.numero_annee, s.financeur, i.libelle AS indicateur, s.territoire_id,
               s.debut, s.fin, s.part_ecoulee, s.cible, s.valeur, s.part_atteinte,
               s.valeur_jusqu_au, s.statut, s.motif
        FROM suivi_objectifs AS s JOIN indicateurs AS i USING (indicateur_id)
        ORDER BY s.objectif_id, s.numero_annee NULLS FIRST""",
    "Changements": """
        SELECT c.periode, c.territoire_id, coalesce(i.libelle, c.indicateur_id) AS indicateur,
               c.ventilation, c.modalite, c.changement, c.affichage_avant, c.affichage, c.raison,
               c.publiee_le, c.precedente_le
        FROM changements AS c LEFT JOIN indicateurs AS i USING (indicateur_id)
        WHERE c.changement IN ('modifie', 'disparu')
        ORDER BY c.debut, c.fin, c.territoire_id, indicateur, c.ventilation, c.modalite""",
    "Fraicheur": "SELECT * FROM fraicheur ORDER BY lieu_id, source",
    "Couverture": f"""
        SELECT c.lieu_id, c.source, f.libelle AS flux, c.mois, s.libelle AS statut,
               c.completude AS part_arrivee, c.part_refusee
        FROM couverture AS c
        JOIN libelles AS f ON f.liste = 'flux' AND f.code = c.flux
        JOIN libelles AS s ON s.liste = 'statut' AND s.code = c.statut
        WHERE c.mois IN (SELECT DISTINCT mois FROM couverture ORDER BY mois DESC LIMIT {MONTHS})
        ORDER BY c.lieu_id, c.source, c.mois""",
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
               WHEN v.diffusion IN ('a_venir', 'retiree') THEN lower(d.libelle)
               WHEN v.statut IN ('ok', 'identified_per_source', 'some_places') THEN 'non défini'
               -- the label is too long for a column of figures
               WHEN v.statut = 'not_open' THEN 'pas ouvert'
               WHEN v.statut = 'missing' THEN 'absent'
               ELSE lower(s.libelle)
           END AS instead
    FROM valeurs AS v
    JOIN indicateurs AS i USING (indicateur_id)
    LEFT JOIN lieux AS p ON v.niveau = 'lieu' AND p.lieu_id = v.territoire_id
    LEFT JOIN (SELECT DISTINCT portefeuille_id, nom FROM portefeuilles) AS f
        ON v.niveau = 'portefeuille' AND f.portefeuille_id = v.territoire_id
    JOIN libelles AS n ON n.liste = 'niveau' AND n.code = v.niveau
    LEFT JOIN libelles AS u ON u.liste = 'unite' AND u.code = i.unite
    LEFT JOIN libelles AS d ON d.liste = 'diffusion' AND d.code = v.diffusion
    LEFT JOIN libelles AS s ON s.liste = 'statut' AND s.code = v.statut
    WHERE v.ventilation = 'ensemble' AND v.granularite IN ('mois', 'annee')
    ORDER BY n.rang, territoire, v.territoire_id, i.libelle, v.debut
"""
LEADING = ("Niveau", "Territoire", "Indicateur", "Unité")
WIDTHS = (14, 28, 34, 22)
"""Of the leading columns, in characters."""
FIGURE_WIDTH, TEXT_WIDTH = 11, 60
"""Of a column of figures, where `non diffusé` must be legible; of the widest text."""
A4 = 9
"""Its number in XLSX; without one, a sheet is an American letter."""
LINE_HEIGHT = 15
"""In points. A spreadsheet without a window does not make a row as high as its text."""
SHOWN: dict[str, dict[str, Any]] = {
    "share": {"num_format": "0 %"},
    # one format for both would show a whole number as `12,`
    "whole": {"num_format": "#,##0"},
    "fraction": {"num_format": "#,##0.00"},
    "instead": {"font_color": "#767676", "italic": True, "align": "right"},
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
    year = book.add_format({"bold": True, "bottom": 1, "align": "right"})
    month = book.add_format({"bold": True, "bottom": 1, "num_format": "mm/yyyy"})
    formats = {kind: book.add_format(shown) for kind, shown in SHOWN.items()}
    spans = last_spans(totals, "annee", YEARS) + last_spans(totals, "mois", MONTHS)
    for column, (header, width) in enumerate(zip(LEADING, WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, header, bold)
    sheet.set_column(len(LEADING), len(LEADING) + len(spans) - 1, FIGURE_WIDTH)
    for column, (kind, day) in enumerate(spans, start=len(LEADING)):
        if kind == "annee":
            sheet.write_string(0, column, str(day.year), year)
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
    set_pages(sheet)
    sheet.autofilter(0, 0, row, len(LEADING) + len(spans) - 1)


def set_pages(sheet: Any) -> None:
    """On paper, each page has all columns and their names, as large as an A4 lets them be."""
    sheet.set_paper(A4)
    sheet.set_margins(left=0.3, right=0.3, top=0.4, bottom=0.4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)


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
    plain, text, day, share = (
        book.add_format({"valign": "top", **shown})
        for shown in ({}, {"text_wrap": True}, {"num_format": "dd/mm/yyyy"}, SHOWN["share"])
    )
    for column, header in enumerate(table.columns):
        width = max([len(header), *lengths(table[header])]) + 2
        sheet.set_column(column, column, min(TEXT_WIDTH, width))
        sheet.write_string(0, column, header, bold)
    for row, cells in enumerate(table.iter_rows(), start=1):
        sheet.set_row(row, LINE_HEIGHT * max(map(lines, cells)))
        for column, cell in enumerate(cells):
            match cell:
                case None:
                    pass
                case bool():
                    sheet.write_string(row, column, "oui" if cell else "non", plain)
                case date():
                    sheet.write_datetime(row, column, cell, day)
                case str():
                    sheet.write_string(row, column, cell, text)
                case _ if table.columns[column].startswith("part_"):
                    sheet.write_number(row, column, cell, share)
                case _:
                    sheet.write_number(row, column, cell, plain)
    sheet.freeze_panes(1, 0)
    set_pages(sheet)


def lines(cell: object) -> int:
    """On how many lines a cell is written."""
    return -(-len(cell) // TEXT_WIDTH) if isinstance(cell, str) and cell else 1


def lengths(column: pl.Series) -> Iterable[int]:
    return column.cast(pl.String, strict=False).str.len_chars().drop_nulls().to_list()
