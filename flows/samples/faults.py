"""The accidents of real exports, planted on purpose and noted, a few for a thousand rows.

`every` is always "one row in so many": a table with fewer rows gets none of that accident.
"""

import random
from collections.abc import Callable

from flows.samples.names import MAIL_DOMAIN
from flows.samples.tables import Cell, Row, Table, Verbatim

UNKNOWN_COMMUNE = "99999"
UNREADABLE_DAY = "31/02/2025"

CANARY_NAME = "Zoélie Canariloup"
CANARY_PHONE = "06 39 98 47 11"
CANARY_EMAIL = f"zoelie.canariloup@{MAIL_DOMAIN}"
CANARY_COMMENT = f"Rappeler {CANARY_NAME} au {CANARY_PHONE} ou {CANARY_EMAIL}"
COMMENTS = (
    "", "", "", "", "", "", "", "Première visite", "Reviendra avec un justificatif",
    'A demandé le dossier "complet"', "Venue avec une voisine ; attend un rappel",
)  # fmt: skip
CANARY_EVERY = 400


def comment(rng: random.Random) -> str:
    """Free text as people type it; now and then with a name, a number and an address in it."""
    return CANARY_COMMENT if rng.randrange(CANARY_EVERY) == 0 else rng.choice(COMMENTS)


class Planter:
    """Spoils rows of one table, never the same row twice."""

    def __init__(self, rng: random.Random, table: Table) -> None:
        self._rng = rng
        self._table = table
        self._spoilt: set[int] = set()

    def _note(self, row: Row, kind: str) -> None:
        self._spoilt.add(id(row))
        self._table.faults.append((row, kind))

    def _sound(self, count: int, *filled: str) -> list[Row]:
        """Some rows that nothing happened to yet, with text in the given columns."""
        positions = [self._table.position(column) for column in filled]
        rows = [
            row
            for row in self._table.rows
            if id(row) not in self._spoilt and all(row[position] for position in positions)
        ]
        return self._rng.sample(rows, min(count, len(rows)))

    def _insert_after(self, row: Row, new: Row, distance: int) -> None:
        place = next(i for i, other in enumerate(self._table.rows) if other is row)
        self._table.rows.insert(min(place + distance, len(self._table.rows)), new)

    def duplicate(self, every: int) -> None:
        """The same line twice."""
        for row in self._sound(len(self._table.rows) // every):
            again = list(row)
            self._insert_after(row, again, self._rng.randint(1, 5))
            self._spoilt.add(id(row))
            self._note(again, "duplicate")

    def correct(
        self, every: int, changes: dict[str, Cell], stamp: str, later: Callable[[Cell], Cell]
    ) -> None:
        """The same record again, with other values and a later stamp."""
        for row in self._sound(len(self._table.rows) // every, stamp):
            corrected = list(row)
            for column, value in changes.items():
                corrected[self._table.position(column)] = value
            moment = self._table.position(stamp)
            corrected[moment] = later(row[moment])
            self._insert_after(row, corrected, self._rng.randint(4, 60))
            self._spoilt.add(id(row))
            self._note(corrected, "corrected later")

    def write(self, every: int, kind: str, column: str, wrong: Cell) -> None:
        """A cell that cannot be right."""
        for row in self._sound(len(self._table.rows) // every, column):
            row[self._table.position(column)] = wrong
            self._note(row, kind)

    def swap(self, every: int, earlier: str, later: str) -> None:
        """Departure written where arrival belongs."""
        first, second = self._table.position(earlier), self._table.position(later)
        for row in self._sound(len(self._table.rows) // every, earlier, later):
            row[first], row[second] = row[second], row[first]
            self._note(row, "departure before arrival")

    def ragged(self, every: int) -> None:
        """A line with too few cells, then one with too many."""
        for number, row in enumerate(self._sound(len(self._table.rows) // every)):
            if number % 2:
                row.extend(["", ""])
            else:
                del row[-3:]
            self._note(row, "ragged line")

    def unclosed_quote(self, column: str) -> None:
        """A quote opened in the middle of a line and never closed."""
        (row,) = self._sound(1, column)
        position = self._table.position(column)
        row[position] = Verbatim(f'"{row[position]}')
        for other, cell in enumerate(row):
            if isinstance(cell, str) and '"' in cell and other != position:
                row[other] = ""
        self._note(row, "unclosed quote")

    def repeat_header(self) -> None:
        """The header line again, as where two exports were pasted together."""
        middle = len(self._table.rows) // 2
        again: Row = list(self._table.header)
        self._table.rows.insert(middle, again)
        self._note(again, "repeated header")

    def add(self, row: Row, kind: str) -> None:
        """A row of its own at the end of the table."""
        self._table.rows.append(row)
        self._note(row, kind)

    def total(self, column: str, value: Cell) -> None:
        """The line of totals that a spreadsheet ends with."""
        row: Row = [""] * len(self._table.header)
        row[0], row[self._table.position(column)] = "TOTAL", value
        self.add(row, "totals row")
