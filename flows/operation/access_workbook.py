"""What is held of one person, as a workbook in French for them: the right of access."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

import polars as pl
import xlsxwriter

from flows.intake.landing import Batch
from flows.places import Place
from schemas import CONTRACTS, FEEDS
from schemas.record import stored_columns

BROUGHT = {"source_id": "Source", "file_name": "Livraison", "received_at": "Reçue le"}
WIDTH = 24
EXPLANATION = (
    "Ce classeur contient ce que le réseau garde de la personne qui l'a demandé, et de personne "
    "d'autre.",
    "Une feuille par sorte d'enregistrement : une ligne par venue, service ou contrat, avec la "
    "livraison qui l'a apportée et quand.",
    "Le nom, l'adresse et la date de naissance n'y sont pas : le réseau ne les garde pas. Les "
    "fichiers reçus qui les contiennent encore, quelque temps, sont dans la dernière feuille.",
    "L'empreinte à clé qui relie les lignes n'y est pas : elle ne dit rien à personne d'autre.",
)
"""French, as all that goes to the people of a place."""


def access_workbook(
    records: dict[str, pl.DataFrame], files: Sequence[Batch], place: Place, now: datetime
) -> bytes:
    """A sheet to read, one for each feed with records, one of received files that name them."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        there = {feed: rows for feed, rows in records.items() if not rows.is_empty()}
        write_table(book, "À lire", *explained(there, place, now))
        for feed, rows in there.items():
            said = [name for name in rows.columns if name != "deleted" and rows[name].count()]
            titles = BROUGHT | {n: c.title for n, c in stored_columns(CONTRACTS[feed]).items()}
            write_table(
                book, FEEDS[feed].words[0].capitalize(), [titles[name] for name in said],
                [[in_words(cell, place) for cell in cells] for cells in rows[said].iter_rows()],
            )  # fmt: skip
        write_table(
            book, "Fichiers reçus", [*BROUGHT.values()],
            [[b.source_id, b.shown, in_words(b.received_at, place)] for b in files],
        )  # fmt: skip
    return target.getvalue()


def explained(
    there: dict[str, pl.DataFrame], place: Place, now: datetime
) -> tuple[list[str], list[list[str]]]:
    """What the workbook is, then each column that it has and what it says."""
    head = [f"{place.name}, le {in_words(now, place)}", ""]
    lines = [[sentence, ""] for sentence in EXPLANATION]
    lines.append(["", ""])
    for feed, rows in there.items():
        for name, column in stored_columns(CONTRACTS[feed]).items():
            if name in rows.columns and rows[name].count() and name != "deleted":
                lines.append([column.title, column.metadata["description_fr"]])
    return head, [*map(list, dict.fromkeys(map(tuple, lines)))]


def write_table(
    book: xlsxwriter.Workbook, name: str, head: list[str], lines: list[list[str]]
) -> None:
    """Text alone: what looks like a formula is none."""
    sheet = book.add_worksheet(name)
    sheet.set_column(0, len(head), WIDTH)
    for column, title in enumerate(head):
        sheet.write_string(0, column, title, book.add_format({"bold": True, "bottom": 1}))
    for line, cells in enumerate(lines, start=1):
        for column, cell in enumerate(cells):
            sheet.write_string(line, column, cell)


def in_words(cell: object, place: Place) -> str:
    """A cell as people of the place write it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "oui" if cell else "non"
    if isinstance(cell, datetime):
        local = cell.astimezone(ZoneInfo(place.zone)) if cell.tzinfo else cell
        return f"{local:%d/%m/%Y %H:%M}"
    if isinstance(cell, date):
        return f"{cell:%d/%m/%Y}"
    return str(cell).replace(".", ",") if isinstance(cell, float) else str(cell)
