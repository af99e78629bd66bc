"""Coefficients: figures that no SQL holds, each with unit, date and source."""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.errors import ConfigurationError, reason
from flows.language import _

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
                    _("the columns are: {columns}").format(
                        columns=", ".join(reader.fieldnames or ["–"])
                    ),
                    where=_("{file}, line {number}").format(file=file, number=1),
                    remedy=_("write {columns}").format(columns=",".join(COLUMNS)),
                )
            found: dict[tuple[str, date], Coefficient] = {}
            for row in reader:
                where = _("{file}, line {number}").format(file=file, number=reader.line_num)
                one = coefficient(row, where)
                if (one.name, one.valid_from) in found:
                    raise ConfigurationError(
                        _("{name} has two values from {day} on").format(
                            name=one.name, day=one.valid_from
                        ),
                        where=where,
                        remedy=_("keep one, or give the newer its own date"),
                    )
                found[one.name, one.valid_from] = one
    except (OSError, UnicodeDecodeError) as fault:
        why = reason(fault) if isinstance(fault, OSError) else _("it is not in UTF-8")
        raise ConfigurationError(
            _("the file cannot be read: {reason}").format(reason=why),
            where=str(file),
            remedy=_("put it back"),
        ) from fault
    return list(found.values())


def coefficient(row: dict[str, str], where: str) -> Coefficient:
    """One line, judged; raises ConfigurationError for what is not right in it."""
    cells = {name: (row.get(name) or "").strip() for name in COLUMNS}
    if None in row:
        raise ConfigurationError(
            _("the line has more than {count} cells").format(count=len(COLUMNS)),
            where=where,
            remedy=_('put text that has a comma between "quotation marks"'),
        )
    for name, cell in cells.items():
        if not cell:
            raise ConfigurationError(
                _("{coefficient} has no {column}").format(
                    coefficient=cells["name"] or _("the line"), column=name
                ),
                where=where,
                remedy=_(
                    "write its {column}: every coefficient has value, unit, date and source"
                ).format(column=name),
            )
    if not re.fullmatch(r"[a-z][a-z0-9_]*", cells["name"]):
        raise ConfigurationError(
            _("{name!r} is not a name").format(name=cells["name"]),
            where=where,
            remedy=_("write it like tie_min_days"),
        )
    try:
        value = float(cells["value"])
    except ValueError as fault:
        raise ConfigurationError(
            _("the value {value!r} is not a number").format(value=cells["value"]),
            where=where,
            remedy=_("write digits with a point for decimals, like 0.85"),
        ) from fault
    try:
        valid_from = date.fromisoformat(cells["valid_from"])
    except ValueError as fault:
        raise ConfigurationError(
            _("{text!r} is not a date").format(text=cells["valid_from"]),
            where=where,
            remedy=_("write the day from which the value counts, like 2026-11-01"),
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
