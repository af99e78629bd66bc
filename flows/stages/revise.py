"""Published values that the records of now say otherwise, and their revision."""

import polars as pl

from flows.publication import once
from flows.publication.release import drawing
from flows.publication.revision import outside
from flows.settings import Settings

SHOWN = ("indicateur_id", "territoire_id", "periode")


def differing(settings: Settings) -> pl.DataFrame:
    """Indicator, territory and period of published values that are others by the records of now."""
    with drawing(settings) as connection:
        once.draw_figures(connection, settings.sql)
        once.let_stand(connection, settings.sql)
        return outside(connection).select(SHOWN).unique(maintain_order=True)
