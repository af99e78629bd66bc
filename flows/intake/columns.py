"""Mapped columns looked at whole: what no cell alone would show decides how one is read.

The cells of a delivery are counted by sign, page by page. Where a column settles nothing, the TOML
says it, else what other deliveries of the source showed, else it is written as is usual in France.
What could mean two things is refused, in one sentence.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

import polars as pl

from flows.errors import BatchRefused
from flows.intake import marks, orders, signs, units
from flows.intake.column import Column, InDoubt
from flows.intake.landing import Batch
from flows.intake.read_times import tidy
from flows.intake.signs import Signs
from flows.language import _
from flows.sources import Source
from schemas import CONTRACTS
from schemas.fields import WAYS
from schemas.record import stored_columns

TEXT_FILES, WORKBOOKS = (".csv", ".txt", ".tsv"), (".xlsx", ".ods")
ANY_YEAR = 99
"""The last year of two digits of a day that may come, or be long ago."""

DECIDED: dict[str, Callable[[Column], str]] = {
    "date": orders.order_of,
    "timestamp": orders.order_of,
    "integer": marks.mark_of,
    "decimal": marks.mark_of,
    "euros": marks.mark_of,
    "minutes": units.minutes_of,
    "week_hours": units.hours_of,
    "commune": units.commune_of,
    "identifier": units.number_of,
}
"""Kind → the way in which a column is written, by all of its signs; raises InDoubt."""
ASSUMED: dict[str, Callable[[Column], str]] = {
    "date": orders.assumed_order,
    "timestamp": orders.assumed_order,
    "integer": marks.assumed_mark,
    "decimal": marks.assumed_mark,
    "euros": marks.assumed_mark,
}
"""Kind → the way in which a column is read before anything of it was seen."""


def signs_of(column: Column, cells: pl.Series, values: pl.Series, year: int) -> Signs:
    """The signs of some cells of a column and of the values that were read, in this year."""
    match column.kind:
        case "timestamp":
            return signs.order_signs(cells, year, column.is_of_workbook)
        case "date":
            return signs.order_signs(cells, ANY_YEAR, column.is_of_workbook)
        case "integer":
            return signs.mark_signs(cells, is_whole=True)
        case "decimal" | "euros":
            return signs.mark_signs(cells, is_whole=False)
        case "minutes":
            return signs.minute_signs(cells)
        case "week_hours":
            return signs.hour_signs(cells)
        case "commune":
            return signs.commune_signs(cells, values)
        case _:
            return signs.number_signs(cells)


class ReadOtherwise(Exception):
    """A column is written in another way than it was read: the delivery has to be read again."""


@dataclass
class Columns:
    """The mapped columns of one delivery: what they have shown so far, and how they are read."""

    where: str
    year: int
    """Of two digits, that of the run."""
    columns: dict[str, Column]
    is_begun: bool = False

    @property
    def ways(self) -> dict[str, str]:
        """Column of the contract, or `birth_date` → the way in which it is read."""
        return {name: column.way for name, column in self.columns.items() if column.way}

    def begin_again(self) -> None:
        """The delivery is read once more, from its beginning."""
        for column in self.columns.values():
            column.seen = Counter()

    def take(self, page: pl.DataFrame, text: pl.DataFrame, typed: pl.DataFrame) -> None:
        """Count the signs of one page: `text` is what its cells said, `typed` what was read.

        Of counts that are added up each is looked at, and of nobody's birth anything is kept.
        """
        for name, column in self.columns.items():
            is_own = len(column.headers) == 1 or column.kind != "integer"
            cells = (
                text[name]
                if name in text.columns and is_own
                else pl.concat([tidy(page[header]) for header in column.headers])
            )
            column.seen += signs_of(column, cells, typed.get_column(name, default=cells), self.year)

    def take_people(self, text: pl.DataFrame) -> None:
        """Count what looks like people's numbers in rows that hold some."""
        for name, column in self.columns.items():
            if column.kind == "identifier" and name in text.columns:
                column.seen["people"] += signs.like_people(text[name].drop_nulls())

    def glance(self) -> None:
        """After the first page, raises ReadOtherwise where that is plain already."""
        if self.is_begun:
            return
        self.is_begun = True
        self.look_beside()
        with suppress(InDoubt):
            self.read_as({n: DECIDED[column.kind](column) for n, column in self.columns.items()})

    def settle(self) -> None:
        """After the last page, raises BatchRefused, or ReadOtherwise where a column was misread."""
        self.look_beside()
        decided = {}
        for name, column in self.columns.items():
            try:
                decided[name] = DECIDED[column.kind](column)
            except InDoubt as doubt:
                raise self.refused(column, doubt) from None
        for name, column in self.columns.items():
            other = orders.unlike_the_others(column, decided[name], decided, self.columns)
            if other:
                raise self.refused(column, other)
        self.read_as(decided)

    def look_beside(self) -> None:
        """What the columns of dates show of each other."""
        for column in self.columns.values():
            column.beside = orders.proven_beside(column, self.columns.values())

    def read_as(self, decided: Mapping[str, str]) -> None:
        if decided != {name: column.way for name, column in self.columns.items()}:
            for name, way in decided.items():
                self.columns[name].way = way
            raise ReadOtherwise

    def refused(self, column: Column, doubt: InDoubt) -> BatchRefused:
        header = repr(column.header)
        return BatchRefused(
            doubt.what.format(header=header, **doubt.values),
            where=_("{where}, column {header}").format(where=self.where, header=header),
            remedy=doubt.remedy.format(field=column.name, **doubt.values),
        )


def columns_of(
    source: Source, batch: Batch, year: int, earlier: Mapping[tuple[str, str], Signs]
) -> Columns:
    """The columns of one delivery; `earlier` is what others showed, by column and header."""
    kinds = {n: c.metadata["kind"] for n, c in stored_columns(CONTRACTS[source.feed]).items()}
    mapped: dict[str, str | list[str]] = {**source.columns}
    if source.identity.birth_date:
        mapped["birth_date"] = source.identity.birth_date
    found = {}
    for name, given in mapped.items():
        kind = kinds.get(name, "date")
        headers = [given] if isinstance(given, str) else given
        is_between_hours = kind == "minutes" and len(headers) > 1
        if kind not in DECIDED or is_between_hours:
            continue
        column = Column(
            name,
            headers,
            kind,
            declared=source.written.get(name, ""),
            is_text=batch.file_name.endswith(TEXT_FILES),
            is_of_workbook=batch.file_name.endswith(WORKBOOKS),
            earlier=earlier.get((name, " + ".join(headers)), Counter()),
        )
        usual = WAYS.get(kind, ("",))[0]
        column.way = ASSUMED[kind](column) if kind in ASSUMED else column.declared or usual
        found[name] = column
    return Columns(f"{batch.place_id}, {batch.source_id}", year, found)
