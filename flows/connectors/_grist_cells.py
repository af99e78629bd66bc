"""Cells of Grist as people see them, and what people see as Grist compares it."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from flows.connectors._journal import Answer
from flows.connectors._json import KNOWN_BY_ID, BadCell, records_of
from flows.errors import BatchRefused
from flows.language import _

HELPER = "gristHelper_"
LISTS = ("ChoiceList", "RefList")
NUMBERS = ("Int", "Numeric")


@dataclass(frozen=True)
class Column:
    """What /columns tells of one; `shown_by` is the hidden column with the words of a reference."""

    kind: str = ""
    is_formula: bool = False
    shown_by: str = ""


def columns_of(answer: Answer, name: str) -> dict[str, Column]:
    """By its identifier; raises BatchRefused for an answer of another form.

    Answers that were recorded before more was asked for tell the types alone.
    """
    told = records_of(answer, "columns", name, KNOWN_BY_ID)
    try:
        fields = {str(column["id"]): column["fields"] for column in told}
        names = {of.get("colRef"): name for name, of in fields.items()}
        return {
            name: Column(
                kind=str(of["type"]),
                is_formula=bool(of.get("isFormula")),
                shown_by=names.get(of.get("displayCol"), "") if of.get("displayCol") else "",
            )
            for name, of in fields.items()
        }
    except (KeyError, TypeError, AttributeError):
        raise BatchRefused(
            _("a column of the answer has no `id` and `type`"),
            where=name,
            remedy=_("the system has changed: the connector has to be adapted"),
        ) from None


def plain(cell: Any, column: Column, header: str) -> Any:
    """A cell as a spreadsheet would show it; raises BadCell for what is none.

    A number that nobody filled is 0, and so is a reference to nothing: both are empty. In a column
    of formulas 0 was computed.
    """
    kind = column.kind
    if isinstance(cell, str):
        if kind.startswith(LISTS) and cell.startswith("["):
            return plain(["L", *json.loads(cell)], column, header)
        return cell
    if isinstance(cell, list | dict):
        return plain_object(cell, header)
    if cell is None or isinstance(cell, bool):
        return cell
    if not cell and (kind.startswith("Ref:") or (kind in NUMBERS and not column.is_formula)):
        return None
    if kind == "Date":
        return day(cell)
    return instant(cell) if kind.startswith("DateTime") else cell


def plain_object(cell: Any, header: str) -> Any:
    """A cell that tells its own kind by a letter, as all do in a column of type Any."""
    try:
        match cell:
            case ["L", *parts]:
                return listed(parts, header)
            case ["d", int() | float() as seconds]:
                return day(seconds)
            case ["D", int() | float() as seconds, str()]:
                return instant(seconds)
            case ["R", str(), int() as number]:
                return number or None
            case ["r", str(), list() as numbers]:
                return listed(numbers, header)
            case ["E", *_rest]:
                raise BadCell("failed_formula", header)
            case ["C"]:
                raise BadCell("hidden_cell", header)
    except (OverflowError, OSError):
        pass
    raise BadCell("unreadable_cell", header)


def listed(parts: list[Any], header: str) -> str:
    return ", ".join(str(plain(part, Column(), header)) for part in parts)


def day(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()


def instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def asked_values(name: str, column: Column, values: list[Any]) -> tuple[str, list[Any]]:
    """The column and the values to compare; raises ValueError for what could find nothing.

    Grist compares what it keeps, and not what people see: the number of a row, seconds.
    """
    kind = column.kind
    are_texts = {isinstance(value, str) for value in values}
    if kind.startswith(LISTS):
        raise ValueError(_("{name!r} holds lists, which Grist does not filter").format(name=name))
    if kind in ("Any", "Id") or not values:
        return name, values
    if are_texts == {True} and column.shown_by:
        return column.shown_by, values
    if are_texts == {True} and kind == "Date":
        return name, [seconds_of(name, text) for text in values]
    if are_texts == {kind in ("Text", "Choice")}:
        return name, values
    raise ValueError(
        _("what the filter asks of {name!r} is never equal to a {kind}").format(
            name=name, kind=kind.partition(":")[0]
        )
    )


def seconds_of(name: str, text: str) -> int:
    try:
        midnight = datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)
    except ValueError:
        raise ValueError(
            _("what the filter asks of {name!r} is no day: write 2026-10-05").format(name=name)
        ) from None
    return int(midnight.timestamp())
