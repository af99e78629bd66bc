"""Coefficients: figures that no SQL holds, each with unit, date and source."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.errors import ConfigurationError

COLUMNS = ("name", "value", "unit", "valid_from", "source")


@dataclass(frozen=True)
class Coefficient:
    """One line of the file: what `name` is worth from a day on, and who says so."""

    name: str
    value: float
    unit: str
    valid_from: date
    source: str


def read_coefficients(file: Path) -> list[Coefficient]:
    """Every line of the file; a name has as many lines as it had values.

    Raises ConfigurationError with file and line for a line without value, unit, date or source,
    and for a name that has two values from the same day on.
    """
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            reader = csv.DictReader(stream)
            if tuple(reader.fieldnames or ()) != COLUMNS:
                raise ConfigurationError(
                    f"the columns are {', '.join(reader.fieldnames or ['none'])}",
                    where=f"{file}, line 1",
                    remedy=f"write {','.join(COLUMNS)}",
                )
            found: dict[tuple[str, date], Coefficient] = {}
            for row in reader:
                where = f"{file}, line {reader.line_num}"
                one = coefficient(row, where)
                if (one.name, one.valid_from) in found:
                    raise ConfigurationError(
                        f"{one.name} has two values from {one.valid_from} on",
                        where=where,
                        remedy="keep one, or give the newer its own date",
                    )
                found[one.name, one.valid_from] = one
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigurationError(
            f"the file cannot be read: {fault}", where=str(file), remedy="put it back"
        ) from fault
    return list(found.values())


def coefficient(row: dict[str, str], where: str) -> Coefficient:
    """One line, judged; raises ConfigurationError for what is not right in it."""
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row:
        raise ConfigurationError(
            f"the line has more than {len(COLUMNS)} cells",
            where=where,
            remedy='put text that has a comma between "quotation marks"',
        )
    for name, cell in cells.items():
        if not cell:
            raise ConfigurationError(
                f"{cells['name'] or 'the line'} has no {name}",
                where=where,
                remedy=f"write its {name}: every coefficient has value, unit, date and source",
            )
    if not re.fullmatch(r"[a-z][a-z0-9_]*", cells["name"]):
        raise ConfigurationError(
            f"{cells['name']!r} is not a name", where=where, remedy="write it like tie_min_days"
        )
    try:
        value = float(cells["value"])
    except ValueError as fault:
        raise ConfigurationError(
            f"the value {cells['value']!r} is not a number",
            where=where,
            remedy="write digits with a point for decimals, like 0.85",
        ) from fault
    try:
        valid_from = date.fromisoformat(cells["valid_from"])
    except ValueError as fault:
        raise ConfigurationError(
            f"{cells['valid_from']!r} is not a date",
            where=where,
            remedy="write the day from which the value counts, like 2026-11-01",
        ) from fault
    return Coefficient(cells["name"], value, cells["unit"], valid_from, cells["source"])


def in_force(coefficients: Iterable[Coefficient], day: date) -> list[Coefficient]:
    """The value of each name on a day: the newest that began by then, else the first of all.

    A name is never without a value: what was settled later also counts for what came before.
    """
    chosen: dict[str, Coefficient] = {}
    for one in sorted(coefficients, key=lambda c: c.valid_from):
        if one.name not in chosen or one.valid_from <= day:
            chosen[one.name] = one
    return list(chosen.values())
