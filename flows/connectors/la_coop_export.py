"""La Coop's own XLSX export of activités, for a place without a key: one file, no address to ask.

Read in the source of 30 June 2026 (coop-mediation-numerique@46aa33bdf21c). Who exported, when, and
the filters stand above the table, so that its headers are in row 22, or lower.

The sheet has one row for each accompagnement. Those of one activité share their `ID CRA`, and are
one use of a service, for as many heads as there are rows. `Participants` (`1`, or `2/6`) is not
read: a spreadsheet that saves the file again makes a day of it. Nobody is named: all are anonymous.

The file is a mediator's, or that of a coordinator's team, over all places where they work.
"""

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import polars as pl

from flows.connectors import file
from flows.connectors._headers import clean_header
from flows.connectors._layout import SEPARATORS
from flows.connectors._remote import RemoteOptions
from flows.connectors._text import text_blocks
from flows.connectors._workbook import cannot_be_opened, refuse_far_cells, refuse_unsafe
from flows.errors import BatchRefused
from flows.language import _
from flows.records import Declares, Page
from flows.sources import Source

SHEET = "Activités"
ACTIVITY, HEADS, PLACE = "ID CRA", "Participants", "Nom du lieu"
MOST_ROWS_ABOVE = 100


class Options(RemoteOptions):
    places: list[str] = []
    """What the place is called under `Nom du lieu`; needed where several names stand there."""
    elsewhere: bool = False
    """With `places`: sessions of no place, at home, at a distance or in passing, are its too."""


DECLARES = Declares(
    Options,
    {
        "service_usage": {
            "columns": {
                "record_id": ACTIVITY, "occurred_at": "Date", "headcount": HEADS,
                "duration_minutes": "Durée (min)", "mode": "Type",
                "location": "Canaux d’accompagnement",
                "updated_at": "Dernière modification le",
            },
            "constants": {"evidence": "declared", "service_code": "mediation_numerique"},
            "values": {
                "mode": {
                    "Accompagnement individuel": "individuel", "Atelier collectif": "collectif",
                },
                "location": {
                    "Lieu d’activité": "sur_place", "À domicile": "hors_les_murs",
                    "Autre lieu": "hors_les_murs", "À distance": "a_distance",
                },
            },
        },
    },
    reads_files=True,
)  # fmt: skip

SAMPLE = (
    "Informations export\nNom;B\nTotal;3\n\n"
    "Date;Dernière modification le;Type;Participants;Canaux d’accompagnement;Nom du lieu;"
    "Durée (min);ID CRA\n"
    "05/10/2026;05/10/2026 à 16:00;Atelier collectif;1/2;Lieu d’activité;Le Lieu;90;c1\n"
    "05/10/2026;05/10/2026 à 16:00;Atelier collectif;2/2;Lieu d’activité;Le Lieu;90;c1\n"
    "06/10/2026;;Accompagnement individuel;1;À distance;;30;c2\n"
).encode()

fetch = file.fetch


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row an activité of the place, whose `Participants` is the number of its rows.

    Raises BatchRefused for a file that is not such an export, and for one of several places when
    the source does not say which is meant.
    """
    options = Options.model_validate(source.options)
    sheet = source.sheet or SHEET
    of_the_export = source.model_copy(
        update={
            "sheet": sheet,
            "header_row": header_row(stream, name, sheet) or source.header_row,
            "columns": {**source.columns, "place": PLACE},
        }
    )
    names: set[str] = set()
    for page in file.parse(stream, name, of_the_export):
        names |= {*page.rows[PLACE].drop_nulls().map_elements(plain, pl.String)} - {""}
        if len(names) > 1 and not options.places:
            raise BatchRefused(
                _("it has accompagnements at {count} places").format(count=len(names)),
                where=name,
                remedy=_(
                    "say which is yours, as it stands under {header!r}: "
                    'options = {{ places = ["…"] }}'
                ).format(header=PLACE),
            )
        rows = by_activity(of_the_place(page.rows, options))
        left_out = len(page.rows) - len(rows)
        yield Page(rows, page.records, page.broken, page.ignored + left_out, page.sheet)


def of_the_place(rows: pl.DataFrame, options: Options) -> pl.DataFrame:
    """Without `places` all rows are the place's."""
    if options.places:
        wanted = {plain(name) for name in options.places} | ({""} if options.elsewhere else set())
        names = rows[PLACE].fill_null("").map_elements(plain, pl.String)
        rows = rows.filter(names.is_in(sorted(wanted)))
    return rows.drop(PLACE)


def plain(name: str) -> str:
    return " ".join(name.split()).casefold()


def by_activity(rows: pl.DataFrame) -> pl.DataFrame:
    """The first row of each activité; a row without its number stands for itself."""
    place = pl.int_range(pl.len()).cast(pl.String)
    own = pl.coalesce(pl.col(ACTIVITY), pl.lit("row ") + place)
    heads = pl.len().over(own).cast(pl.String).alias(HEADS)
    return rows.with_columns(heads).filter(own.is_first_distinct())


def header_row(stream: BinaryIO, name: str, sheet: str) -> int | None:
    """Where the table begins, counted from 1."""
    is_book = Path(name).suffix.lower() in (".xlsx", ".ods")
    above = [*(cells_of_book(stream, name, sheet) if is_book else cells_of_text(stream))]
    stream.seek(0)
    found = (
        number
        for number, cells in enumerate(above, start=1)
        if {ACTIVITY, HEADS} <= {clean_header(cell) for cell in cells}
    )
    return next(found, None)


def cells_of_text(stream: BinaryIO) -> Iterator[list[str]]:
    lines = itertools.islice(next(text_blocks(stream), "").split("\n"), MOST_ROWS_ABOVE)
    for line in lines:
        separator = max(SEPARATORS, key=line.count)
        yield next(csv.reader([line], delimiter=separator), [])


def cells_of_book(stream: BinaryIO, name: str, sheet: str) -> Iterator[tuple[str | None, ...]]:
    """The first rows of the sheet; none where it is not there, which is said later."""
    import fastexcel

    content = stream.read()
    refuse_unsafe(content, name)
    try:
        workbook = fastexcel.read_excel(content)
        if sheet not in workbook.sheet_names:
            return
        refuse_far_cells(content, name, sheet)
        first = workbook.load_sheet(
            sheet, header_row=None, skip_rows=0, n_rows=MOST_ROWS_ABOVE, dtypes="string"
        )
    except fastexcel.FastExcelError as fault:
        raise cannot_be_opened(name) from fault
    yield from pl.DataFrame(first.to_polars()).iter_rows()
