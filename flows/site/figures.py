"""Figures as the release has them, and how those of one territory are looked up."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cached_property
from typing import NamedTuple

from flows.site.signs import beside, instead


class Figure(NamedTuple):
    """One row of `valeurs`."""

    indicator: str
    level: str
    territory: str
    kind: str
    """`mois`, `annee` or `convention`."""
    period: str
    start: date
    end: date
    breakdown: str
    category: str
    value: float | None
    least: float | None
    most: float | None
    shown: str | None
    diffusion: str
    state: str
    status: str
    reason: str | None
    revision: int
    """How often it was another before."""

    @property
    def families(self) -> list[str]:
        """Of the signs that stand beside it, or in its place."""
        if self.shown is None:
            return [instead(self.diffusion, self.status)]
        return beside(
            self.diffusion, self.state, self.status, self.shown, self.reason, self.revision
        )


COLUMNS = """
    indicateur_id, niveau, territoire_id, granularite, periode, debut, fin, ventilation, modalite,
    valeur, valeur_min, valeur_max, affichage, diffusion, etat, statut, motif
"""
"""Of `valeurs`, in the order of a Figure; after them comes `revision`, where there is one."""


class Figures:
    """The figures of one territory, each at most once."""

    def __init__(self, rows: Iterable[Figure]) -> None:
        self.rows = [*rows]
        self.at = {(f.indicator, f.kind, f.breakdown, f.category, f.period): f for f in self.rows}

    def total(self, indicator: str, kind: str, period: str) -> Figure | None:
        return self.at.get((indicator, kind, "ensemble", "ensemble", period))

    @cached_property
    def series(self) -> dict[tuple[str, str], list[Figure]]:
        """(Indicator, kind of period) → its totals, the oldest first."""
        found: dict[tuple[str, str], list[Figure]] = {}
        for figure in self.rows:
            if figure.breakdown == "ensemble":
                found.setdefault((figure.indicator, figure.kind), []).append(figure)
        for totals in found.values():
            totals.sort(key=lambda figure: figure.start)
        return found

    def totals(self, indicator: str, kind: str) -> list[Figure]:
        return self.series.get((indicator, kind), [])

    def parts(self, indicator: str, breakdown: str, period: str) -> list[Figure]:
        """The categories of a year."""
        return [
            f for f in self.rows
            if (f.indicator, f.kind, f.breakdown, f.period)
            == (indicator, "annee", breakdown, period)
        ]  # fmt: skip


def is_shown(figures: Sequence[Figure]) -> bool:
    return any(figure.shown is not None for figure in figures)


def change(before: Figure | None, now: Figure) -> str:
    """`up`, `down` or `same`, where the bounds of both prove it; else nothing."""
    if before is None or None in (before.value, before.most, now.value, now.most):
        return ""
    if float(now.least or 0) > float(before.most or 0):
        return "up"
    if float(now.most or 0) < float(before.least or 0):
        return "down"
    return "same"
