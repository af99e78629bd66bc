"""What passes between a connector and intake: deliveries, pages of text, and broken rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Protocol

import polars as pl

from flows.places import Source

ROW_NUMBER = "__row_number"
"""Position of a row in its file, counted from 1 as a spreadsheet or an editor shows it."""


@dataclass(frozen=True)
class Delivery:
    """One file, or one answer of a source, still at the source."""

    name: str
    path: Path


@dataclass(frozen=True)
class Broken:
    """A row that could not even be read as a row. `text` is masked before it is kept."""

    row_number: int
    rule: str
    text: str


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


class Connector(Protocol):
    """What a module of `flows.connectors` offers."""

    SAMPLE: bytes

    def fetch(self, source: Source, folder: Path) -> list[Delivery]: ...

    def parse(self, stream: BinaryIO, name: str, source: Source) -> Iterator[Page]: ...
