"""The order of day, month and year in a column of dates."""

from collections import Counter
from collections.abc import Iterable, Mapping

from flows.intake.column import (
    Column,
    InDoubt,
    contradicts,
    is_slip,
    refuse_unlike_earlier,
    say,
)
from flows.intake.signs import Signs
from flows.language import N_, _
from schemas.fields import ORDERS

LETTERS = {"D": "day_first", "M": "month_first", "Y": "year_first"}
SAID = {
    "day_first": N_("day/month/year"),
    "month_first": N_("month/day/year"),
    "year_first": N_("year/month/day"),
}
ENOUGH, ENOUGH_SHARE = 2, 0.05
"""So many dates turn what would be usual: fewer may be slips."""
ENOUGH_TURNED = 3


def assumed_order(column: Column) -> str:
    """The order in which a column is read before anything of it was seen."""
    return column.declared or shown_order(column.earlier) or ORDERS[0]


def dated(signs: Signs) -> Signs:
    return Counter({sign: times for sign, times in signs.items() if sign.isupper()})


def against(signs: Signs) -> dict[str, int]:
    """Order → how many dates cannot be read so."""
    found = dated(signs)
    return {
        way: sum(times for sign, times in found.items() if letter not in sign)
        for letter, way in LETTERS.items()
    }


def possible(signs: Signs) -> list[str]:
    return [way for way, times in against(signs).items() if not times]


def shown_order(signs: Signs) -> str:
    """The one order that these dates have; empty where they settle nothing."""
    can_be = possible(signs)
    if not can_be:
        can_be = [w for w, n in against(signs).items() if is_slip(n, dated(signs).total())]
    return can_be[0] if len(can_be) == 1 else ""


def order_of(column: Column) -> str:
    own, all_of_them = against(column.seen), dated(column.seen).total()
    if column.declared:
        if not is_slip(own[column.declared], all_of_them):
            raise contradicts(column)
        return column.declared
    if are_turned(column.seen):
        raise InDoubt(
            _("a spreadsheet has turned some dates of {header} and left others as text"),
            _("export them anew without opening the file there, best as 2026-10-31"),
        )
    assumed, can_be = assumed_order(column), possible(column.seen)
    if assumed in can_be:
        is_open = len(can_be) > 1 and all_of_them
        if is_open and not possible(column.earlier) and not shown_order(column.earlier):
            raise InDoubt(
                _("earlier deliveries have {header} in two orders, and this one shows none"),
                say(column),
            )
        return assumed
    if not can_be:
        if is_slip(own[assumed], all_of_them):
            return assumed
        raise InDoubt(
            _("some dates of {header} can only be day/month/year, and some can only be otherwise"),
            _("export them all as 2026-10-31, or all as 31/10/2026"),
        )
    way = can_be[0]
    if way != column.beside:
        refuse_few(column, way, own[assumed], all_of_them)
    refuse_unlike_earlier(column, way, dated(column.earlier).total(), shown_order(column.earlier))
    return way


def are_turned(signs: Signs) -> bool:
    """Of American dates a French spreadsheet takes those for dates whose day is twelve at most."""
    settled = max(signs["D"], signs["M"])
    is_apart = not (signs["late"] or signs["DM"])
    return is_apart and min(settled, signs["early"]) >= ENOUGH_TURNED


def refuse_few(column: Column, way: str, few: int, all_of_them: int) -> None:
    if are_enough(few, all_of_them):
        return
    raise InDoubt(
        _("few dates of {header} can only be {order}, and the others could be either"),
        say(column),
        order=_(SAID[way]),
    )


def are_enough(few: int, all_of_them: int) -> bool:
    return few == all_of_them or (few >= ENOUGH and few >= ENOUGH_SHARE * all_of_them)


def proven_beside(column: Column, columns: Iterable[Column]) -> str:
    """The one order that other columns of dates prove: a tool writes all dates alike."""
    others = [o for o in columns if o is not column and o.kind in ("date", "timestamp")]
    ways = {way for way in map(proven_order, others) if way}
    return ways.pop() if len(ways) == 1 else ""


def proven_order(column: Column) -> str:
    """The order that enough dates have, and no date contradicts."""
    can_be = possible(column.seen)
    if len(can_be) != 1:
        return ""
    settling = min(times for way, times in against(column.seen).items() if way not in can_be)
    return can_be[0] if are_enough(settling, dated(column.seen).total()) else ""


def unlike_the_others(
    column: Column, way: str, decided: Mapping[str, str], columns: Mapping[str, Column]
) -> InDoubt | None:
    """A tool writes all dates alike: one that shows nothing stands beside one that is not usual."""
    if column.kind not in ("date", "timestamp") or column.declared or way != ORDERS[0]:
        return None
    is_open = dated(column.seen).total() and len(possible(column.seen)) > 1
    if not is_open or shown_order(column.earlier):
        return None
    for name, other in columns.items():
        if other.kind in ("date", "timestamp") and decided[name] != ORDERS[0]:
            return InDoubt(
                _("nothing in {header} shows its order, and {other} is {order}"),
                say(column),
                other=repr(other.header),
                order=_(SAID[decided[name]]),
            )
    return None
