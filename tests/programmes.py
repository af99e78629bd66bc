"""How far a figure reaches, by integer programmes: what several rows say only together.

A second opinion on the gate, for `make protection` and small tests: two programmes for each figure
take a hundred times longer than propagation for all, and found nothing more of those tried on 12 places. Rows far
from an unknown are left aside: what the others say of it is true of the whole.
"""

from typing import Any

import numpy as np
from scipy.optimize import Bounds as Between
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array

from flows.publication.gate.propagation import TOLERATED
from flows.publication.gate.system import Bounds, Numbers, Places, System, spread

NEAR = 2
"""The rows within so many steps of an unknown are asked."""
SECONDS = 5.0
"""A programme that takes longer says nothing: the bounds stay."""


def reach(system: System, bounds: Bounds, unknown: int, near: int = NEAR) -> tuple[float, float]:
    """The least and the most that an unknown can be; never wider than its bounds."""
    rows, columns = around(system, unknown, near)
    at = int(np.searchsorted(columns, unknown))
    found = [bounds.lower[unknown], bounds.upper[unknown]]
    for side, sign in enumerate((1.0, -1.0)):
        aim = np.zeros(len(columns))
        aim[at] = sign
        best = optimum(system, bounds, rows, columns, aim)
        if best is not None:
            best = np.ceil(best - TOLERATED) if system.is_whole[unknown] else best
            found[side] = max(found[0], best) if side == 0 else min(found[1], -best)
    return float(found[0]), float(found[1])


def around(system: System, unknown: int, near: int) -> tuple[Places, Places]:
    """The rows within some steps of an unknown, and all unknowns in them."""
    columns = np.array([unknown])
    rows = np.empty(0, dtype=np.int64)
    for _step in range(near):
        rows = system.rows_with(columns)
        columns = np.unique(np.append(system.columns[spread(system.starts, rows)], columns))
    return rows, columns


def optimum(
    system: System, bounds: Bounds, rows: Places, columns: Places, aim: Numbers
) -> float | None:
    """The least of `aim` over all worlds that fit the rows; None where it was not found."""
    entries = spread(system.starts, rows)
    lengths = system.starts[rows + 1] - system.starts[rows]
    matrix = csr_array(
        (
            system.weights[entries],
            np.searchsorted(columns, system.columns[entries]),
            np.concatenate([[0], np.cumsum(lengths)]),
        ),
        shape=(len(rows), len(columns)),
    )
    answer: Any = milp(
        aim,
        integrality=system.is_whole[columns].astype(int),
        bounds=Between(bounds.lower[columns], bounds.upper[columns]),
        constraints=LinearConstraint(matrix, system.lower[rows], system.upper[rows]),
        options={"time_limit": SECONDS},
    )
    if answer.status != 0:
        return None
    return float(answer.fun if answer.mip_dual_bound is None else answer.mip_dual_bound)
