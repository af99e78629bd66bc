"""Draw bounds tighter by every row of a system, until nothing moves.

Each row says of each of its unknowns what the others leave it. Whole numbers are rounded inwards.
No world that fits all rows is lost, so what is told exactly is exact; a figure may be told more
narrowly still by rows taken together (see `tests/programmes.py`).
"""

import numpy as np

from flows.publication.gate.system import Bounds, Numbers, Places, System, spread

TOLERATED = 1e-6
"""Sums of real numbers are so wide off at most."""
WORTH_IT = 1e-3
"""A real number's bound moves when it moves by so much of what is left: else it moves for ever."""
MOST_ROUNDS = 200
NEWTON_STEPS = 12


def propagate(system: System, bounds: Bounds) -> Bounds:
    """The bounds to which all rows lead.

    A row that no world within the bounds fits is not believed: figures that were published at
    different times need not be of one world.
    """
    found = bounds.copy()
    follow_curves(system, found, np.arange(len(system.is_whole)))
    go_on(system, found, np.arange(len(system.lower)))
    return found


def go_on(system: System, found: Bounds, rows: Places) -> Places:
    """Narrow `found` itself from some rows on; the unknowns whose bounds moved."""
    all_moved = [np.empty(0, dtype=np.int64)]
    for _round in range(MOST_ROUNDS):
        moved = tighten(system, found, rows)
        moved = np.union1d(moved, follow_curves(system, found, moved))
        if not len(moved):
            break
        all_moved.append(moved)
        rows = system.rows_with(moved)
    return np.unique(np.concatenate(all_moved))


def tighten(system: System, found: Bounds, rows: Places) -> Places:
    """Narrow `found` by what each of the rows says alone; the unknowns whose bounds moved."""
    entries = spread(system.starts, rows)
    if not len(entries):
        return entries
    columns, weights = system.columns[entries], system.weights[entries]
    lengths = system.starts[rows + 1] - system.starts[rows]
    lower, upper = found.lower[columns], found.upper[columns]
    is_positive = weights > 0
    least = weights * np.where(is_positive, lower, upper)
    most = weights * np.where(is_positive, upper, lower)
    row_least, rest_least = sums_of_others(least, lengths)
    row_most, rest_most = sums_of_others(most, lengths)
    fits = (row_least <= system.upper[rows] + TOLERATED) & (
        row_most >= system.lower[rows] - TOLERATED
    )
    # what the others leave: weight * unknown lies between them
    bottom = np.repeat(system.lower[rows], lengths) - rest_most
    top = np.repeat(system.upper[rows], lengths) - rest_least
    at_least = np.where(is_positive, bottom, top) / weights
    at_most = np.where(is_positive, top, bottom) / weights
    holds = np.repeat(fits, lengths) & (at_least <= upper + TOLERATED)
    holds &= at_most >= lower - TOLERATED
    return narrow(system, found, columns[holds], at_least[holds], at_most[holds])


def sums_of_others(parts: Numbers, lengths: Places) -> tuple[Numbers, Numbers]:
    """The sum of each row, and for each entry that of the others of its row.

    Infinite parts are counted apart: infinity less infinity is no number.
    """
    starts = np.cumsum(lengths) - lengths
    infinite = np.isinf(parts)
    finite = np.where(infinite, 0.0, parts)
    sums = np.add.reduceat(finite, starts)
    counts = np.add.reduceat(infinite.astype(np.int64), starts)
    signs = np.add.reduceat(np.where(infinite, np.sign(parts), 0.0), starts)
    endless = np.where(signs > 0, np.inf, -np.inf)  # all infinite parts of a sum have one sign
    whole = np.where(counts > 0, endless, sums)
    others_infinite = np.repeat(counts, lengths) - infinite
    rest = np.repeat(sums, lengths) - finite
    return whole, np.where(others_infinite > 0, np.repeat(endless, lengths), rest)


def narrow(
    system: System, found: Bounds, unknowns: Places, at_least: Numbers, at_most: Numbers
) -> Places:
    """Apply what is said of unknowns, several times of one perhaps; those that moved."""
    whole = system.is_whole[unknowns]
    at_least = np.where(whole, np.ceil(at_least - TOLERATED), at_least)
    at_most = np.where(whole, np.floor(at_most + TOLERATED), at_most)
    lower, upper = found.lower[unknowns], found.upper[unknowns]
    with np.errstate(invalid="ignore"):  # infinity less infinity: nothing is known yet
        step = np.where(whole, 0.5, np.maximum(TOLERATED, WORTH_IT * (upper - lower)))
    step = np.where(np.isfinite(step), step, 0.0)
    rises, falls = at_least > lower + step, at_most < upper - step
    new_lower, new_upper = unknowns[rises], unknowns[falls]
    before = Bounds(found.lower[new_lower], found.upper[new_upper])
    np.maximum.at(found.lower, new_lower, at_least[rises])
    np.minimum.at(found.upper, new_upper, at_most[falls])
    moved = np.unique(np.concatenate([new_lower, new_upper]))
    # two rows that contradict each other: neither is believed of this unknown
    if (found.lower[moved] > found.upper[moved] + TOLERATED).any():
        crossed = found.lower > found.upper + TOLERATED
        back = crossed[new_lower]
        found.lower[new_lower[back]] = before.lower[back]
        back = crossed[new_upper]
        found.upper[new_upper[back]] = before.upper[back]
        moved = moved[~crossed[moved]]
    return moved


def follow_curves(system: System, found: Bounds, moved: Places) -> Places:
    """Bounds of what is squared, or multiplied with its logarithm, and of its root, where either
    moved; those that move then.
    """
    then = [np.empty(0, dtype=np.int64)]
    for curve, position in zip(system.curves, system.on_curve, strict=True):
        on_it = position[moved]
        on_it = np.unique(on_it[on_it >= 0])
        of, gives = curve.of[on_it], curve.gives[on_it]
        low, high = (height(curve.kind, side[of]) for side in found)
        then.append(narrow(system, found, gives, low, high))
        low = root(curve.kind, found.lower[gives], up=True)
        high = root(curve.kind, found.upper[gives], up=False)
        then.append(narrow(system, found, of, low, high))
    return np.unique(np.concatenate(then))


def height(kind: str, number: Numbers) -> Numbers:
    """What a curve gives of numbers, which are whole and not below 0."""
    if kind == "square":
        return np.square(number)
    return np.where(number > 1, number * np.log(np.maximum(number, 1)), 0.0)


def root(kind: str, value: Numbers, *, up: bool) -> Numbers:
    """The least whole number that a curve takes to the value or above; or the most to below."""
    value = np.maximum(value, 0.0)
    if kind == "square":
        return np.ceil(np.sqrt(value) - TOLERATED) if up else np.floor(np.sqrt(value) + TOLERATED)
    finite = np.where(np.isfinite(value), value, 0.0)
    guess = np.maximum(finite, 2.0)
    for _step in range(NEWTON_STEPS):  # of n ln n = value, from above
        guess = np.maximum((guess + finite) / (np.log(guess) + 1), 1.0)
    found = np.ceil(guess - TOLERATED) if up else np.floor(guess + TOLERATED)
    # of 0 and of 1 it is 0 alike
    found = np.where(value <= TOLERATED, 0.0 if up else 1.0, found)
    return np.where(np.isfinite(value), found, np.inf)
