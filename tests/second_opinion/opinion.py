"""The second opinion on all figures of a world, in the columns that the product gives."""

from collections.abc import Callable
from functools import cache, partial
from typing import Any

from tests.second_opinion import (
    opinion_cohesion,
    opinion_economy,
    opinion_help,
    opinion_ties,
    opinion_work,
)
from tests.second_opinion.ground import Cell, Cells, Ground, Period
from tests.second_opinion.opinion_status import Coverage, Statuses, Traits, traits
from tests.second_opinion.world import World

OPINIONS: dict[str, Callable[[Ground], Cells]] = {
    **opinion_cohesion.OPINIONS,
    **opinion_help.OPINIONS,
    **opinion_ties.OPINIONS,
    **opinion_work.OPINIONS,
    **opinion_economy.OPINIONS,
}
Values = dict[tuple[str, str, str, str, str], tuple[Any, ...]]


def judge(world: World, indicators: dict[str, Traits]) -> Values:
    """Indicator, scope, period, breakdown, category → numerator, denominator, value and so on."""
    ground = Ground(world)
    judged = cache(partial(Statuses, Coverage(ground)))
    found: Values = {}
    for id, of in indicators.items():
        cells, statuses = OPINIONS[id](ground), judged(of.needs)
        for scope, (kind, places) in ground.scopes.items():
            for period in ground.periods:
                if kind not in of.scopes or period.kind not in of.periods:
                    continue
                said = (*lost_of(statuses, places, period), statuses.status(places, period))
                total = (scope, period.id, "all", "all")
                found[(id, *total)] = columns(cells.get(total), of, said)
        for key, cell in cells.items():
            if key[2] != "all" and (id, *key[:2], "all", "all") in found:
                said = found[(id, *key[:2], "all", "all")][-3:]
                found[(id, *key)] = columns(cell, of, said)
    return found


def lost_of(
    statuses: Statuses, places: frozenset[str], period: Period
) -> tuple[float | None, float | None]:
    """How many rows were lost, and which share of all that is."""
    lost = statuses.lost(places, period)
    return (float(lost.rows), lost.share) if lost else (None, None)


def columns(cell: Cell | None, of: Traits, said: tuple[Any, ...]) -> tuple[Any, ...]:
    """Without a record a total is zero, a quotient is nothing; without proof there is no value."""
    status = said[-1]
    if cell is None:
        value = None if of.is_quotient else 0.0
        return (0.0, None, value if is_sure(status) else None, 0, None, *said)
    is_whole = cell.denominator is None and not of.is_quotient
    value = cell.numerator if is_whole else divided(cell.numerator, cell.denominator)
    base = cell.numerator if cell.denominator is None else cell.denominator
    seen = divided(cell.observed, base)
    value = value if is_sure(status) else None
    return (cell.numerator, cell.denominator, value, cell.persons, seen, *said)


def is_sure(status: str) -> bool:
    return status in ("ok", "identified_per_source")


def divided(part: float | None, whole: float | None) -> float | None:
    return None if part is None or not whole else part / whole


def indicators(ids: set[str]) -> dict[str, Traits]:
    return {id: traits(id) for id in sorted(ids)}
