"""The page for a board: one sheet of paper about one place."""

from typing import Any

from flows.language import N_
from flows.site.figures import Figures
from flows.site.parts import Maker, months_chart, targets, tiles
from flows.site.place_page import mix_of
from flows.site.read import Row

TILES, AIMS = 6, 3
"""As many as one sheet has room for."""


def council_page(place: Row, figures: Figures, make: Maker) -> dict[str, Any]:
    """The key figures, the course of the visits, who comes, and the targets."""
    words, name = make.words, str(place["nom"])
    course = figures.totals("visits", "mois")
    aims = make.release.where(
        "suivi_objectifs", portee="ensemble", niveau="lieu", territoire_id=place["lieu_id"]
    )
    return {
        "title": words.say(N_("Page for the board: {place}")).format(place=name),
        "name": name,
        "place": place,
        "href": f"lieux/{place['lieu_id']}.html",
        "tiles": tiles(make, figures, make.headline)[:TILES],
        "course": months_chart(make, course, name) if course else None,
        "mix": mix_of(make, figures, name, "persons_reached", "tranche_age"),
        "targets": targets(make, aims[:AIMS]),
        "more_targets": len(aims) > AIMS,
    }
