"""Published values that somebody chose, and those of them that are withdrawn."""

from datetime import date
from typing import NamedTuple

import duckdb
import polars as pl

from flows.errors import ConfigurationError
from flows.language import _
from flows.publication.once import same


class Chosen(NamedTuple):
    """Which published values: all, where nothing is named."""

    places: tuple[str, ...] = ()
    """Places; or territories, as the release calls them."""
    periods: tuple[str, ...] = ()
    indicators: tuple[str, ...] = ()

    def named(self) -> dict[str, tuple[str, ...]]:
        """By the column of the release that says it."""
        return {
            "territoire_id": self.places,
            "periode": self.periods,
            "indicateur_id": self.indicators,
        }


class Release(NamedTuple):
    """That in which rows appear: what it is called, and when."""

    release_id: str
    day: date


def of_place(other: str) -> str:
    """The SQL that is true where the territory of `other` has the place of a row `p` of scope."""
    return f"""p.scope_id = CASE {other}.niveau
        WHEN 'departement' THEN 'departement:' || {other}.territoire_id
        WHEN 'portefeuille' THEN 'portfolio:' || {other}.territoire_id
        WHEN 'reseau' THEN 'network'
    END"""


CHOSEN = " AND ".join(
    f"(len(${name}) = 0 OR list_contains(${name}, v.{name}))" for name in Chosen().named()
)
WITHDRAWN = f"""
    SELECT v.* REPLACE (
        CAST(NULL AS DOUBLE) AS valeur, CAST(NULL AS DOUBLE) AS valeur_min,
        CAST(NULL AS DOUBLE) AS valeur_max, CAST(NULL AS VARCHAR) AS affichage,
        CAST(NULL AS DECIMAL(5, 2)) AS part_observee, 'retiree' AS diffusion,
        'Retiré après sa parution : ' || $reason AS motif,
        $release_id AS publication_id, $day AS publiee_le,
        v.revision + 1 AS revision, $reason AS reason, FALSE AS is_forced
    )
    FROM standing_value AS v
    WHERE v.diffusion <> 'retiree' AND {CHOSEN}
        AND EXISTS (FROM standing_value AS o WHERE {same("o")} AND o.affichage IS NOT NULL)
"""
"""A table goes as a whole: which of its cells went would say something of the others. One of which
nothing was ever shown stays."""
BESIDE = f"""
    SELECT DISTINCT o.indicateur_id, o.territoire_id, o.periode
    FROM standing_value AS o
    INNER JOIN revised AS w
        ON o.indicateur_id = w.indicateur_id AND o.debut <= w.debut AND o.fin >= w.fin
    LEFT JOIN core.scope AS p
        ON w.niveau = 'lieu' AND p.place_id = w.territoire_id AND {of_place("o")}
    WHERE o.diffusion <> 'retiree' AND o.affichage IS NOT NULL
        AND (p.place_id IS NOT NULL OR o.niveau = w.niveau AND o.territoire_id = w.territoire_id)
        AND NOT EXISTS (FROM revised AS v WHERE {same("o")})
    ORDER BY ALL
"""
"""Of the same indicator: longer periods, and territories of the place."""


def withdrawn(
    connection: duckdb.DuckDBPyConnection, chosen: Chosen, reason: str, release: Release
) -> pl.DataFrame:
    """The rows of `ledger.published_value` that stand from now on for the chosen ones, and say why.

    Raises ConfigurationError where none of them is published.
    """
    refuse_unknown(connection, chosen)
    rows = connection.execute(
        WITHDRAWN, {**lists(chosen), **release._asdict(), "reason": reason}
    ).pl()
    if rows.is_empty():
        raise ConfigurationError(
            _("nothing is published there, or it is withdrawn already"),
            where=", ".join(name for names in chosen for name in names),
            remedy=_("look into the table valeurs: what was published has a day in publiee_le"),
        )
    return rows


def standing_beside(connection: duckdb.DuckDBPyConnection, rows: pl.DataFrame) -> pl.DataFrame:
    """Indicator, territory and period of what stands and is made from what these rows are of."""
    connection.register("revised", rows.to_arrow())
    found = connection.execute(BESIDE).pl()
    connection.unregister("revised")
    return found


def refuse_unknown(connection: duckdb.DuckDBPyConnection, chosen: Chosen) -> None:
    """Raises ConfigurationError for a name that no published value has."""
    for column, names in chosen.named().items():
        rows = connection.execute(f"SELECT DISTINCT {column} FROM standing_value ORDER BY ALL")
        known = [name for (name,) in rows.fetchall()]
        if strange := [name for name in names if name not in known]:
            raise ConfigurationError(
                _("nothing was published of it"),
                where=", ".join(strange),
                remedy=_("known are: {known}").format(known=", ".join(known) or "–"),
            )


def lists(chosen: Chosen) -> dict[str, list[str]]:
    return {column: [*names] for column, names in chosen.named().items()}
