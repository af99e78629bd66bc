"""Registers as they come, made from a truth that is known: `ok` may be believed, and nothing is
altered without a word.

Each place delivers one month in one form, with some rows damaged. What a damage does to a row is said
where it stands: the row is lost, or it counts as it did. Of a delivery that is refused as a whole, no
figure is `ok`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.request import Request
from tests.conftest import AS_OF, ods, xlsx

HEADERS = ["N°", "Jour", "Départ", "Nombre", "Espace"]
COLUMNS = {
    "record_id": "N°", "checked_in_at": "Jour", "checked_out_at": "Départ", "headcount": "Nombre",
    "space_code": "Espace",
}  # fmt: skip
MONTHS = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
TOLERATED = 0.05
SAYS_A_NUMBER = ("ok", "identified_per_source")


Cells = dict[str, Any]


@dataclass
class Row:
    """A visit as it was, the cells that tell of it, and whether they still do."""

    day: date
    heads: int
    cells: Cells
    is_lost: bool = False


@dataclass
class Register:
    """A delivery: how it is written, and what is known of it."""

    rows: list[Row]
    extra: list[tuple[int, list[str]]] = field(default_factory=list)
    """Lines that are no records, each after so many rows."""
    is_refused: bool = False

    def truth(self, month: date) -> tuple[int, int, int]:
        """Heads that can still be read in a month, rows with them, and rows that are lost."""
        mine = [row for row in self.rows if row.day.replace(day=1) == month]
        kept = [row for row in mine if not row.is_lost]
        return sum(row.heads for row in kept), len(kept), len(mine) - len(kept)


def visits(rng: random.Random) -> Register:
    """Three months of a desk, some of them quiet."""
    rows = []
    for month in MONTHS:
        for _ in range(rng.choice([3, 8, 25, 40])):
            at = datetime(month.year, month.month, rng.randint(1, 28), rng.randint(8, 19), 15)
            heads = rng.choice([1, 1, 1, 2, 7, 1200])
            cells = {
                "N°": f"V{len(rows):04}", "Jour": at, "Départ": "", "Nombre": heads,
                "Espace": "coworking",
            }  # fmt: skip
            rows.append(Row(at.date(), heads, cells))
    return Register(rows)


# what costs a row
LOSSES: list[Callable[[Row], None]] = [
    lambda row: row.cells.update({"Nombre": "beaucoup"}),
    lambda row: row.cells.update({"Espace": "n'importe où"}),
    lambda row: row.cells.update({"Nombre": -3}),
    lambda row: row.cells.update({"Nombre": "12h"}),
]
# what costs a cell that nothing asked for counts, or nothing at all
DOUBTS: list[Callable[[Row], None]] = [
    lambda row: row.cells.update({"Départ": row.cells["Jour"] - timedelta(hours=1)}),
    lambda row: row.cells.update({"Départ": row.cells["Jour"]}),
    lambda row: row.cells.update({"Départ": row.cells["Jour"] + timedelta(days=3)}),
    lambda row: row.cells.update({"Départ": "?"}),
    lambda row: row.cells.update({"Espace": "  COWORKING "}),
    lambda row: row.cells.update({"Nombre": f"{row.cells['Nombre']:,}".replace(",", " ")}),
]


def damage(rng: random.Random, register: Register) -> None:
    for row in rng.sample(register.rows, k=rng.choice([0, 1, 2, 3, 6])):
        rng.choice(LOSSES)(row)
        row.is_lost = True
    sound = [row for row in register.rows if not row.is_lost]
    for row in rng.sample(sound, k=min(len(sound), rng.randrange(12))):
        rng.choice(DOUBTS)(row)
    if rng.random() < 0.4:
        total = sum(row.heads for row in register.rows)
        where = rng.randrange(len(register.rows))
        register.extra += rng.choice(
            [[(10**6, ["Total", "", "", str(total), ""])], [(where, HEADERS)],
             [(where, [""] * 5)], [(10**6, ["", "TOTAL", "", str(total), ""])]]
        )  # fmt: skip
    if rng.random() < 0.2:  # the same line once more is the same visit
        register.extra.append((10**6, written(rng.choice(sound).cells, DAY_FIRST)))


DAY_FIRST, ISO, MONTH_FIRST = "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M", "%m/%d/%Y %H:%M"


def written(cells: Cells, day: str) -> list[str]:
    shown = (cells[header] for header in HEADERS)
    return [f"{one:{day}}" if isinstance(one, datetime) else str(one) for one in shown]


def lines(register: Register, day: str) -> list[list[str]]:
    found = [HEADERS]
    for number, row in enumerate(register.rows):
        found.append(written(row.cells, day))
        found += [cells for after, cells in register.extra if after == number]
    return found + [cells for after, cells in register.extra if after >= len(register.rows)]


def text(separator: str, end: str, day: str, encoding: str = "utf-8") -> Any:
    def write(register: Register) -> tuple[str, bytes]:
        whole = end.join(separator.join(cells) for cells in lines(register, day)) + end
        return "r.csv", whole.encode(encoding)

    return write


def book(kind: str) -> Any:
    def write(register: Register) -> tuple[str, bytes]:
        rows: list[list[Any]] = [HEADERS]
        for number, row in enumerate(register.rows):
            rows.append([row.cells[header] for header in HEADERS])
            rows += [cells for after, cells in register.extra if after == number]
        rows += [cells for after, cells in register.extra if after >= len(register.rows)]
        return f"r.{kind}", {"xlsx": xlsx, "ods": ods}[kind]({"Feuille": rows})

    return write


def americans(register: Register) -> tuple[str, bytes]:
    """Most days can only stand second: the delivery is refused; else a month could be a day."""
    sure = sum(row.day.day > 12 for row in register.rows)
    register.is_refused = sure > 0
    return text(";", "\n", MONTH_FIRST)(register)


def two_marks(register: Register) -> tuple[str, bytes]:
    register.is_refused = True
    for row, heads in zip(register.rows[:2], ("1.200", "1,200"), strict=True):
        row.cells["Nombre"] = heads
    return text(";", "\n", DAY_FIRST)(register)


FORMS = [
    text(";", "\n", DAY_FIRST), text(",", "\r\n", ISO), text("\t", "\n", DAY_FIRST, "utf-16"),
    text("|", "\r", ISO), text(";", "\r\n", DAY_FIRST, "cp1252"), book("xlsx"), book("ods"),
    americans, two_marks,
]  # fmt: skip


def live(folder: Any, make_place: Any, seed: int, deliveries: int) -> tuple[Settings, Any]:
    """A network in which each place has delivered once; what is true of each."""
    rng = random.Random(seed)
    settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")
    places, truths = [], {}
    for number in range(deliveries):
        register = visits(rng)
        damage(rng, register)
        name, content = rng.choice(FORMS)(register)
        name = f"p{number:05}-{name}"
        declared = {
            "id": f"p{number:05}", "opened_on": MONTHS[0], "services": ["coworking"],
            "tolerated_quarantine_share": TOLERATED,
        }  # fmt: skip
        place = make_place(
            folder, {name: content}, declared, path=name, columns=COLUMNS, coverage="months"
        )
        collect_place(place, settings, Request(as_of=AS_OF))
        places.append(place)
        truths[place.id] = register
    build_warehouse(places, settings, AS_OF, force=True)
    return settings, truths


def assert_believable(settings: Settings, truths: dict[str, Register], read: Any) -> None:
    found = {
        (place, period): (status, value)
        for place, period, status, value in read(
            settings,
            "SELECT scope_id, period_id, status, value FROM indicator.value WHERE scope_type = "
            "'place' AND indicator_id = 'visits' AND breakdown = 'all'",
        )
    }
    wrong, believed = [], 0
    for place, register in truths.items():
        for month in MONTHS:
            heads, rows, lost = register.truth(month)
            status, value = found[place, f"{month:%Y-%m}"]
            is_partial = lost >= 3 and lost / (rows + lost) > TOLERATED
            if register.is_refused or is_partial or not rows:
                is_right = status not in SAYS_A_NUMBER
            else:
                is_right = status in SAYS_A_NUMBER and value == heads
                believed += 1
            if not is_right:
                wrong.append((place, month, status, value, (heads, rows, lost)))
    assert wrong == []
    assert believed > len(truths)


def test_what_is_ok_may_be_believed_of_three_hundred_deliveries(
    tmp_path: Any, make_place: Any, read: Any
) -> None:
    assert_believable(*live(tmp_path, make_place, seed=1, deliveries=300), read)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
def test_what_is_ok_may_be_believed_of_ten_thousand_deliveries(
    tmp_path: Any, make_place: Any, read: Any, seed: int
) -> None:
    assert_believable(*live(tmp_path, make_place, seed=seed, deliveries=500), read)
