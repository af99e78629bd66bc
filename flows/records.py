"""What passes between a connector and intake: deliveries, pages of text, and broken rows."""

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import polars as pl

from flows.declaration import Declared
from flows.errors import ImpactError
from flows.sources import Source

PAGES = ".pages"
"""End of the name of a delivery that was asked for over a network."""

ROW_NUMBER = "__row_number"
"""Position of a row in its file, counted from 1 as a spreadsheet or an editor shows it.

Where one row of a file is several records, a cell each, the number of its column is added, times
`COLUMN_STEP`: so each has a number of its own.
"""
COLUMN_STEP = 2**32


def place_in_file(row_number: int) -> str:
    """A row, `12`, or a cell, `C12`, as a spreadsheet names it."""
    column, row = divmod(row_number, COLUMN_STEP)
    return f"{letters(column)}{row}"


def letters(column: int) -> str:
    """The name of a column that is counted from 1; none of column 0."""
    name = ""
    while column:
        column, letter = divmod(column - 1, 26)
        name = chr(ord("A") + letter) + name
    return name


@dataclass(frozen=True)
class Delivery:
    """One file, or one answer of a source, still at the source."""

    name: str
    path: Path
    started_at: datetime | None = None
    """When the connector began to ask. The file is then ours, and moves into landing."""
    content_sha256: str = ""
    """Of what was received, where the file also says when; else of its bytes."""
    mark: str = ""
    """A hash of what the system tells of this version; empty where another may be told alike."""
    was_taken: bool = False
    """This version was loaded before: it was not fetched, and there is nothing at `path`."""
    fault: ImpactError | None = None
    """Why this one could not be had; then there is nothing at `path` either."""


@dataclass(frozen=True)
class Pull:
    """What a connector is asked for, and where it may keep what it has so far."""

    folder: Path
    """That of the TOML file."""
    work: Path
    """Where an unfinished delivery lies: the next run goes on with it."""
    as_of: datetime = field(default_factory=lambda: datetime.now(UTC))
    since: datetime | None = None
    """What was loaded is known up to here, overlap included; None when nothing is."""
    whole_at: datetime | None = None
    """When everything was last asked for and loaded."""
    first_day: date | None = None
    last_day: date | None = None
    """The days that somebody asked for; then nothing is remembered of the pull."""
    known: Callable[[], Set[str]] = frozenset
    """Numbers of the records that the source has in the warehouse."""
    last: Path | None = None
    """The last pull that was loaded, where it still is in landing."""
    taken: Mapping[str, str] = field(default_factory=dict)
    """Mark of each version of a file that was loaded → its batch."""

    @property
    def is_for_days(self) -> bool:
        return self.first_day is not None or self.last_day is not None


@dataclass(frozen=True)
class Declares:
    """What a connector that goes beyond local files wants in the TOML, and fills in by itself."""

    options: type[Declared]
    mappings: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Feed → `columns`, `constants`, `values`, `identity` as in the TOML, which may say otherwise.

    Empty: any feed, and the TOML maps it.
    """
    deliveries: tuple[str, ...] = ("append", "snapshot", "period")
    needs_from: bool = False
    """It must be told from which day on to ask."""
    has_accounts: bool = False
    """Its people have accounts, and can delete them: what is recorded of somebody stays theirs when
    a later answer does not say who it was, or says less of it."""
    accounts_stay: bool = False
    """And no record goes from one account to another, but when two are made one: then whoever it
    was of is the other one in all records of the source."""
    reads_files: bool = False
    """It takes `path`, and `url` only for files elsewhere."""
    or_files: bool = False
    """It takes `path` in place of `url`: what a system is asked for also comes as a file."""


@dataclass(frozen=True)
class ToErase:
    """What a tool asks to erase, in its own words."""

    name: str
    """`model|number`, as the connector finds it in what was landed."""
    record_ids: frozenset[str]
    """Records that go, whatever is still in landing."""
    person: dict[str, str | None]
    """Who it is, under the headers of a row; empty when it is no person."""


@dataclass(frozen=True)
class Broken:
    """A row that could not even be read as a row. `text` is masked before it is kept.

    Where one cell is why, its header and its field in the contract say so.
    """

    row_number: int
    rule: str
    text: str
    header: str = ""
    field: str = ""
    record_id: str | None = None
    """Which record it is, where that can be told: then nothing else waits for it."""


@dataclass(frozen=True)
class Page:
    """Some rows of a delivery, all of them text under the source's own headers.

    `records` counts what was read before anything was judged: it is the independent side of the
    ledger's balance, and equals `len(rows) + len(broken) + ignored`.
    """

    rows: pl.DataFrame
    records: int
    broken: list[Broken] = field(default_factory=list)
    ignored: int = 0
    sheet: str = ""
    sheet_number: int = 1
    """Its place in the workbook."""
    is_whole: bool = True
    """False where the system may keep records from our account without saying so."""
    is_part: bool = False
    """More of the same stands beside it, unread: it proves no day that it does not show."""
    whole_from: date | None = None
    """From this day on the delivery holds all there is: what was known and is not in it is gone."""
    is_whole_on_its_days: bool = False
    """Then only of the days on which it has records."""
    told: list[str] | None = None
    """Then only of these records: `RECORD` of each `record_id` that is `RECORD-PART`."""


class Connector(Protocol):
    """What a module of `flows.connectors` offers; one that asks a system also has `DECLARES`."""

    SAMPLE: bytes

    def fetch(self, source: Source, pull: Pull) -> list[Delivery]: ...

    def parse(self, stream: BinaryIO, name: str, source: Source) -> Iterator[Page]: ...
