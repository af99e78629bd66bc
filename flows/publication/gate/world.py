"""All that an outsider knows of one release, put together: unknowns, relations, bounds."""

from typing import NamedTuple

import numpy as np
import polars as pl

from flows.publication.gate.cells import KEY, Published, read_values, unknowns
from flows.publication.gate.indices import index_rows
from flows.publication.gate.known import RELATED
from flows.publication.gate.relations import (
    ENDLESS,
    categories,
    places,
    quotients,
    related_rows,
    system_of,
    times,
)
from flows.publication.gate.system import Bounds, System

KEPT = (
    "unknown", *KEY, "level", "lower", "upper", "grain", "limit", "is_published", "is_open",
    "stands",
)  # fmt: skip
"""What is asked of an unknown once it is tied: the rest takes half of the memory."""


class World(NamedTuple):
    """What is not known, and what is known of it."""

    unknowns: pl.DataFrame
    """The first unknowns of the system, in its order; curves come after them."""
    system: System
    bounds: Bounds
    """What the release says of each unknown alone."""


def world_of(published: Published) -> World:
    """Tie all unknowns of a release to each other."""
    found = unknowns(published)
    values = read_values(published.values)
    more, curves, of_indices = index_rows(found, values)
    frames = [
        *categories(found),
        *places(found, published.members),
        *times(found),
        *quotients(found, values),
        *(frame for related in RELATED for frame in related_rows(found, related)),
        *of_indices,
    ]
    whole = found["is_whole"].to_numpy()
    lower, upper = found["lower"].to_numpy(), found["upper"].to_numpy()
    lower = np.where(whole, np.ceil(lower - 1e-6), lower)
    upper = np.where(whole, np.floor(upper + 1e-6), upper)
    bounds = Bounds(
        np.concatenate([lower, np.zeros(more)]), np.concatenate([upper, np.full(more, ENDLESS)])
    )
    is_whole = np.concatenate([whole, np.zeros(more, dtype=bool)])
    return World(found.select(KEPT), system_of(frames, is_whole, curves), bounds)
