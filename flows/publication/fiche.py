"""The exact figures of one place, for that place alone: what its two files are made of.

They come from the preview, in the codes and labels of the release, running periods included.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
import polars as pl

from flows.errors import ConfigurationError
from flows.language import _
from flows.publication.query import LOCKED_DOWN
from flows.settings import Settings
from flows.spelling import did_you_mean

MARK = "Ne pas diffuser"
FOR_WHOM = "Chiffres exacts de {place}, pour ce lieu seul : ils ne sont pas protégés par le secret."
PLACES = "SELECT lieu_id, nom, commune, ouvert_le, ferme_le FROM lieux ORDER BY lieu_id"
FIGURES = """
    SELECT d.libelle AS domaine, i.libelle AS indicateur, i.indicateur_id, u.libelle AS unite,
           i.unite AS unite_code, i.phare, g.libelle AS granularite, v.periode, v.debut, v.fin,
           NOT v.terminee AS en_cours, c.libelle AS caracteristique, v.ventilation,
           coalesce(m.libelle, v.modalite) AS detail, v.modalite,
           v.valeur_en_cours AS valeur, s.libelle AS statut,
           v.statut IN ('ok', 'identified_per_source') AS est_complete,
           v.completude, v.motif, v.numerateur, v.denominateur, v.personnes
    FROM valeurs AS v
    JOIN indicateurs AS i USING (indicateur_id)
    JOIN libelles AS d ON d.liste = 'domaine' AND d.code = i.domaine
    JOIN libelles AS u ON u.liste = 'unite' AND u.code = i.unite
    JOIN libelles AS g ON g.liste = 'granularite' AND g.code = v.granularite
    JOIN libelles AS c ON c.liste = 'ventilation' AND c.code = v.ventilation
    JOIN libelles AS s ON s.liste = 'statut' AND s.code = v.statut
    LEFT JOIN libelles AS m ON m.liste = v.ventilation AND m.code = v.modalite
    WHERE v.niveau = 'lieu' AND v.territoire_id = ?
        AND v.statut NOT IN ('not_open', 'not_applicable', 'closed')
    ORDER BY d.rang, i.libelle, c.rang, m.rang, v.debut, v.fin DESC
"""
"""What does not concern the place at all has no row: a service that it does not offer."""


@dataclass(frozen=True)
class Fiche:
    """A place and all its figures: one row an indicator, period and category."""

    place_id: str
    name: str
    commune: str
    computed_at: datetime
    figures: pl.DataFrame

    @property
    def for_whom(self) -> str:
        return FOR_WHOM.format(place=self.name)


def read_fiche(settings: Settings, place_id: str) -> Fiche:
    """Raises ConfigurationError for a place that no run has seen, with the nearest one."""
    if not settings.preview.exists():
        raise ConfigurationError(
            _("nothing was computed yet"), where=str(settings.preview), remedy=_("run `impact run`")
        )
    try:
        with contextlib.closing(
            duckdb.connect(str(settings.preview), read_only=True, config=LOCKED_DOWN)
        ) as preview:
            name, commune = place_in(preview, place_id)
            [(computed_at,)] = preview.execute("SELECT calculee_au FROM publication").fetchall()
            figures = preview.execute(FIGURES, [place_id]).pl()
    except (duckdb.Error, ValueError) as fault:
        raise ConfigurationError(
            _("the preview is damaged, or of an earlier version of this program"),
            where=str(settings.preview),
            remedy=_("run `impact run --again recompute`"),
        ) from fault
    return Fiche(place_id, name, commune or "", computed_at, figures)


def place_in(preview: duckdb.DuckDBPyConnection, place_id: str) -> tuple[str, str]:
    """Name and commune of a place."""
    places = {row[0]: row for row in preview.execute(PLACES).fetchall()}
    if place_id not in places:
        raise ConfigurationError(
            _("no run has seen a place called {place_id!r}").format(place_id=place_id),
            remedy=did_you_mean(
                place_id, places, _("they are: {known}").format(known=", ".join(places))
            ),
        )
    return places[place_id][1], places[place_id][2]


def last_periods(figures: pl.DataFrame, kind: str, count: int) -> list[tuple[str, date, bool]]:
    """Code, first day and whether it runs, of the last periods of a length; the latest last."""
    found = (
        figures.filter(pl.col("granularite") == kind)
        .select("periode", "debut", "en_cours")
        .unique()
        .sort("debut")
    )
    return [(code, day, runs) for code, day, runs in found.tail(count).iter_rows()]


def by_period(rows: pl.DataFrame, periods: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Of one line of a table: period → its figure."""
    return {row["periode"]: row for row in rows.iter_rows(named=True) if row["periode"] in periods}


def instead(row: dict[str, Any]) -> str:
    """What stands where there is no value."""
    if row["en_cours"]:
        return "pas encore"
    return "non défini" if row["est_complete"] else str(row["statut"]).lower()


def unit_of(row: dict[str, Any]) -> str:
    """The label of its unit; a share is shown per cent."""
    return "part, en %" if row["unite_code"] == "share" else str(row["unite"])
