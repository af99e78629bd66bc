"""La Coop's own XLSX export of activités, for a place without a key: one file, no address to ask.

The sheet has one row for each accompagnement. Those of one activité share their `ID CRA`, and are
one use of a service, for as many heads as there are rows. `Participants` (`1`, or `2/6`) is not
read: a spreadsheet that saves the file again makes a day of it. Nobody is named: all are anonymous.
Unverified [mem]: the words of `Type`, and that `Date` is written as 05/10/2026.
"""

from collections.abc import Iterator
from typing import BinaryIO

import polars as pl

from flows.connectors import file
from flows.connectors._remote import RemoteOptions
from flows.records import Declares, Page
from flows.sources import Source

SHEET = "Activités"
ACTIVITY, HEADS = "ID CRA", "Participants"

DECLARES = Declares(
    RemoteOptions,
    {
        "service_usage": {
            "columns": {
                "record_id": ACTIVITY, "occurred_at": "Date", "headcount": HEADS,
                "duration_minutes": "Durée (min)", "mode": "Type",
                "updated_at": "Dernière modification le",
            },
            "constants": {"evidence": "declared", "service_code": "mediation_numerique"},
            "values": {
                "mode": {
                    "Individuel": "individuel", "Collectif": "collectif",
                    "Accompagnement individuel": "individuel", "Atelier collectif": "collectif",
                },
            },
        },
    },
    reads_files=True,
)  # fmt: skip

SAMPLE = (
    "Date;Dernière modification le;Type;Participants;Durée (min);ID CRA\n"
    "05/10/2026;05/10/2026 à 16:00;Collectif;1/2;90;c1\n"
    "05/10/2026;05/10/2026 à 16:00;Collectif;2/2;90;c1\n"
    "06/10/2026;06/10/2026 à 09:30;Individuel;1;30;c2\n"
).encode()

fetch = file.fetch


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row an activité, whose `Participants` is the number of its rows.

    Raises BatchRefused for a file that is not such an export.
    """
    of_the_export = source.model_copy(update={"sheet": source.sheet or SHEET})
    for page in file.parse(stream, name, of_the_export):
        rows = by_activity(page.rows)
        grouped = len(page.rows) - len(rows)
        yield Page(rows, page.records, page.broken, page.ignored + grouped, page.sheet)


def by_activity(rows: pl.DataFrame) -> pl.DataFrame:
    """The first row of each activité; a row without its number stands for itself."""
    place = pl.int_range(pl.len()).cast(pl.String)
    own = pl.coalesce(pl.col(ACTIVITY), pl.lit("row ") + place)
    heads = pl.len().over(own).cast(pl.String).alias(HEADS)
    return rows.with_columns(heads).filter(own.is_first_distinct())
