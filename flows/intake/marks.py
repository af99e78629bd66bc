"""The decimal mark of a column of numbers, and what parts its thousands."""

from flows.intake.column import Column, InDoubt, contradicts, refuse_unlike_earlier, say
from flows.intake.signs import Signs
from flows.language import _
from schemas.fields import MARKS


def assumed_mark(column: Column) -> str:
    """The mark with which a column is read before anything of it was seen."""
    return column.declared or shown_mark(column.earlier) or usual_mark(column)


def usual_mark(column: Column) -> str:
    is_typed = not column.is_text and column.kind != "integer"
    return MARKS[1] if is_typed else MARKS[0]


def mark_counts(column: Column, signs: Signs) -> tuple[int, int]:
    """Numbers with a decimal comma, and with a decimal point where somebody wrote it."""
    points = signs["POINT"] + (signs["point"] if column.is_text else 0)
    return signs["COMMA"] + signs["comma"], points


def shown_mark(signs: Signs) -> str:
    commas, points = signs["COMMA"] + signs["comma"], signs["POINT"] + signs["point"]
    if bool(commas) == bool(points):
        return ""
    return MARKS[0] if commas else MARKS[1]


def mark_of(column: Column) -> str:
    seen = column.seen
    commas, points = mark_counts(column, seen)
    if not (seen["COMMA"] or seen["POINT"] or seen["one,"] or seen["one."]):
        return column.way  # nothing depends on it
    if column.declared:
        own, other = (commas, points) if column.declared == MARKS[0] else (points, commas)
        if other > own:
            raise contradicts(column)
        return column.declared
    if (commas and points) or (not commas and not points and seen["one,"] and seen["one."]):
        raise InDoubt(
            _("the numbers of {header} have groups parted by points and by commas"),
            _("write them without marks, such as 2000 and 12,5"),
        )
    own_mark = MARKS[0] if commas else MARKS[1] if points else ""
    if not own_mark and column.kind == "integer" and seen["one,"] and seen["plain"]:
        own_mark = MARKS[1]
    if own_mark:
        earlier = column.earlier["one,"] + column.earlier["one."]
        if own_mark != usual_mark(column):
            refuse_unlike_earlier(column, own_mark, earlier, shown_mark(column.earlier))
        return own_mark
    if shown := shown_mark(column.earlier):
        return shown
    if any(mark_counts(column, column.earlier)) or (column.kind == "integer" and seen["one,"]):
        raise InDoubt(
            _("the numbers of {header} could be thousands, or have decimals"), say(column)
        )
    return usual_mark(column)
