"""A system of linear rows over unknowns with bounds: what all the gate computes on."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
Places = NDArray[np.int64]
"""Where something stands: unknowns, rows or entries, by their number."""
Flags = NDArray[np.bool_]


class Bounds(NamedTuple):
    """The least and the most that each unknown can be; infinite where nothing is known."""

    lower: Numbers
    upper: Numbers

    def copy(self) -> "Bounds":
        return Bounds(self.lower.copy(), self.upper.copy())


class Curve(NamedTuple):
    """Unknowns that are another one squared, or times its logarithm, for whole numbers.

    What an index says is linear in them. Both rise with the unknown that they are of.
    """

    kind: str
    """`square` or `logarithm`."""
    of: Places
    gives: Places


@dataclass(frozen=True)
class System:
    """Rows: `lower[r] <= sum of weights[e] * unknown[columns[e]] <= upper[r]`.

    The entries e of a row r are starts[r] to starts[r + 1].
    """

    starts: Places
    columns: Places
    weights: Numbers
    lower: Numbers
    upper: Numbers
    is_whole: Flags
    """Of each unknown: is it a whole number?"""
    curves: Sequence[Curve] = ()
    row_of: Places = field(init=False)
    """Of each entry, its row."""
    entry_starts: Places = field(init=False)
    entries_of: Places = field(init=False)
    """The entries of unknown u: entries_of[entry_starts[u]] to entry_starts[u + 1]."""
    on_curve: Sequence[Places] = field(init=False)
    """Of each curve: where on it an unknown stands, as root or as what it gives; or -1."""

    def __post_init__(self) -> None:
        rows = np.repeat(np.arange(len(self.lower)), np.diff(self.starts))
        counted = np.bincount(self.columns, minlength=len(self.is_whole))
        for name, value in (
            ("row_of", rows),
            ("entry_starts", np.concatenate([[0], np.cumsum(counted)])),
            ("entries_of", np.argsort(self.columns, kind="stable")),
            ("on_curve", [positions(curve, len(self.is_whole)) for curve in self.curves]),
        ):
            object.__setattr__(self, name, value)

    def rows_with(self, unknowns: Places) -> Places:
        """The rows in which one of these unknowns stands."""
        entries = self.entries_of[spread(self.entry_starts, unknowns)]
        rows: Places = np.unique(self.row_of[entries]).astype(np.int64)
        return rows


def positions(curve: Curve, unknowns: int) -> Places:
    found = np.full(unknowns, -1)
    for side in (curve.of, curve.gives):
        found[side] = np.arange(len(side))
    return found


def spread(starts: Places, chosen: Places) -> Places:
    """All that lies from starts[c] to starts[c + 1], of each of the chosen, in their order."""
    lengths = starts[chosen + 1] - starts[chosen]
    ends = np.cumsum(lengths)
    shift = starts[chosen] - (ends - lengths)
    found: Places = np.arange(ends[-1] if len(ends) else 0) + np.repeat(shift, lengths)
    return found
